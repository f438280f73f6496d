/**
 * The images as they are given to a cluster: made once, looked into, and run as a cluster runs them, in a network of
 * their own: on a read-only root, the hub as its own user with no capability, the worker with NET_RAW alone.
 * Needs root on Linux; skipped elsewhere.
 */

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCredentials } from '../../deploy/credentials.ts';
import type { RunConfig } from '../../deploy/images/config.ts';
import { runConfig } from '../../deploy/images/config.ts';
import { buildArchives } from '../../deploy/images/images.ts';
import type { Component } from '../../deploy/names.ts';
import type { Flow } from '../../flow/flow.ts';

const MiB = 2 ** 20;
const repository = fileURLToPath(new URL('../..', import.meta.url));
const skipped = reasonToSkip();

function reasonToSkip(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'not root on Linux';
  const succeeds = (command: string) => spawnSync('sh', ['-c', command]).status === 0;
  const missing = ['ip', 'unshare', 'setpriv', 'chroot', 'tar', 'ldd'].filter(
    (name) => !succeeds(`command -v ${name}`),
  );
  if (missing.length > 0) return `no ${missing.join(', ')}`;
  if (!succeeds('unshare --mount --net true')) return 'no namespaces may be made here';
  if (!existsSync(join(repository, 'dist/ui'))) return 'the page is not built: npm run build:ui';
  return undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: what is looked at is JSON of many shapes
type Json = any;

/** An image, unpacked. */
interface Unpacked {
  index: Json;
  manifest: Json;
  config: Json & { config: RunConfig };
  blob(digest: string): string;
  /** The root of its file system. */
  root: string;
}

describe.skipIf(skipped !== undefined)(
  `images${skipped === undefined ? '' : ` (skipped: ${skipped})`}`,
  () => {
    let workspace: string;
    let images: Record<Component, Unpacked>;

    beforeAll(async () => {
      workspace = mkdtempSync(join(tmpdir(), 'remora-images-test-'));
      const image = {
        registry: 'registry.example/team',
        repositoryHub: 'hub',
        repositoryWorker: 'worker',
        tag: '7',
      };
      const files = await buildArchives(
        { repository, image, created: new Date(0) },
        join(workspace, 'archives'),
      );
      images = { hub: unpack(files[0], 'hub'), worker: unpack(files[1], 'worker') };
    });
    afterAll(() => rmSync(workspace, { recursive: true, force: true }));

    function unpack(archive: string, component: Component): Unpacked {
      const layout = join(workspace, component);
      const root = join(workspace, `${component}-root`);
      mkdirSync(layout);
      mkdirSync(root);
      execFileSync('tar', ['-xf', archive, '-C', layout]);
      const blob = (digest: string) => join(layout, 'blobs', digest.replace(':', '/'));
      const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
      const index = json(join(layout, 'index.json'));
      const manifest = json(blob(index.manifests[0].digest));
      for (const { digest } of manifest.layers) {
        execFileSync('tar', ['--numeric-owner', '-xpzf', blob(digest), '-C', root]);
      }
      return { index, manifest, config: json(blob(manifest.config.digest)), blob, root };
    }

    describe.each<Component>(['hub', 'worker'])('%s', (component) => {
      test('is an OCI image layout whose digests and sizes are true', () => {
        const { index, manifest, config, blob } = images[component];
        expect(readFileSync(join(workspace, component, 'oci-layout'), 'utf8')).toBe(
          '{"imageLayoutVersion":"1.0.0"}',
        );
        expect(index.manifests).toHaveLength(1);
        for (const { digest, size } of [...index.manifests, manifest.config, ...manifest.layers]) {
          const content = readFileSync(blob(digest));
          expect(content.length).toBe(size);
          expect(`sha256:${createHash('sha256').update(content).digest('hex')}`).toBe(digest);
        }
        const diffIds = manifest.layers.map(({ digest }: Json) => {
          const tar = gunzipSync(readFileSync(blob(digest)));
          return `sha256:${createHash('sha256').update(tar).digest('hex')}`;
        });
        expect(config.rootfs).toEqual({ type: 'layers', diff_ids: diffIds });
      });

      test('has its name, its platform, and what to run', () => {
        const { index, config } = images[component];
        const architecture = process.arch === 'x64' ? 'amd64' : 'arm64';
        expect(index.manifests[0].platform).toEqual({ architecture, os: 'linux' });
        expect(index.manifests[0].annotations['io.containerd.image.name']).toBe(
          `registry.example/team/${component}:7`,
        );
        expect(config).toMatchObject({ architecture, os: 'linux', created: '1970-01-01T00:00:00.000Z' });
        expect(config.config).toEqual(runConfig(component));
      });

      test('is small, and holds nothing but what runs', () => {
        const { manifest, root } = images[component];
        const size = manifest.layers.reduce((sum: number, layer: Json) => sum + layer.size, 0);
        expect(size).toBeLessThan(64 * MiB);
        const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
        expect(files).toContain(`app/dist/${component}/main.js`);
        expect(
          files.filter((file) =>
            /\.(ts|map|o|a|c|cc|cpp)$|\.test\.|\/test\/|(^|\/)(sh|bash|npm|gcc)$/.test(file),
          ),
        ).toEqual([]);
        // What the other one needs, and what only the command line or developers need.
        const other = component === 'hub' ? 'pcap' : 'better-sqlite3';
        for (const name of [other, 'commander', 'typescript', 'vitest']) {
          expect(files).not.toContain(`app/node_modules/${name}`);
        }
      });

      test('nobody but root can change what runs', () => {
        const { root } = images[component];
        for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
          const { uid, mode } = statSync(join(root, file));
          if (file === 'tmp') expect(mode & 0o7777).toBe(0o1777);
          else if (file === 'data') expect([uid, mode & 0o777]).toEqual([65532, 0o700]);
          else if (uid !== 0 || (mode & 0o022) !== 0)
            expect.fail(`${file}: owner ${uid}, mode ${mode.toString(8)}`);
        }
      });
    });

    test('both stand on one layer, which a node keeps once', () => {
      expect(images.hub.manifest.layers[0]).toEqual(images.worker.manifest.layers[0]);
    });

    describe('run', () => {
      const network = `remora-images-${process.pid}`;
      const children: ChildProcess[] = [];

      beforeAll(async () => {
        execFileSync('ip', ['netns', 'add', network]);
        execFileSync('ip', ['netns', 'exec', network, 'ip', 'link', 'set', 'lo', 'up']);
      });
      afterAll(async () => {
        for (const child of children) {
          if (child.exitCode !== null || child.signalCode !== null) continue;
          child.kill('SIGKILL');
          await once(child, 'close');
        }
        execFileSync('ip', ['netns', 'delete', network]);
      });

      /** Runs the image's program as a runtime would; `args` come after its entry point. */
      function run(
        component: Component,
        args: string[],
        environment: Record<string, string>,
        entrypoint?: string[],
      ) {
        const { root, config } = images[component];
        placeSetpriv(root);
        // Kubernetes gives each pod such a file.
        writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
        const mounts = [
          'mount --bind "$ROOT" "$ROOT"',
          'mount -t proc proc "$ROOT/proc"',
          '[ ! -d "$ROOT/data" ] || mount --bind "$ROOT/data" "$ROOT/data"',
          'mount -o remount,bind,ro "$ROOT"',
          'exec chroot "$ROOT" "$@"',
        ].join(' && ');
        const command = [...(entrypoint ?? config.config.Entrypoint), ...args];
        const privileges = ['/test/setpriv', '--no-new-privs', '--inh-caps=-all', ...rights(component)];
        const child = spawn(
          'ip',
          [
            'netns',
            'exec',
            network,
            'unshare',
            '--mount',
            'sh',
            '-c',
            mounts,
            'sh',
            ...privileges,
            ...command,
          ],
          {
            env: {
              ROOT: root,
              LD_LIBRARY_PATH: '/test',
              PATH: process.env['PATH'],
              ...environment,
            },
            stdio: ['ignore', 'pipe', 'pipe'],
          },
        );
        children.push(child);
        const output = { text: '' };
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding('utf8').on('data', (chunk: string) => {
            output.text += chunk;
          });
        }
        return { child, output };
      }

      /** What Kubernetes leaves of the rights of a user: see the security contexts of the manifests. */
      function rights(component: Component): string[] {
        const [user, group] = images[component].config.config.User.split(':');
        if (user === '0') return ['--bounding-set=-all,+net_raw'];
        return ['--bounding-set=-all', `--reuid=${user}`, `--regid=${group}`, '--clear-groups'];
      }

      /** The images have no program to give up rights with. */
      function placeSetpriv(root: string): void {
        if (existsSync(join(root, 'test'))) return;
        mkdirSync(join(root, 'test'));
        const program = execFileSync('sh', ['-c', 'command -v setpriv'], { encoding: 'utf8' }).trim();
        copyFileSync(program, join(root, 'test/setpriv'));
        const library = /(\S*libcap-ng\S*) \(/.exec(
          execFileSync('ldd', [program], { encoding: 'utf8' }),
        )?.[1];
        if (library !== undefined) copyFileSync(library, join(root, 'test/libcap-ng.so.0'));
      }

      async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
        for (let tries = 0; tries < 150; tries++) {
          const found = await look();
          if (found !== undefined) return found;
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
        throw new Error(`never: ${what}`);
      }

      test('the worker captures, the hub keeps: a request in this network becomes a flow', async () => {
        const { caCertificate, serverCertificate, serverKey } = await createCredentials('remora');
        const tokens = { REMORA_TOKEN: 'browsers-'.repeat(4), REMORA_WORKER_TOKEN: 'workers-'.repeat(4) };
        for (const component of ['hub', 'worker'] as const) {
          const directory = join(images[component].root, 'etc/remora');
          if (component === 'worker') writeFileSync(join(directory, 'ca.crt'), caCertificate);
          else {
            writeFileSync(join(directory, 'tls.crt'), serverCertificate);
            writeFileSync(join(directory, 'tls.key'), serverKey);
          }
        }
        const hub = run(
          'hub',
          [
            '--data-dir=/data',
            '--listen=0.0.0.0:8898',
            '--tls-cert=/etc/remora/tls.crt',
            '--tls-key=/etc/remora/tls.key',
            '--storage-limit=64Mi',
          ],
          tokens,
        );
        await until(
          'the hub is ready',
          () => ended(hub) ?? (hub.output.text.includes('"ready":true') || undefined),
        );
        const worker = run(
          'worker',
          ['--hub=wss://localhost:8898/worker', '--ca=/etc/remora/ca.crt', '--node=here', '--interface=any'],
          tokens,
        );
        await until(
          'the worker captures',
          () => ended(worker) ?? (worker.output.text.includes('"capturing"') || undefined),
        );

        const flows = await until('a flow is stored', async () => {
          ended(worker);
          const seen = trafficAndFlows(tokens.REMORA_TOKEN);
          return seen.length > 0 ? seen : undefined;
        });
        expect(flows[0]).toMatchObject({
          node: 'here',
          request: { path: '/through-the-image' },
          response: { status: 418 },
        });

        const check = run('hub', [], {}, (images.hub.config.config as RunConfig).Healthcheck?.Test.slice(1));
        expect(await once(check.child, 'close')).toEqual([0, null]);

        for (const { child } of [worker, hub]) {
          child.kill('SIGTERM');
          expect(await once(child, 'close')).toEqual([0, null]);
        }
        const sick = run('hub', [], {}, (images.hub.config.config as RunConfig).Healthcheck?.Test.slice(1));
        expect(await once(sick.child, 'close')).toEqual([1, null]);
      });

      /** Throws where the program has ended by itself. */
      function ended({ child, output }: ReturnType<typeof run>): undefined {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`ended: ${output.text}`);
      }

      /** Serves and sends one request in the network, then asks the hub for it. */
      function trafficAndFlows(token: string): Flow[] {
        const script = `
        import { createServer } from 'node:http';
        process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
        const server = createServer((request, response) => { response.statusCode = 418; response.end('short and stout'); });
        await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
        await (await fetch('http://127.0.0.1:' + server.address().port + '/through-the-image')).text();
        server.close();
        const headers = { authorization: 'Bearer ${token}' };
        const answer = await fetch('https://localhost:8898/api/v1/flows.ndjson', { headers });
        process.stdout.write(await answer.text());`;
        const { stdout } = spawnSync(
          'ip',
          ['netns', 'exec', network, process.execPath, '--input-type=module', '--no-warnings', '-e', script],
          { encoding: 'utf8' },
        );
        return stdout
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Flow);
      }
    });
  },
);
