import { expect, test } from 'vitest';
import type { Health, WorkerHealth } from '../../flow/api.ts';
import { renderMetrics } from './metrics.ts';

function health(counters: Record<string, number>, node = 'node-a'): Health {
  const worker: WorkerHealth = {
    ...{ node, session: 's1', version: '1', state: 'connected', sources: ['any'], lastSeen: '' },
    ...{ packetsPerSecond: 0, flowsPerSecond: 0, counters, limits: { spoolBytes: 1024 } },
  };
  return {
    ...{ status: 'ok', messages: [], summary: '', version: '1.2.3', startedAt: '', mode: 'local' },
    hub: {
      ...{ flows: 7, flowsPerSecond: 0, oldest: null, newest: null, storeBytes: 1, storageLimit: 2 },
      ...{ bytesPerHour: null, keepsHours: null },
      ...{ subscribers: 3, counters: { retiredFlows: 4 }, limits: { liveSubscribers: 64 } },
    },
    workers: [worker, { ...worker, node: 'node-b', session: 's2', state: 'away' }],
  };
}

test('counters and limits of hub and workers', async () => {
  const text = await renderMetrics(health({ kernelDrops: 5, heldBytes: 77 }));
  expect(text).toContain('# TYPE remora_worker_kernel_drops_total counter');
  expect(text).toContain('remora_worker_kernel_drops_total{node="node-a",session="s1"} 5');
  expect(text).toContain('remora_worker_kernel_drops_total{node="node-b",session="s2"} 5');
  expect(text).toContain('# TYPE remora_worker_held_bytes gauge');
  expect(text).toContain('remora_worker_held_bytes{node="node-a",session="s1"} 77');
  expect(text).toContain('remora_worker_state{node="node-b",session="s2",state="away"} 1');
  expect(text).toContain('remora_worker_limit{node="node-a",session="s1",limit="spoolBytes"} 1024');
  expect(text).toContain('remora_hub_retired_flows_total 4');
  expect(text).toContain('remora_hub_limit{limit="liveSubscribers"} 64');
  expect(text).toContain('remora_hub_flows 7');
  expect(text).toContain('remora_info{version="1.2.3",mode="local"} 1');
});

test('hostile names and values of a worker cannot break the format', async () => {
  const counters = { 'x 1\nevil': 1, __proto__x: 2, 'a-b': 3, fine: Number.NaN, bad: -1, ok: 6 };
  const text = await renderMetrics(health(counters, 'n"\n# HELP x\\'));
  expect(text).not.toMatch(/evil|remora_worker_fine|remora_worker_bad/);
  expect(text).toContain('remora_worker_ok_total{node="n\\"\\n# HELP x\\\\",session="s1"} 6');
});
