/** How the hub gets at an API server: kubeconfigs, tokens that are rotated, plugins, certificates, proxies. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCertificates } from '../../../test/kube/certificates.ts';
import type { ClusterWatch } from './cluster-watch.ts';
import { loadKubeConfig } from './kube-config.ts';
import { sendStatus } from './testing/fake-api.ts';
import { Scene, until } from './testing/support.ts';

let folder: string;
const scene = new Scene();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'remora-credentials-'));
});
afterEach(async () => {
  await scene.close();
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** JSON is YAML. */
function kubeconfig(server: string, user: object = {}, cluster: object = {}): string {
  return write('config', {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'here' },
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
  });
}

function watchWith(config: string, limits = {}): ClusterWatch {
  return scene.watch(() => loadKubeConfig(config), { namespaces: ['shop'], limits });
}

function problem(watch: ClusterWatch): { code?: string; message?: string } {
  return watch.health().informers[0].problem ?? {};
}

test.each([
  ['a path behind a proxy', '/k8s/clusters/c-abc/'],
  ['the root', ''],
])('%s is part of the address', async (_, path) => {
  const server = await scene.api();
  server.answer(
    () => true,
    (_request, response) => sendStatus(response, 500, 'seen'),
    1,
  );
  watchWith(kubeconfig(`${server.url}${path}`, { token: 'abc' }));
  await until(() => server.asked.length > 0);
  expect(server.asked[0]).toMatchObject({
    path: `${path.replace(/\/$/, '')}/api/v1/namespaces/shop/pods`,
    authorization: 'Bearer abc',
  });
});

test('a user with a password', async () => {
  const server = await scene.api();
  watchWith(kubeconfig(server.url, { username: 'me', password: 'secret' }));
  await until(() => server.asked.length > 0);
  expect(server.asked[0].authorization).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`);
});

test('a kubeconfig whose token is replaced is read again when the old one is refused', async () => {
  const server = await scene.api();
  let valid = 'Bearer first';
  server.answer(
    ({ authorization }) => authorization !== valid,
    (_, response) => sendStatus(response, 401, 'Unauthorized'),
    Number.POSITIVE_INFINITY,
  );
  const watch = watchWith(kubeconfig(server.url, { token: 'first' }));
  await until(() => watch.synced);
  valid = 'Bearer second';
  server.cut();
  await until(() => problem(watch).code === 'API_UNAUTHORIZED');
  kubeconfig(server.url, { token: 'second' });
  await until(() => server.watches === 3 && problem(watch).code === undefined);
});

test('a credential plugin is run once for all, and again when its token is refused', async () => {
  const server = await scene.api();
  const count = write('count', '');
  const plugin = write(
    'plugin',
    `#!/bin/sh
printf x >> ${count}
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t%s","expirationTimestamp":"2099-01-01T00:00:00Z"}}' "$(wc -c < ${count} | tr -d ' ')"
`,
  );
  chmodSync(plugin, 0o755);
  let valid = 'Bearer t1';
  server.answer(
    ({ authorization }) => authorization !== valid,
    (_, response) => sendStatus(response, 401, 'Unauthorized'),
    Number.POSITIVE_INFINITY,
  );
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, interactiveMode: 'Never' };
  const watch = watchWith(kubeconfig(server.url, { exec }));
  await until(() => watch.synced);
  expect(new Set(server.asked.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer t1']));
  valid = 'Bearer t2';
  server.cut();
  await until(() => server.watches === 3);
});

test('a plugin that is not there, fails, or never answers is a problem that says so', async () => {
  const server = await scene.api();
  const with_ = (command: string, args: string[]) => kubeconfig(server.url, { exec: { command, args } });
  const missing = watchWith(with_('/nowhere/aws-iam-authenticator', []));
  await until(() => problem(missing).code === 'CREDENTIALS_FAILED');
  expect(problem(missing).message).toContain('aws-iam-authenticator');
  await missing.close();

  const failing = watchWith(with_('/bin/sh', ['-c', 'echo please log in >&2; exit 1']));
  await until(() => problem(failing).code === 'CREDENTIALS_FAILED');
  expect(problem(failing).message).toContain('please log in');
  await failing.close();

  const hanging = watchWith(with_('/bin/sh', ['-c', 'exec sleep 5']), { clusterAnswerMs: 300 });
  await until(() => problem(hanging).code === 'CREDENTIALS_FAILED');
  expect(problem(hanging).message).toContain('not answered in time');
  expect(server.asked).toEqual([]);
});

test('TLS: the authority of the kubeconfig is trusted, and no other', async () => {
  const { ca, key, cert } = await createCertificates();
  const server = await scene.api({ key, cert });
  const data = { 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  const trusting = watchWith(kubeconfig(server.url, {}, data));
  await until(() => trusting.synced && server.watches === 3);
  await trusting.close();
  await until(() => server.connections === 0);

  const careless = watchWith(kubeconfig(server.url));
  await until(() => problem(careless).code === 'API_UNREACHABLE');
  expect(problem(careless).message).toMatch(/certificate/);
  await careless.close();

  const insecure = watchWith(kubeconfig(server.url, {}, { 'insecure-skip-tls-verify': true }));
  await until(() => insecure.synced);
});

test('by a proxy', async () => {
  const { ca, key, cert } = await createCertificates();
  const server = await scene.api({ key, cert });
  const asked: string[] = [];
  const proxy = http.createServer();
  proxy.on('connect', ({ url }, socket) => {
    asked.push(url ?? '');
    const behind = connect(server.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      pipeline(socket, behind, socket, () => {});
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  scene.add({ close: async () => void proxy.close() });
  const watch = watchWith(
    kubeconfig(
      server.url,
      {},
      {
        'certificate-authority-data': Buffer.from(ca).toString('base64'),
        'proxy-url': `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      },
    ),
  );
  await until(() => watch.synced && server.watches === 3);
  expect(new Set(asked)).toEqual(new Set([`127.0.0.1:${server.port}`]));
  await watch.close();
  await until(() => server.connections === 0);
});

test.each([
  ['no YAML', '{{{'],
  ['nothing', ''],
  ['no context', { clusters: [], contexts: [], users: [] }],
  [
    'a context without a cluster',
    { 'current-context': 'x', clusters: [], contexts: [{ name: 'x', context: {} }], users: [] },
  ],
  [
    'a server that is no address',
    {
      'current-context': 'x',
      clusters: [{ name: 'c', cluster: { server: 'not an address' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      users: [{ name: 'u', user: {} }],
    },
  ],
])('a kubeconfig with %s is said to be invalid', async (_, content) => {
  await expect(loadKubeConfig(write('config', content))).rejects.toMatchObject({
    ...{ code: 'KUBECONFIG_INVALID', message: expect.stringContaining(join(folder, 'config')) },
  });
});
