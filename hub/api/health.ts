import type { Health, WorkerHealth } from '../../flow/api.ts';
import { formatBytes, formatCount, formatDuration, formatShare } from './quantities.ts';

export type HealthMessage = Health['messages'][number];

/** A worker, with what its counters grew by lately. */
export interface WorkerTrend {
  worker: WorkerHealth;
  growth: Record<string, number>;
  /** What "lately" is: live captures and files differ. */
  period: 'in the last minute' | 'in its files';
  /** How long the hub has known it, ms, and for how long it has not been heard, ms. */
  ageMs: number;
  silentMs: number;
}

export interface HealthInput {
  mode: Health['mode'];
  /** How long the hub has run, ms. */
  uptimeMs: number;
  workers: WorkerTrend[];
  store: { bytes: number; limit: number };
  /** Why nothing can be committed at the moment. */
  problem: string | undefined;
  /** What the hub's counters grew by in the last minute. */
  growth: Record<string, number>;
}

/** A share of lost packets or bytes from which the picture must be called wrong. */
const SERIOUS_SHARE = 0.01;
/** Quiet for so long is worth a word. */
const QUIET_MS = 30_000;
const NEARLY_FULL = 0.9;
/** With thousands of workers: the worst stand for all. */
const MAX_MESSAGES = 50;

const LEVELS: Record<HealthMessage['level'], number> = { error: 0, warning: 1, info: 2 };

/** What is wrong, in sentences that say what to do, worst first; empty where all is well. */
export function healthMessages(input: HealthInput): HealthMessage[] {
  const messages = [
    ...input.workers.flatMap(workerMessages),
    ...storeMessages(input),
    ...hubMessages(input),
    ...absenceMessages(input),
  ].sort((a, b) => LEVELS[a.level] - LEVELS[b.level]);
  if (messages.length <= MAX_MESSAGES) return messages;
  const rest = messages.length - MAX_MESSAGES + 1;
  return [
    ...messages.slice(0, -rest),
    { level: messages[0].level, text: `${rest} more messages are not shown.` },
  ];
}

export function healthStatus(messages: readonly HealthMessage[]): Health['status'] {
  if (messages.some(({ level }) => level === 'error')) return 'failing';
  return messages.some(({ level }) => level === 'warning') ? 'degraded' : 'ok';
}

function workerMessages(trend: WorkerTrend): HealthMessage[] {
  const { worker, silentMs } = trend;
  const { node } = worker;
  if (worker.state === 'failed') {
    return [
      { level: 'error', text: `${node}: ${worker.problem ?? 'the worker failed and did not say why.'}` },
    ];
  }
  const messages = lossMessages(trend);
  if (worker.state === 'away') {
    messages.push({
      level: 'error',
      text:
        `${node} has been away for ${formatDuration(silentMs)}: nothing new comes from it. It reconnects by itself ` +
        'and sends what its spool has kept; if it does not, look at its log.',
    });
  }
  if (worker.state === 'connected') messages.push(...quietMessages(trend));
  return messages;
}

