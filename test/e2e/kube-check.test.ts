/** `check`, `version` and `logs` against an API server, with the real hub and workers behind its pods. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../cli/check/finding.ts';
import type { VersionReport } from '../../cli/version/version.ts';
import { SECRET } from '../../deploy/names.ts';
import type { Health } from '../../flow/api.ts';
import { VERSION } from '../../flow/version.ts';
import { runRemora } from '../kube/processes/remora.ts';
import { KubeServer } from '../kube/server.ts';
import { readZip } from '../read-zip.ts';
import { openSandbox, type Result, type Sandbox, sleep } from './cli-support.ts';

/** Capturing on the loopback interface takes it. */
const mayCapture = process.getuid?.() === 0;

/** Its address is this machine's, so that traffic to a server of the test is traffic of this pod. */
const CART = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'cart-0', namespace: 'shop' },
  spec: { nodeName: 'node1', containers: [{ name: 'c', image: 'x' }] },
  status: { phase: 'Running', podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] },
};

const STRICT = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'strict', labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
};

let kube: KubeServer;
let sandbox: Sandbox;
let stopPods: () => Promise<void>;
beforeAll(async () => {
  kube = await KubeServer.start({
    objects: [CART, STRICT],
  });
  stopPods = runRemora(kube, mayCapture ? { workers: { interface: 'lo' } } : {});
  kube.addUser('dev', [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }], ['shop']);
  kube.addUser('viewer', [{ verbs: ['get', 'list', 'watch'], apiGroups: ['*'], resources: ['*'] }]);
  kube.addUser('stranger', []);
  sandbox = openSandbox();
});
afterAll(async () => {
  await sandbox.close();
  await stopPods();
  await kube.stop();
});

const as = (user: string) => ({ environment: { KUBECONFIG: kube.kubeconfig(user) } });
const run = (args: string[], user = 'admin'): Promise<Result> => sandbox.run(args, as(user));

interface Checked {
  status: string;
  findings: Finding[];
}

async function check(args: string[] = [], user = 'admin'): Promise<Checked & { exit: number | null }> {
  const { status: exit, stdout, stderr } = await run(['check', '-o', 'json', ...args], user);
  expect(stderr).toBe('');
  return { ...(JSON.parse(stdout) as Checked), exit };
}

const codes = ({ findings }: Checked, verdict: Finding['verdict']) =>
  findings.filter((each) => each.verdict === verdict).map(({ code }) => code);

