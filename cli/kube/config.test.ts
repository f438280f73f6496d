import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadKubeConfig } from './config.ts';
import { KubeError } from './error.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'remora-kubeconfig-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Parts {
  context?: string;
  cluster?: string;
  server?: string;
  clusterFields?: object;
  user?: object;
  namespace?: string;
}

function write(file: string, parts: Parts = {}): string {
  const { context = 'one', cluster = 'one', server = 'https://10.0.0.1:6443', user = { token: 't' } } = parts;
  const path = join(folder, file);
  writeFileSync(
    path,
    stringify({
      'current-context': context,
      clusters: [{ name: cluster, cluster: { server, ...parts.clusterFields } }],
      users: [{ name: 'me', user }],
      contexts: [{ name: context, context: { cluster, user: 'me', namespace: parts.namespace } }],
    }),
  );
  return path;
}

function refusal(act: () => unknown): KubeError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(KubeError);
    return error as KubeError;
  }
  throw new Error('expected a refusal');
}

test('several files are merged; the first that has an entry wins, and files that are not there are no mistake', () => {
  const files = [
    join(folder, 'missing.yaml'),
    write('a.yaml', { context: 'a', cluster: 'shared', server: 'https://a' }),
    write('b.yaml', { context: 'b', cluster: 'shared', server: 'https://b' }),
  ];
  const config = loadKubeConfig({}, { KUBECONFIG: files.join(delimiter) });
  expect(config.getCurrentContext()).toBe('a');
  expect(config.getContexts().map(({ name }) => name)).toEqual(['a', 'b']);
  expect(config.getCluster('shared')?.server).toBe('https://a');
});

test('--kubeconfig wins over the environment, --context over the current one', () => {
  const path = write('own.yaml', { context: 'own' });
  const config = loadKubeConfig({ kubeconfig: path }, { KUBECONFIG: write('other.yaml') });
  expect(config.getCurrentContext()).toBe('own');
  const error = refusal(() => loadKubeConfig({ kubeconfig: path, context: 'nope' }));
  expect(error.code).toBe('KUBE_CONFIG');
  expect(error.remedy).toContain('own');
});

test('files that an entry names are relative to the kubeconfig it stands in', () => {
  const path = write('a.yaml', {
    clusterFields: { 'certificate-authority': 'ca.crt' },
    user: { 'client-certificate': 'me.crt', 'client-key': '/abs/me.key' },
  });
  const config = loadKubeConfig({ kubeconfig: path });
  expect(config.getCurrentCluster()?.caFile).toBe(join(folder, 'ca.crt'));
  expect(config.getCurrentUser()).toMatchObject({ certFile: join(folder, 'me.crt'), keyFile: '/abs/me.key' });
});

test('a token file is read when a token is needed', async () => {
  writeFileSync(join(folder, 'token'), 'from-file');
  const config = loadKubeConfig({ kubeconfig: write('a.yaml', { user: { tokenFile: 'token' } }) });
  const options: { headers?: Record<string, string> } = {};
  await config.applyToHTTPSOptions(options);
  expect(options.headers?.['Authorization']).toBe('Bearer from-file');
});

test('a credential plugin is found beside the kubeconfig and is told of the cluster', async () => {
  const plugin = join(folder, 'plugin.sh');
  writeFileSync(
    plugin,
    `#!/bin/sh
server=$(printf %s "$KUBERNETES_EXEC_INFO" | sed 's/.*"server":"\\([^"]*\\)".*/\\1/')
echo '{"kind":"ExecCredential","status":{"token":"for '$server' '$EXTRA'"}}'
`,
  );
  chmodSync(plugin, 0o755);
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: './plugin.sh',
    env: [{ name: 'EXTRA', value: 'x' }],
    provideClusterInfo: true,
  };
  const config = loadKubeConfig({ kubeconfig: write('a.yaml', { user: { exec } }) });
  const options: { headers?: Record<string, string> } = {};
  await config.applyToHTTPSOptions(options);
  expect(options.headers?.['Authorization']).toBe('Bearer for https://10.0.0.1:6443 x');
});

test('plain HTTP is allowed where the server says so, as kubectl proxy needs it', async () => {
  const config = loadKubeConfig({ kubeconfig: write('a.yaml', { server: 'http://127.0.0.1:8001' }) });
  await expect(config.applyToHTTPSOptions({})).resolves.toBeUndefined();
});

test('a proxy of the environment is used unless the kubeconfig has one', () => {
  const environment = { HTTPS_PROXY: 'http://proxy:3128' };
  const proxyOf = (parts: Parts) =>
    loadKubeConfig({ kubeconfig: write('a.yaml', parts) }, environment).getCurrentCluster()?.proxyUrl;
  expect(proxyOf({})).toBe('http://proxy:3128');
  expect(proxyOf({ clusterFields: { 'proxy-url': 'socks5://own:1080' } })).toBe('socks5://own:1080');
});

test('in a pod without a kubeconfig its service account is used', () => {
  const environment = { HOME: folder, KUBERNETES_SERVICE_HOST: '10.79.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const before = { ...process.env };
  Object.assign(process.env, environment);
  try {
    expect(loadKubeConfig({}, environment).getCurrentCluster()?.server).toBe('https://10.79.0.1:443');
  } finally {
    process.env = before;
  }
});

test.each([
  ['no file at all', () => loadKubeConfig({}, { HOME: '/nowhere' }), /no cluster to talk to/],
  ['a file that is not there', () => loadKubeConfig({ kubeconfig: '/no/such' }), /no such kubeconfig/],
  ['broken YAML', () => loadKubeConfig({ kubeconfig: broken('a: [') }), /cannot read the kubeconfig/],
  ['an empty file', () => loadKubeConfig({ kubeconfig: broken('') }), /no current context/],
  ['a context without its cluster', () => loadKubeConfig({ kubeconfig: dangling() }), /which is not there/],
  [
    'a server that is no address',
    () => loadKubeConfig({ kubeconfig: write('x.yaml', { server: 'not an address' }) }),
    /no usable server/,
  ],
])('%s is told', (_what, act, message) => {
  const error = refusal(act);
  expect(error.code).toBe('KUBE_CONFIG');
  expect(error.message).toMatch(message);
});

function broken(text: string): string {
  const path = join(folder, 'broken.yaml');
  writeFileSync(path, text);
  return path;
}

function dangling(): string {
  return broken(
    stringify({
      'current-context': 'a',
      contexts: [{ name: 'a', context: { cluster: 'gone', user: 'me' } }],
    }),
  );
}