/** What was lost on the way from the wire to the hub, with the share it is of the whole. */
function lossMessages({ worker: { node }, growth, period }: WorkerTrend): HealthMessage[] {
  const messages: HealthMessage[] = [];
  const { packets = 0, kernelDrops = 0, interfaceDrops = 0, bytes = 0, lostBytes = 0 } = growth;
  const lose = (share: number, text: string) => {
    messages.push({ level: share >= SERIOUS_SHARE ? 'error' : 'warning', text });
  };
  if (kernelDrops > 0) {
    const share = kernelDrops / (packets + kernelDrops);
    lose(
      share,
      `${node} dropped ${formatShare(share)} of packets ${period} (${formatCount(kernelDrops)}): ` +
        'raise --buffer-size, give it more CPU, or capture less with --bpf.',
    );
  }
  if (interfaceDrops > 0) {
    const share = interfaceDrops / (packets + interfaceDrops);
    lose(
      share,
      `${node}: the network interface or its driver dropped ${formatShare(share)} of packets ${period} ` +
        `(${formatCount(interfaceDrops)}): larger rings (ethtool -G) help, Remora's own settings do not.`,
    );
  }
  if (lostBytes > 0) {
    const share = lostBytes / (bytes + lostBytes);
    lose(
      share,
      `${node} never saw ${formatShare(share)} of the bytes that were acknowledged ${period} ` +
        `(${formatBytes(lostBytes)}): the flows concerned are marked "gap".`,
    );
  }
  const { spoolDroppedFlows = 0 } = growth;
  if (spoolDroppedFlows > 0) {
    messages.push({
      level: 'error',
      text:
        `${node} had to drop ${formatCount(spoolDroppedFlows)} flows ${period} because the hub did not take ` +
        'them in time: give the hub more CPU or a faster disk, or capture less with --bpf.',
    });
  }
  return messages;
}

function quietMessages({ worker, ageMs }: WorkerTrend): HealthMessage[] {
  const { packets = 0, flows = 0 } = worker.counters;
  if (ageMs < QUIET_MS || flows > 0) return [];
  const begin = `${worker.node} has been capturing on ${worker.sources.join(', ')} for ${formatDuration(ageMs)}`;
  const text =
    packets === 0
      ? `${begin} and saw no packets: is it the right interface, and does anything talk?`
      : `${begin} and saw no HTTP in ${formatCount(packets)} packets: the traffic may be encrypted (TLS), of another ` +
        'protocol, or left out by --bpf.';
  return [{ level: 'info', text }];
}

function storeMessages({ store, problem, growth }: HealthInput): HealthMessage[] {
  const messages: HealthMessage[] = [];
  const { retiredFlows = 0, damagedSegments = 0 } = growth;
  const remedy = 'raise --storage-limit to keep more.';
  if (problem !== undefined) {
    messages.push({
      level: 'error',
      text: `Nothing can be stored at the moment, the workers keep what they have: ${problem}`,
    });
  }
  if (damagedSegments > 0) {
    messages.push({
      level: 'error',
      text:
        `${formatCount(damagedSegments)} damaged files of the store were put aside in the last minute (*.damaged in ` +
        '--data-dir): the flows in them are not shown. Check the disk.',
    });
  }
  if (retiredFlows > 0) {
    messages.push({
      level: 'info',
      text:
        `The ${formatCount(retiredFlows)} oldest flows were deleted in the last minute to stay under ` +
        `${formatBytes(store.limit)} or --max-age: ${remedy}`,
    });
  } else if (store.limit > 0 && store.bytes >= NEARLY_FULL * store.limit) {
    messages.push({
      level: 'info',
      text:
        `The store is ${formatShare(store.bytes / store.limit)} full (${formatBytes(store.bytes)} of ` +
        `${formatBytes(store.limit)}); the oldest flows will be deleted: ${remedy}`,
    });
  }
  return messages;
}

function hubMessages({ growth }: HealthInput): HealthMessage[] {
  const { liveUnexamined = 0 } = growth;
  if (liveUnexamined === 0) return [];
  return [
    {
      level: 'info',
      text:
        `Live filters were too slow for ${formatCount(liveUnexamined)} flows in the last minute: they are stored ` +
        'but were not shown live. Simpler filters, or fewer at once, help.',
    },
  ];
}

function absenceMessages({ workers, uptimeMs, mode }: HealthInput): HealthMessage[] {
  if (workers.length > 0 || uptimeMs < 5000) return [];
  const what = mode === 'file' ? 'nothing is reading the files' : 'nothing is being captured';
  return [
    {
      level: uptimeMs < QUIET_MS ? 'info' : 'warning',
      text: `No worker has connected for ${formatDuration(uptimeMs)}: ${what}. If this lasts, look at the workers' logs.`,
    },
  ];
}