describe('before anything is there', () => {
  test('a cluster that is as it should be', async () => {
    const { status, stdout, stderr } = await run(['check']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(0, -2).every((line) => /^[✓–] /.test(line))).toBe(true);
    expect(stdout).toContain('Kubernetes v1.26');
    expect(stdout).toContain('2 nodes for workers: amd64');
    expect(stdout).toContain('namespace remora is not there yet: it will be made');
    expect(lines.at(-1)).toBe('All is well.');
    expect(stdout).not.toContain('\u001b');
  });

  test('nothing is made or changed by looking', async () => {
    const before = kube.requests.length;
    await check();
    const methods = kube.requests.slice(before).map(({ method, path }) => `${method} ${path.split('?')[0]}`);
    expect(methods.length).toBeGreaterThan(3);
    for (const each of methods) expect(each).toMatch(/^GET |^POST .*selfsubjectaccessreviews$/);
  });

  test('rights in one namespace alone: not for the whole cluster, but with -n', async () => {
    const whole = await check([], 'dev');
    expect({ exit: whole.exit, status: whole.status }).toEqual({ exit: 3, status: 'refused' });
    expect(new Set(codes(whole, 'failed'))).toEqual(new Set(['RIGHTS']));
    expect(whole.findings.map(({ text }) => text).join('\n')).toMatch(
      /you may not .*clusterroles.* in the cluster/,
    );

    const one = await check(['-n', 'shop'], 'dev');
    expect({ exit: one.exit, status: one.status }).toEqual({ exit: 0, status: 'ok' });
    expect(codes(one, 'warning')).toContain('RIGHTS');
    expect(one.findings).toContainEqual(
      expect.objectContaining({ verdict: 'ok', text: 'you may do all that a tap of shop alone takes' }),
    );
  });

  test('who has no rights at all learns which are missing', async () => {
    const { exit, findings } = await check(['-n', 'shop'], 'stranger');
    expect(exit).toBe(3);
    const [first] = findings.filter(({ code, verdict }) => code === 'RIGHTS' && verdict === 'failed');
    expect(first?.details).toContainEqual({
      ...{ verb: 'create', group: 'apps', resource: 'daemonsets', namespace: 'shop', allowed: false },
    });
  });

  test('a namespace whose pod security refuses workers', async () => {
    const { exit, findings } = await check(['--remora-namespace', 'strict']);
    expect(exit).toBe(1);
    expect(findings.find(({ verdict }) => verdict === 'failed')).toMatchObject({
      code: 'POD_SECURITY',
      remedy: expect.stringContaining('kubectl label namespace strict'),
    });
  });

  test('no API server: one finding, and why', async () => {
    const { status, stdout } = await sandbox.run(['check'], {
      environment: { KUBECONFIG: '/does/not/exist' },
    });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^✗ .*\/does\/not\/exist.*\n\n1 check failed\.\n$/);
  });

  test('an API server that says nothing is given up', async () => {
    kube.faults.add({ path: /^\/version/ }, { kind: 'stall' });
    const startedAt = performance.now();
    const silent = await check();
    expect(silent.exit).toBe(1);
    expect(codes(silent, 'failed')).toEqual(['API']);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    const version = await run(['version', '-o', 'json']);
    kube.faults.clear();
    expect(version.status).toBe(0);
    expect(JSON.parse(version.stdout)).toMatchObject({
      client: { version: VERSION },
      missing: 'the cluster does not answer in time',
    });
  });

  test('logs says that there is nothing', async () => {
    expect(await run(['logs'])).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: there is nothing of Remora in namespace "remora"/),
    });
    expect((await run(['logs'], 'dev')).status).toBe(3);
    expect(readdirSync(sandbox.root).filter((name) => /zip|part/.test(name))).toEqual([]);
  });
});

test('pods that do not start: why, once for all that have the same trouble', async () => {
  kube.kubelet.when({ name: /^remora-worker/ }, { kind: 'image-pull' });
  await run(['install', '-A', '--timeout', '5']);
  const { exit, findings } = await check();
  expect(exit).toBe(1);
  const pulls = findings.filter(({ code }) => code === 'IMAGE_PULL');
  expect(pulls).toHaveLength(1);
  expect(pulls[0]?.text).toMatch(/^remora-worker-\w+ \(and 1 more\): .*cannot pull image/);
  expect(pulls[0]?.remedy).toContain('--image-registry');
  expect(await run(['clean'])).toMatchObject({ status: 0 });
  // The rule that was made last holds.
  kube.kubelet.when({ name: /^remora-worker/ }, { kind: 'ready' });
  if (!mayCapture) return;
  await stopPods();
  stopPods = runRemora(kube, { workers: { interface: 'lo' } });
});

