import { expect, test } from 'vitest';
import type { Health, WorkerHealth } from '../../flow/api.ts';
import { VERSION } from '../../flow/version.ts';
import { tellHealth } from './hub.ts';

function worker(changes: Partial<WorkerHealth>): WorkerHealth {
  return {
    ...{ node: 'node1', session: 's', version: VERSION, state: 'connected', sources: ['any'] },
    ...{ lastSeen: '2026-01-01T00:00:00Z', packetsPerSecond: 12.4, flowsPerSecond: 1 },
    ...{ counters: { packetsCaptured: 90, kernelDrops: 0 }, limits: {} },
    ...changes,
  };
}

function health(workers: WorkerHealth[], changes: Partial<Health> = {}): Health {
  return {
    ...{ status: 'ok', messages: [], version: VERSION, startedAt: '2026-01-01T00:00:00Z', mode: 'cluster' },
    hub: {
      ...{ flows: 1234, flowsPerSecond: 1, oldest: null, newest: null, storeBytes: 2 ** 30 },
      ...{
        bytesPerHour: null,
        keepsHours: null,
        storageLimit: 2 ** 31,
        subscribers: 0,
        counters: {},
        limits: {},
      },
    },
    workers,
    ...changes,
  } as Health;
}

const told = (report: Health) =>
  [...tellHealth(report)].map(({ code, verdict, text }) => `${verdict} ${code} ${text}`);

test('all is well: hub, storage, each worker, drops', () => {
  expect(told(health([worker({}), worker({ node: 'node2' })]))).toEqual([
    'ok HUB the hub answers: 1,234 flows since 2026-01-01T00:00:00Z',
    'ok STORAGE 1.0 GiB of 2.0 GiB are used, 1.0 GiB left; when it is full the oldest flows go',
    'ok WORKER node1: captures on any, 12 packets/s, 0 dropped',
    'ok WORKER node2: captures on any, 12 packets/s, 0 dropped',
    'ok DROPS since the start 0 of 180 packets and 0 flows were dropped',
  ]);
});

test.each([
  [2 ** 30, 2, '1.0 GiB more an hour, so there is room for 2 hours'],
  [2 ** 32, 0.5, '4.0 GiB more an hour, so there is room for 30 minutes'],
  [2 ** 20, 2400, '1.0 MiB more an hour, so there is room for 100 days'],
])(
  'from when to when there is data, and for how long there is room: %s',
  (bytesPerHour, keepsHours, words) => {
    const report = health([]);
    Object.assign(report.hub, {
      bytesPerHour,
      keepsHours,
      oldest: '2026-01-01T00:00:00Z',
      newest: '2026-01-02T00:00:00Z',
    });
    const [hub, storage] = told(report);
    expect(hub).toContain('1,234 flows from 2026-01-01T00:00:00Z to 2026-01-02T00:00:00Z');
    expect(storage).toContain(words);
  },
);

test('a worker that cannot capture is told with its own code and remedy, once', () => {
  const problem = { code: 'CAPTURE_NOT_PERMITTED', message: 'you may not', remedy: 'Add NET_RAW.' };
  const report = health([worker({ state: 'failed', problem })], {
    messages: [{ level: 'error', text: 'node1: you may not' }],
  });
  expect([...tellHealth(report)].filter(({ verdict }) => verdict === 'failed')).toEqual([
    {
      code: 'CAPTURE_NOT_PERMITTED',
      verdict: 'failed',
      text: 'node1: you may not',
      remedy: 'Add NET_RAW.',
    },
  ]);
});

test('workers that are away, losses, and what the hub warns of', () => {
  const lossy = { packetsCaptured: 90, kernelDrops: 8, overloadDrops: 2, spoolDroppedFlows: 7 };
  const report = health([worker({ state: 'away' }), worker({ node: 'node2', counters: lossy })], {
    messages: [
      { level: 'error', text: 'node1 has been away for 3 s: …' },
      { level: 'error', text: 'node2 dropped 10% of packets' },
      { level: 'warning', text: 'slow' },
      { level: 'info', text: 'quiet' },
    ],
  });
  const lines = told(report);
  expect(lines).toContain(
    'failed WORKER_AWAY node1: its worker has not been heard of since 2026-01-01T00:00:00Z',
  );
  expect(lines).toContain('warning DROPS since the start 10 of 190 packets and 7 flows were dropped');
  expect(lines.filter((line) => line.includes('HEALTH'))).toEqual([
    'failed HEALTH node2 dropped 10% of packets',
    'warning HEALTH slow',
  ]);
});

test('no worker at all is a failure', () => {
  expect(told(health([]))).toContain('failed WORKER no worker has connected: nothing is captured');
});

test('another version of the hub is worth a word', () => {
  expect(told(health([worker({})], { version: '9.9.9' }))).toContain(
    `warning HUB_VERSION the hub is of version 9.9.9, this program of ${VERSION}`,
  );
});

test('thousands of workers are not told one by one, but those in trouble are, up to a limit', () => {
  const many = Array.from({ length: 3000 }, (_, i) =>
    worker({ node: `node${i}`, ...(i % 60 === 0 ? { state: 'failed' as const } : {}) }),
  );
  const lines = told(health(many));
  expect(lines.length).toBeLessThan(40);
  expect(lines).toContain('ok WORKER 2,950 workers capture');
  expect(lines).toContain('failed WORKER 30 more workers do not capture');
});
