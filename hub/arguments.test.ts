import { expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';

const DIR = ['--data-dir', '/data'];

test('defaults', () => {
  expect(parseArguments(DIR)).toMatchObject({
    ...{ host: '127.0.0.1', port: 8898, dataDir: '/data', storageLimit: 2 * 2 ** 30, maxAge: undefined },
    ...{ mode: 'local', uiDir: expect.stringMatching(/dist.ui$/), allowedHosts: [], allowRawExport: false },
  });
});

test('everything given', () => {
  const argv = [
    ...['--listen', '[::1]:0', '--storage-limit', '1.5Mi', '--max-age', '7d', '--mode', 'cluster'],
    ...[
      '--ui-dir',
      '/ui',
      '--allow-raw-export',
      '--allowed-host',
      'a.example',
      '--allowed-host',
      'b.example',
    ],
  ];
  expect(parseArguments([...DIR, ...argv])).toEqual({
    ...{ host: '::1', port: 0, dataDir: '/data', storageLimit: 1.5 * 2 ** 20, maxAge: 7 * 86_400_000 },
    ...{
      mode: 'cluster',
      uiDir: '/ui',
      allowedHosts: ['a.example', 'b.example'],
      namespaces: [],
      allowRawExport: true,
    },
  });
});

test('a cluster: all of it in the pod that the hub is, or some of its namespaces from outside', () => {
  const cluster = [...DIR, '--mode', 'cluster'];
  expect(parseArguments(cluster)).toMatchObject({
    kubeconfig: undefined,
    namespaces: [],
    targets: undefined,
  });
  expect(parseArguments([...cluster, '--targets', '/t.json'])).toMatchObject({ targets: '/t.json' });
  expect(parseArguments([...cluster, '--kubeconfig', '/k', '--namespaces', 'shop,bank,shop'])).toMatchObject({
    ...{ kubeconfig: '/k', namespaces: ['shop', 'bank'] },
  });
});

test('TLS has two files', () => {
  const files = ['--tls-cert', 'tls.crt', '--tls-key', 'tls.key'];
  expect(parseArguments([...DIR, ...files]).tls).toEqual({ cert: 'tls.crt', key: 'tls.key' });
  expect(parseArguments(DIR).tls).toBeUndefined();
});

test('a size without a unit is in bytes', () => {
  expect(parseArguments([...DIR, '--storage-limit', '2147483648']).storageLimit).toBe(2 ** 31);
});

test.each([
  [[]],
  [['--listen', '127.0.0.1']],
  [['--listen', '::1:80']],
  [['--listen', '127.0.0.1:99999']],
  [['--storage-limit', '2GB']],
  [['--storage-limit', '-1']],
  [['--max-age', '7']],
  [['--mode', 'kubernetes']],
  [['--tls-cert', 'tls.crt']],
  [['--tls-key', 'tls.key']],
  [['--nonsense']],
  [['stray']],
  [['--mode', 'cluster', '--namespaces', '']],
  [['--mode', 'cluster', '--namespaces', 'shop,']],
  [['--mode', 'cluster', '--namespaces', 'a/../../secrets']],
  [['--mode', 'cluster', '--namespaces', 'x'.repeat(64)]],
  [['--mode', 'cluster', '--namespaces', Array.from({ length: 101 }, (_, n) => `n${n}`).join()]],
  [['--mode', 'cluster', '--objects', 'objects.json']],
  [['--namespaces', 'shop']],
  [['--mode', 'file', '--kubeconfig', '/k']],
  [['--targets', '{}']],
])('%j is wrong usage', (argv) => {
  const given = argv.length === 0 ? [] : [...DIR, ...argv];
  expect(() => parseArguments(given)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});