describe.skipIf(!mayCapture)('with Remora there', () => {
  let shop: Server;
  let address: string;
  beforeAll(async () => {
    shop = createServer((_, response) => response.end('CANARY-body'));
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
    expect(await run(['install', '-A'])).toMatchObject({ status: 0 });
  });
  afterAll(async () => {
    shop.close();
    expect(await run(['clean'])).toMatchObject({ status: 0 });
  });

  test('check tells of hub, storage, workers and drops', async () => {
    const { exit, findings } = await check();
    expect(exit).toBe(0);
    const found = findings.filter(({ verdict }) => verdict === 'ok').map(({ code }) => code);
    for (const code of [
      'INSTALLATION',
      'POD_SECURITY',
      'HUB_POD',
      'WORKER_PODS',
      // Their workers came to the hub: it was not opened for them.
      'NETWORK_POLICY',
      'HUB',
      'STORAGE',
      'DROPS',
    ]) {
      expect(found).toContain(code);
    }
    expect(found.filter((code) => code === 'WORKER')).toHaveLength(2);
  });

  test('version tells those of hub and workers, also to who may only look', async () => {
    const whole = JSON.parse((await run(['version', '-o', 'json'])).stdout) as VersionReport;
    expect(whole).toMatchObject({
      cluster: { version: expect.stringMatching(/^v1\.26/), context: expect.any(String) },
      hub: { namespace: 'remora', version: VERSION },
      workers: { [VERSION]: 2 },
    });
    expect(whole.missing).toBeUndefined();
    const { status, stdout } = await run(['version'], 'viewer');
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`hub +remora ${VERSION}[^]*workers +remora ${VERSION} on 2 nodes`));
  });

  test('logs has all of it, and no secret and nothing captured', async () => {
    const canaries = await plant();
    await untilCaptured();
    const file = join(sandbox.root, 'logs.zip');
    const { status, stdout, stderr } = await run(['logs', '-w', file]);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringContaining('container proxy of remora-hub'),
    });
    expect(stdout).toMatch(/logs\.zip \(.* KiB\): \d+ files/);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const files = new Map(
      [...(await readZip(readFileSync(file)))].map(([name, text]) => [name.replace(/^[^/]*\//, ''), text]),
    );
    const names = [...files.keys()];
    for (const wanted of [
      ...['README.txt', 'check.txt', 'versions.txt', 'events.txt', 'hub/health.json', 'hub/metrics.txt'],
      ...['hub/targets.json', 'objects/secret-remora.yaml', 'objects/daemonset-remora-worker.yaml'],
      ...['objects/clusterrole-remora-hub.yaml', 'objects/namespace-remora.yaml'],
    ]) {
      expect(names).toContain(wanted);
    }
    expect(names.filter((name) => /^logs\/remora-worker-\w+\/worker\.log$/.test(name))).toHaveLength(2);
    expect(names.filter((name) => /^logs\/remora-hub-.*\/hub\.previous\.log$/.test(name))).toHaveLength(1);

    // Something was captured, so that nothing of it being here proves something.
    const health = JSON.parse(files.get('hub/health.json') ?? '') as Health;
    expect(health.hub.flows).toBeGreaterThan(0);
    for (const [name, text] of files) {
      for (const canary of canaries) expect(text, `${canary} in ${name}`).not.toContain(canary);
      expect(text, name).not.toMatch(/CANARY/);
    }
    // What is no secret is still there.
    expect([...files.values()].join('')).toContain('a harmless line');
    expect(files.get('objects/secret-remora.yaml')).toContain('tls.key: (withheld,');
  });

  test('logs works with less than all: what is missing is said in it', async () => {
    kube.faults.add({ resource: 'pods', subresource: 'log' }, { kind: 'answer', code: 500 });
    kube.faults.add({ resource: 'events', verb: 'list' }, { kind: 'answer', code: 403 });
    kube.faults.add({ resource: 'pods', subresource: 'portforward' }, { kind: 'reset' });
    const { status, stderr } = await run(['logs', '-w', 'part.zip']);
    kube.faults.clear();
    expect(status).toBe(0);
    const files = await readZip(readFileSync(join(sandbox.root, 'part.zip')));
    const readme = [...files].find(([name]) => name.endsWith('README.txt'))?.[1] ?? '';
    for (const missing of [
      'hub.log: ',
      'worker.log: ',
      'events: ',
      'health, metrics and targets of the hub: ',
    ]) {
      expect(readme.split('What is missing')[1]).toContain(missing);
      expect(stderr).toContain(`not in it: `);
    }
    expect([...files.keys()].some((name) => name.endsWith('objects/secret-remora.yaml'))).toBe(true);
    expect([...files.keys()].some((name) => name.endsWith('check.txt'))).toBe(true);
  });

  test('logs on standard output is the archive and nothing else; a reader that goes away is no error', async () => {
    const prefix = ['sh', '-c', '"$@" > out.zip', 'sh'];
    const whole = await sandbox.run(['logs', '-w', '-'], { ...as('admin'), prefix });
    expect(whole.status).toBe(0);
    expect((await readZip(readFileSync(join(sandbox.root, 'out.zip')))).size).toBeGreaterThan(10);
    const gone = ['bash', '-c', 'set -o pipefail; "$@" | head -c 1 >/dev/null', 'sh'];
    const cut = await sandbox.run(['logs', '-w', '-'], { ...as('admin'), prefix: gone });
    expect(cut).toMatchObject({ status: 0, stderr: expect.not.stringContaining('error') });
  });

  test('logs that is interrupted, or cannot be written, leaves no half of a file', async () => {
    expect(await run(['logs', '-w', '/does/not/exist.zip'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error: cannot write \/does\/not\/exist\.zip \(ENOENT\)/),
    });
    kube.faults.add({ resource: 'pods', subresource: 'log' }, { kind: 'stall' });
    const running = sandbox.start(['logs', '-w', 'stopped.zip'], as('admin'));
    await expect
      .poll(() => readdirSync(sandbox.root).some((name) => name.endsWith('.part')), { timeout: 60_000 })
      .toBe(true);
    running.child.kill('SIGINT');
    const { status } = await running.ended;
    kube.faults.clear();
    expect(status).toBe(130);
    expect(readdirSync(sandbox.root).filter((name) => name.startsWith('stopped'))).toEqual([]);
  });

  /** Secrets wherever one could get into an archive. Returns their texts. */
  async function plant(): Promise<string[]> {
    const secret = kube.objects.get('secrets', 'remora', SECRET) as { data?: Record<string, string> };
    const own = ['token', 'worker-token', 'tls.key'].map((key) =>
      Buffer.from(secret.data?.[key] ?? '', 'base64').toString('utf8'),
    );
    const [token = '', , key = ''] = own;
    kube.objects.modify('secrets', 'remora', SECRET, (copy) => {
      copy.metadata.annotations = { 'kubectl.kubernetes.io/last-applied-configuration': `{"t":"${token}"}` };
    });
    for (const pod of kube.objects.list('pods', 'remora')) {
      const { name, uid = '' } = pod.metadata;
      const container = name.startsWith('remora-hub') ? 'hub' : 'worker';
      const log = (text: string) => kube.logs.write(uid, container, `${text}\n`);
      if (container === 'hub') {
        log('Authorization: Bearer CANARY-previous-0123456789');
        kube.logs.restart(uid, container);
      }
      log('a harmless line');
      log(`GET /?token=${token} Authorization: Bearer CANARY-bearer-0123456789`);
      log(`{"level":50,"msg":"x","password":"CANARY-password","url":"https://u:CANARY-pass@h/"}`);
      log(key);
      kube.logs.write(uid, 'proxy', 'GET /CANARY-path of another container\n');
      kube.objects.modify('pods', 'remora', name, (copy) => {
        const spec = copy['spec'] as { containers: object[] };
        spec.containers.push({
          ...{ name: 'proxy', image: 'x', env: [{ name: 'API_TOKEN', value: 'CANARY-variable' }] },
        });
        const status = copy['status'] as { containerStatuses?: { restartCount: number }[] };
        for (const each of container === 'hub' ? (status.containerStatuses ?? []) : []) each.restartCount = 1;
      });
    }
    const event = {
      ...{ apiVersion: 'v1', kind: 'Event', metadata: { name: 'remora-hub.1', namespace: 'remora' } },
      ...{ type: 'Warning', reason: 'Failed', message: 'pulling https://u:CANARY-registry@registry/hub' },
      involvedObject: { kind: 'Pod', name: 'remora-hub-1', namespace: 'remora' },
    };
    kube.objects.create(event);
    return [
      token,
      ...own,
      ...own.map((each) => Buffer.from(each).toString('base64')),
      key.split('\n')[1] ?? '',
    ];
  }

  /** Asks the tapped pod until the hub has flows. */
  async function untilCaptured(): Promise<void> {
    for (let i = 0; i < 100; i++) {
      await (
        await fetch(`${address}/CANARY-path?q=CANARY-query`, { headers: { 'x-note': 'CANARY' } })
      ).text();
      await sleep(100);
      if (i % 10 !== 9) continue;
      const { findings } = await check();
      if (findings.some(({ code, text }) => code === 'HUB' && !/ 0 flows/.test(text))) return;
    }
    throw new Error('nothing was captured');
  }
});
