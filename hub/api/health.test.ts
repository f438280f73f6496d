import { expect, test } from 'vitest';
import type { WorkerHealth } from '../../flow/api.ts';
import { type HealthInput, healthMessages, healthStatus, healthSummary } from './health.ts';
import type { WorkerTrend } from './worker-health.ts';

const calm: HealthInput = {
  mode: 'local',
  uptimeMs: 3_600_000,
  workers: [],
  store: { bytes: 0, limit: 2 ** 31 },
  problem: undefined,
  certificateLeftMs: Number.POSITIVE_INFINITY,
  growth: {},
};

function worker(
  growth: Record<string, number> = {},
  health: Partial<WorkerHealth> = {},
  trend: Partial<WorkerTrend> = {},
): WorkerTrend {
  return {
    worker: {
      node: 'node-b',
      session: 's',
      version: '1',
      state: 'connected',
      sources: ['any'],
      lastSeen: '2027-01-01T00:00:00Z',
      packetsPerSecond: 0,
      flowsPerSecond: 0,
      counters: { packetsCaptured: 1000, packets: 1000, flows: 10 },
      limits: {},
      ...health,
    },
    growth,
    period: 'in the last minute',
    ageMs: 600_000,
    silentMs: 500,
    ...trend,
  };
}

function tell(input: Partial<HealthInput>): string[] {
  return healthMessages({ ...calm, ...input }).map(({ level, text }) => `${level}: ${text}`);
}

test('how many workers are fine, in words', () => {
  const fine = worker({ packetsCaptured: 5000 }, { clockOffsetMs: 100 });
  const lossy = worker({ packetsCaptured: 98_800, kernelDrops: 1200 });
  const blind = worker({}, { state: 'failed', problem: { code: 'X', message: 'It may not.' } });
  expect(healthSummary([])).toBe('No worker is connected.');
  expect(healthSummary([fine])).toBe('The worker is fine.');
  expect(healthSummary([lossy])).toBe('The worker is not fine.');
  expect(healthSummary([fine, fine, fine])).toBe('All 3 workers are fine.');
  expect(healthSummary([fine, lossy, fine, blind])).toBe('2 of 4 workers are fine.');
});

test('all is well: nothing to say', () => {
  const messages = healthMessages({ ...calm, workers: [worker({ packetsCaptured: 5000 })] });
  expect(messages).toEqual([]);
  expect(healthStatus(messages)).toBe('ok');
});

