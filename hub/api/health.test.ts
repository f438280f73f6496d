import { expect, test } from 'vitest';
import type { WorkerHealth } from '../../flow/api.ts';
import { type HealthInput, healthMessages, healthStatus, type WorkerTrend } from './health.ts';

const calm: HealthInput = {
  mode: 'local',
  uptimeMs: 3_600_000,
  workers: [],
  store: { bytes: 0, limit: 2 ** 31 },
  problem: undefined,
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
      counters: { packets: 1000, flows: 10 },
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

test('all is well: nothing to say', () => {
  const messages = healthMessages({ ...calm, workers: [worker({ packets: 5000 })] });
  expect(messages).toEqual([]);
  expect(healthStatus(messages)).toBe('ok');
});

test.each<[string, WorkerTrend, string]>([
  [
    'many packets dropped by the kernel',
    worker({ packets: 98_800, kernelDrops: 1200 }),
    'error: node-b dropped 1.2% of packets in the last minute (1,200): raise --buffer-size, give it more CPU, or capture less with --bpf.',
  ],
  [
    'a few',
    worker({ packets: 1_000_000, kernelDrops: 3 }),
    'warning: node-b dropped less than 0.01% of packets in the last minute (3): raise --buffer-size, give it more CPU, or capture less with --bpf.',
  ],
  [
    'the interface drops',
    worker({ packets: 50, interfaceDrops: 50 }),
    "error: node-b: the network interface or its driver dropped 50% of packets in the last minute (50): larger rings (ethtool -G) help, Remora's own settings do not.",
  ],
  [
    'holes',
    worker({ bytes: 1_000_000, lostBytes: 1536 }),
    'warning: node-b never saw 0.15% of the bytes that were acknowledged in the last minute (1.5 KiB): the flows concerned are marked "gap".',
  ],
  [
    'holes of a file',
    worker({ bytes: 3, lostBytes: 1 }, { state: 'done' }, { period: 'in its files' }),
    'error: node-b never saw 25% of the bytes that were acknowledged in its files (1 bytes): the flows concerned are marked "gap".',
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
    worker({ kernelDrops: 5 }, { state: 'failed', problem: 'not allowed to capture: run as root.' }),
    'error: node-b: not allowed to capture: run as root.',
  ],
  [
    'failed without a word',
    worker({}, { state: 'failed' }),
    'error: node-b: the worker failed and did not say why.',
  ],
  [
    'no packets',
    worker({}, { counters: { packets: 0, flows: 0 } }, { ageMs: 30_000 }),
    'info: node-b has been capturing on any for 30 s and saw no packets: is it the right interface, and does anything talk?',
  ],
  [
    'packets but no HTTP',
    worker({}, { counters: { packets: 52_000, flows: 0 } }, { ageMs: 90_000 }),
    'info: node-b has been capturing on any for 90 s and saw no HTTP in 52,000 packets: the traffic may be encrypted (TLS), of another protocol, or left out by --bpf.',
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
    workers: [worker({ packets: 1e6, kernelDrops: 1 }), worker({}, { state: 'away' })],
    growth: { retiredFlows: 1 },
  });
  expect(messages.map(({ level }) => level)).toEqual(['error', 'warning', 'info']);
  expect(healthStatus(messages)).toBe('failing');
  expect(healthStatus(messages.slice(1))).toBe('degraded');
  expect(healthStatus(messages.slice(2))).toBe('ok');
});

test('of thousands of workers in trouble only some are told, and how many more', () => {
  const workers = Array.from({ length: 5000 }, () => worker({}, { state: 'away' }));
  const messages = healthMessages({ ...calm, workers });
  expect(messages).toHaveLength(50);
  expect(messages.at(-1)).toEqual({ level: 'error', text: '4951 more messages are not shown.' });
});
