import { expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';

const LIVE = ['--hub', 'ws://127.0.0.1:8898/worker', '--node', 'n1', '--interface', 'any'];

test('on one machine: the token of the environment, no TLS, and an end where it cannot go on', () => {
  expect(parseArguments(LIVE)).toMatchObject({
    ...{ hub: 'ws://127.0.0.1:8898/worker', node: 'n1', keepTrying: false },
    ...{ caFile: undefined, tokenFile: undefined, source: { kind: 'live', interface: 'any' } },
  });
});

test('in a cluster', () => {
  const args = [
    '--hub',
    'wss://remora-hub.remora.svc:8898/worker',
    '--ca',
    'ca.crt',
    '--token-file',
    'token',
  ];
  expect(parseArguments([...LIVE, ...args, '--keep-trying'])).toMatchObject({
    ...{ hub: 'wss://remora-hub.remora.svc:8898/worker', caFile: 'ca.crt', tokenFile: 'token' },
    keepTrying: true,
  });
});

test('secrets leave only with a word for that', () => {
  expect(parseArguments(LIVE).allowRawExport).toBe(false);
  expect(parseArguments([...LIVE, '--allow-raw-export']).allowRawExport).toBe(true);
});

test.each([
  [[]],
  [['--hub', 'ws://h/worker', '--interface', 'any']],
  [['--hub', 'ws://h/worker', '--node', 'n1']],
  [[...LIVE, '--pcap', 'a.pcap']],
  [[...LIVE, '--hub', 'http://127.0.0.1/worker']],
  [[...LIVE, '--hub', 'remora-hub:8898']],
  [[...LIVE, '--snaplen', '64Ki']],
  [[...LIVE, '--nonsense']],
])('%j is wrong usage', (argv) => {
  expect(() => parseArguments(argv)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

test('files are recorded only where that is asked for, as the worker stays then', () => {
  const files = ['--hub', 'ws://h/worker', '--node', 'n1', '--pcap', 'a.pcap'];
  expect(parseArguments(files).pipeline.recordBytes).toBe(0);
  const asked = [...files, '--record-limit', '5', '--record-dir', 'd'];
  expect(parseArguments(asked).pipeline).toMatchObject({ recordBytes: 5, recordDirectory: 'd' });
  expect(parseArguments(LIVE).pipeline.recordBytes).toBeGreaterThan(0);
});