test.each<[string, WorkerTrend, string]>([
  [
    'many packets dropped by the kernel',
    worker({ packetsCaptured: 98_800, kernelDrops: 1200 }),
    'error: node-b dropped 1.2% of packets in the last minute (1,200): raise --buffer-size, give it more CPU, or capture less with --bpf.',
  ],
  [
    'a few',
    worker({ packetsCaptured: 1_000_000, kernelDrops: 3 }),
    'warning: node-b dropped less than 0.01% of packets in the last minute (3): raise --buffer-size, give it more CPU, or capture less with --bpf.',
  ],
  [
    'the interface drops',
    worker({ packetsCaptured: 50, interfaceDrops: 50 }),
    "error: node-b: the network interface or its driver dropped 50% of packets in the last minute (50): larger rings (ethtool -G) help, Remora's own settings do not.",
  ],
  [
    'the worker is too slow',
    worker({ packetsCaptured: 1000, overloadDrops: 5 }),
    'warning: node-b left 0.5% of packets unread in the last minute (5) because it could not keep up: give it more CPU, or capture less with --bpf.',
  ],
  [
    'a clock that is behind',
    worker({}, { clockOffsetMs: -1400 }),
    "warning: node-b's clock is 1400 ms behind the hub's: the times of its flows are as much too early, and calls across nodes may seem out of order; durations are right. Let NTP (chrony) set the clocks of all nodes.",
  ],
  [
    'a clock that is a little ahead',
    worker({}, { clockOffsetMs: 101 }),
    "info: node-b's clock is 101 ms ahead of the hub's: the times of its flows are as much too late, and calls across nodes may seem out of order; durations are right. Let NTP (chrony) set the clocks of all nodes.",
  ],
  [
    'holes',
    worker({ httpBytes: 900_000, tlsBytes: 98_464, lostBytes: 1536 }),
    'warning: node-b never saw 0.15% of the bytes that were sent in the last minute (1.5 KiB): the flows concerned are marked "gap".',
  ],
  [
    'holes of a file',
    worker({ otherBytes: 3000, lostBytes: 1000 }, { state: 'done' }, { period: 'in its files' }),
    'error: node-b never saw 25% of the bytes that were sent in its files (1000 bytes): the flows concerned are marked "gap".',
  ],
  [
    'more said in files than is read',
    worker({ namesLeftOut: 3, marksLeftOut: 1200 }, { state: 'done' }, { period: 'in its files' }),
    'warning: node-b: 3 names of addresses and 1,200 remarks on exchanges in its files are left out, because there are too many: flows may differ from what was exported. Export less at once.',
  ],
  [
    'packets cut off',
    worker({ httpBytes: 3000, lostBytes: 1000, truncatedBytes: 1000 }),
    'error: node-b has 25% of the bytes cut off in the last minute (1000 bytes), because packets were captured shorter than they were: raise the snapshot length.',
  ],
  [
    'more connections than it has room for',
    worker({ evictedConnections: 1500 }),
    'warning: node-b let go of 1,500 open connections in the last minute because it had no room for more: what was under way on them is marked "cut". Capture less with --bpf.',
  ],
  [
    'more bodies than it has room for',
    worker({ bufferLimitHits: 12 }),
    'warning: node-b kept less than --max-body of 12 bodies in the last minute because too many were under way at once: they are marked "truncated". A smaller --max-body keeps it fair.',
  ],
  [
    'more refused connections than it tells of',
    worker({ refusalsUntold: 9900 }),
    'info: node-b saw 9,900 more refused connections in the last minute than it tells of one by one: a client tries without pause, or somebody looks for open ports.',
  ],
  [
    'a disk that is too slow for packets',
    worker({ recordShedConnections: 7 }),
    'warning: node-b did not record the packets of 7 connections in the last minute because its disk was slower than they came: their flows are whole, exports of them are not. Use --record-on memory, or capture less with --bpf.',
  ],
  [
    'a disk that is full',
    worker({ recordDiskFull: 2 }),
    'error: node-b cannot write packets because its disk is full: only the last of them are kept, in memory, until writing works again. Make room there, lower --record-limit, or use --record-on memory.',
  ],
  [
    'packets that cannot outlive their worker',
    worker({}, { counters: { flows: 1, recordKeyRefused: 1 } }),
    'info: node-b will lose its packets when it is started again: their key cannot be kept in memory outside of its process (its log says why).',
  ],
  [
    'files of an earlier worker that were not whole',
    worker({}, { counters: { flows: 1, recordUnrestoredFiles: 1 } }, { ageMs: 60_000 }),
    'info: node-b was started again and could not read 1 of the files of packets it had left (one that was being written when it was killed, as a rule): they are removed.',
  ],
  [
    'a spool that ran over',
    worker({ spoolDroppedFlows: 12_345 }),
    'error: node-b had to drop 12,345 flows in the last minute because the hub did not take them in time: give the hub more CPU or a faster disk, or capture less with --bpf.',
  ],
  [
    'away',
    worker({}, { state: 'away' }, { silentMs: 200_000 }),
    'error: node-b has been away for 3 min: nothing new comes from it. It reconnects by itself and sends what its spool has kept; if it does not, look at its log.',
  ],
  [
    'failed',
    worker(
      { kernelDrops: 5 },
      {
        state: 'failed',
        problem: { code: 'CAPTURE_NOT_PERMITTED', message: 'may not capture', remedy: 'Run it as root.' },
      },
    ),
    'error: node-b: may not capture. Run it as root.',
  ],
  [
    'failed, and nothing to be done',
    worker({}, { state: 'failed', problem: { code: 'CAPTURE_FAILED', message: 'The ring broke.' } }),
    'error: node-b: The ring broke.',
  ],
  [
    'no packets',
    worker({}, { counters: { packetsCaptured: 0, flows: 0 } }, { ageMs: 30_000 }),
    'info: node-b has been capturing on any for 30 s and saw no packets: is it the right interface, and does anything talk?',
  ],
  [
    'other protocols than HTTP',
    worker(
      {},
      { counters: { packetsCaptured: 9, tlsConnections: 1200, otherConnections: 3 } },
      { ageMs: 90_000 },
    ),
    'info: node-b has been capturing on any for 90 s and saw no HTTP: of the connections 1,200 encrypted (TLS), 3 of other protocols.',
  ],
  [
    'no data at all',
    worker({}, { counters: { packetsCaptured: 52_000, packets: 51_000 } }),
    'info: node-b has been capturing on any for 10 min and saw no HTTP: 51,000 TCP packets and no connection with data.',
  ],
  [
    'a file without HTTP',
    worker(
      {},
      { state: 'done', sources: ['a.pcap'], counters: { http2Connections: 2 } },
      { period: 'in its files' },
    ),
    'info: There is no HTTP in a.pcap: of the connections 2 HTTP/2.',
  ],
])('a worker: %s', (_, trend, sentence) => {
  expect(tell({ workers: [trend] })).toEqual([sentence]);
});

