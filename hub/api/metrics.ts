import { Counter, Gauge, Registry } from 'prom-client';
import type { Health } from '../../flow/api.ts';

export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Counters and limits come from workers too, under names of their choice. */
const COUNTER_NAME = /^[a-z][A-Za-z0-9]{0,63}$/;
/** Of the reported numbers these go down as well as up. */
const GAUGES = [
  'clusterObjects',
  'ingestQueuedBytes',
  'open',
  'halfOpen',
  'heldBytes',
  'recordedBytes',
  'recordOldest',
  'recordKeyRefused',
  'spoolBytes',
  'rssBytes',
];
const WORKER_STATES = ['connected', 'away', 'done', 'failed'] as const;

/**
 * Prometheus text of a health report, so that both always tell the same: `remora_hub_…` and
 * `remora_worker_…{node, session}`. Counters end in `_total`; limits are one gauge with the limit's name as label.
 */
export function renderMetrics(health: Health): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const { hub, workers } = health;

  gauge('remora_info', 'Version of the hub.', ['version', 'mode']).set(
    { version: health.version, mode: health.mode },
    1,
  );
  gauge('remora_hub_flows', 'Flows stored.').set(hub.flows);
  gauge('remora_hub_store_bytes', 'Size of the store on disk.').set(hub.storeBytes);
  gauge('remora_hub_storage_limit_bytes', 'Above this the oldest flows are deleted.').set(hub.storageLimit);
  gauge('remora_hub_live_subscribers', 'Live subscribers.').set(hub.subscribers);
  for (const [name, value] of Object.entries(hub.counters)) addCounter(registers, 'hub', name, value, {});
  const hubLimits = gauge('remora_hub_limit', 'Bounds of the buffers of the hub.', ['limit']);
  for (const [limit, value] of Object.entries(hub.limits)) hubLimits.set({ limit }, value);

  const states = gauge('remora_worker_state', '1 for the state the worker is in.', [
    'node',
    'session',
    'state',
  ]);
  const workerLimits = gauge('remora_worker_limit', 'Bounds of the buffers of a worker.', [
    ...['node', 'session', 'limit'],
  ]);
  for (const { node, session, state, counters, limits } of workers) {
    const labels = { node, session };
    for (const each of WORKER_STATES) states.set({ ...labels, state: each }, each === state ? 1 : 0);
    for (const [name, value] of Object.entries(counters))
      addCounter(registers, 'worker', name, value, labels);
    for (const [limit, value] of Object.entries(limits)) workerLimits.set({ ...labels, limit }, value);
  }
  return registry.metrics();
}

function addCounter(
  registers: Registry[],
  owner: 'hub' | 'worker',
  counter: string,
  value: number,
  labels: Record<string, string>,
): void {
  if (!COUNTER_NAME.test(counter) || !(value >= 0)) return;
  const snake = counter.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
  const isGauge = GAUGES.includes(counter);
  const name = `remora_${owner}_${snake}${isGauge ? '' : '_total'}`;
  const known = registers[0].getSingleMetric(name) as Counter | Gauge | undefined;
  const help = `${counter} of the ${owner}.`;
  const description = { name, help, labelNames: Object.keys(labels), registers };
  const metric = known ?? (isGauge ? new Gauge(description) : new Counter(description));
  metric.inc(labels, value);
}
