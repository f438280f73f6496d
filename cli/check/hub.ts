/** What the hub says of itself, its storage, its workers and their losses. */

import type { Health, WorkerHealth } from '../../flow/api.ts';
import { VERSION } from '../../flow/version.ts';
import { askHealth, withHub } from '../cluster/hub-report.ts';
import type { Kube } from '../kube/client.ts';
import type { Terminal } from '../output/terminal.ts';
import { bytes, count } from '../output/units.ts';
import { PACKET_DROPS } from '../tap/status.ts';
import { type Finding, type Findings, failed, failedBy, ok, warning } from './finding.ts';

const LIMIT_MS = 10_000;
/** With thousands of nodes: so many of a kind are told one by one. */
const MAX_WORKERS = 20;

export async function* checkHub(kube: Kube, namespace: string, terminal: Terminal): Findings {
  let health: Health;
  try {
    health = await withHub(kube, terminal, namespace, LIMIT_MS, askHealth);
  } catch (error) {
    yield failedBy('HUB', error);
    return;
  }
  yield* tellHealth(health);
}

/** From when to when there is data. */
function extent({ oldest, newest }: Health['hub']): string | undefined {
  return oldest === null || newest === null ? undefined : `from ${oldest} to ${newest}`;
}

/** A hub's report as findings. */
export function* tellHealth(health: Health): Generator<Finding> {
  const { hub, version, workers } = health;
  yield ok('HUB', `the hub answers: ${count(hub.flows)} flows ${extent(hub) ?? `since ${health.startedAt}`}`);
  if (version !== VERSION) {
    yield warning(
      'HUB_VERSION',
      `the hub is of version ${version}, this program of ${VERSION}`,
      'If something does not work: `remora clean`, then start it anew.',
    );
  }
  yield storage(hub);
  yield* tellWorkers(workers);
  yield drops(workers);
  yield* tellMessages(health);
}

function storage({
  storeBytes,
  storageLimit,
  oldest,
  newest,
  bytesPerHour,
  keepsHours,
}: Health['hub']): Finding {
  if (storageLimit <= 0) return ok('STORAGE', `${bytes(storeBytes)} stored`);
  const left = Math.max(0, storageLimit - storeBytes);
  const growth =
    keepsHours === null
      ? ''
      : `; ${bytes(bytesPerHour ?? 0)} more an hour, so there is room for ${hours(keepsHours)}`;
  return ok(
    'STORAGE',
    `${bytes(storeBytes)} of ${bytes(storageLimit)} are used, ${bytes(left)} left; when it is full the oldest flows go${growth}`,
    { storeBytes, storageLimit, oldest, newest, bytesPerHour, keepsHours },
  );
}

/** Hours in words: `40 minutes`, `26 hours`, `12 days`. */
function hours(n: number): string {
  if (n < 1) return `${Math.round(n * 60)} minutes`;
  return n < 72 ? `${Math.round(n)} hours` : `${count(n / 24)} days`;
}

function* tellWorkers(workers: readonly WorkerHealth[]): Generator<Finding> {
  const well = workers.filter(({ state }) => state === 'connected' || state === 'done');
  const ill = workers.filter(({ state }) => state === 'failed' || state === 'away');
  if (workers.length === 0) {
    yield failed('WORKER', 'no worker has connected: nothing is captured', 'See their logs: `remora logs`.');
  }
  for (const worker of ill.slice(0, MAX_WORKERS)) yield tellIll(worker);
  if (ill.length > MAX_WORKERS)
    yield failed('WORKER', `${count(ill.length - MAX_WORKERS)} more workers do not capture`);
  if (well.length > MAX_WORKERS) yield ok('WORKER', `${count(well.length)} workers capture`);
  else for (const worker of well) yield tellWell(worker);
}

function tellIll({ node, state, problem, lastSeen }: WorkerHealth): Finding {
  if (state === 'away') {
    return failed(
      'WORKER_AWAY',
      `${node}: its worker has not been heard of since ${lastSeen}`,
      'See its log: `remora logs`.',
    );
  }
  return failed(
    problem?.code ?? 'WORKER',
    `${node}: ${problem?.message ?? 'its worker cannot capture'}`,
    problem?.remedy,
  );
}

function tellWell({ node, sources, version, packetsPerSecond, counters }: WorkerHealth): Finding {
  const lost = dropped(counters);
  return ok(
    'WORKER',
    `${node}: captures on ${sources.join(', ')}, ${count(packetsPerSecond)} packets/s, ${count(lost)} dropped` +
      (version === VERSION ? '' : ` (version ${version})`),
  );
}

function drops(workers: readonly WorkerHealth[]): Finding {
  const total = (name: string) => workers.reduce((sum, { counters }) => sum + (counters[name] ?? 0), 0);
  const packets = workers.reduce((sum, { counters }) => sum + dropped(counters), 0);
  const flows = total('spoolDroppedFlows');
  const captured = total('packetsCaptured');
  const text = `since the start ${count(packets)} of ${count(packets + captured)} packets and ${count(flows)} flows were dropped`;
  const details = { packets, captured, flows };
  if (packets + flows === 0) return ok('DROPS', text, details);
  return {
    ...warning(
      'DROPS',
      text,
      'The flows concerned are marked; the page says where and what helps: `remora view`.',
    ),
    details,
  };
}

function dropped(counters: Record<string, number>): number {
  return PACKET_DROPS.reduce((sum, name) => sum + (counters[name] ?? 0), 0);
}

/** The hub's own words, but for workers that were told of already. */
function* tellMessages({ messages, workers }: Health): Generator<Finding> {
  const told = workers.filter(({ state }) => state === 'failed' || state === 'away').map(({ node }) => node);
  for (const { level, text } of messages) {
    if (told.some((node) => text.startsWith(`${node}: `) || text.startsWith(`${node} has been away`)))
      continue;
    if (level === 'error') yield failed('HEALTH', text);
    else if (level === 'warning') yield warning('HEALTH', text);
  }
}