test('a worker that has just begun is not told to be quiet', () => {
  expect(tell({ workers: [worker({}, { counters: {} }, { ageMs: 29_000 })] })).toEqual([]);
});

test.each<[string, Partial<HealthInput>, string]>([
  [
    'nearly full',
    { store: { bytes: 1.9 * 2 ** 30, limit: 2 * 2 ** 30 } },
    'info: The store is 95% full (1.9 GiB of 2 GiB); the oldest flows will be deleted: raise --storage-limit to keep more.',
  ],
  [
    'deleting',
    { store: { bytes: 2 ** 31, limit: 2 ** 31 }, growth: { retiredFlows: 70_000 } },
    'info: The 70,000 oldest flows were deleted in the last minute to stay under 2 GiB or --max-age: raise --storage-limit to keep more.',
  ],
  [
    'not writing',
    { problem: 'the disk is full.' },
    'error: Nothing can be stored at the moment, the workers keep what they have: the disk is full.',
  ],
  [
    'damaged',
    { growth: { damagedSegments: 1 } },
    'error: 1 damaged files of the store were put aside in the last minute (*.damaged in --data-dir): the flows in them are not shown. Check the disk.',
  ],
  [
    'slow filters',
    { growth: { liveUnexamined: 1000 } },
    'info: Live filters were too slow for 1,000 flows in the last minute: they are stored but were not shown live. Simpler filters, or fewer at once, help.',
  ],
  [
    'more told by files than is kept',
    { growth: { forgottenMarks: 5, unnamedAddresses: 1000 } },
    'warning: The capture files say more than is kept at a time: 5 of their remarks on exchanges and the names of 1,000 addresses were left out in the last minute. Flows may differ from what was exported; open fewer files at once.',
  ],
  [
    'a certificate that will end',
    { certificateLeftMs: 3 * 86_400_000 },
    "warning: The hub's certificate expires in 3 d; then no worker can connect any more. Install Remora again before that.",
  ],
  [
    'a certificate that has ended',
    { certificateLeftMs: 0 },
    "error: The hub's certificate has expired: no worker can connect any more. Install Remora again.",
  ],
])('the hub: %s', (_, input, sentence) => {
  expect(tell({ workers: [worker()], ...input })).toEqual([sentence]);
});

test('no worker at all', () => {
  expect(tell({ uptimeMs: 4000 })).toEqual([]);
  expect(tell({ uptimeMs: 40_000 })).toEqual([
    "warning: No worker has connected for 40 s: nothing is being captured. If this lasts, look at the workers' logs.",
  ]);
});

test('the worst comes first and decides', () => {
  const messages = healthMessages({
    ...calm,
    workers: [worker({ packetsCaptured: 1e6, kernelDrops: 1 }), worker({}, { state: 'away' })],
    growth: { retiredFlows: 1 },
  });
  expect(messages.map(({ level }) => level)).toEqual(['error', 'warning', 'info']);
  expect(healthStatus(messages)).toBe('failing');
  expect(healthStatus(messages.slice(1))).toBe('degraded');
  expect(healthStatus(messages.slice(2))).toBe('ok');
});

test('workers with the same problem are told of together', () => {
  const problem = { code: 'CAPTURE_NOT_PERMITTED', message: 'no NET_RAW', remedy: 'Add it.' };
  const failed = (node: string, other = {}) =>
    worker({}, { node, state: 'failed', problem: { ...problem, ...other } });
  const workers = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((node) => failed(node));
  expect(tell({ workers: [...workers, failed('x', { message: 'no ring' })] })).toEqual([
    'error: a, b, c, d, e and 2 others: no NET_RAW. Add it.',
    'error: x: no ring. Add it.',
  ]);
});

test('of thousands of workers in trouble only some are told, and how many more', () => {
  const workers = Array.from({ length: 5000 }, () => worker({}, { state: 'away' }));
  const messages = healthMessages({ ...calm, workers });
  expect(messages).toHaveLength(50);
  expect(messages.at(-1)).toEqual({ level: 'error', text: '4951 more messages are not shown.' });
});
