import type { Health } from '../../flow/api.ts';
import type { ClusterHealth } from '../../flow/cluster-health.ts';
import { clusterMessages } from './cluster-health.ts';
import { formatBytes, formatCount, formatDuration, formatShare } from './quantities.ts';
import {
  captureMessages,
  type HealthMessage,
  isFine,
  type WorkerTrend,
  workerMessages,
} from './worker-health.ts';

export interface HealthInput {
  mode: Health['mode'];
  /** How long the hub has run, ms. */
  uptimeMs: number;
  workers: WorkerTrend[];
  store: { bytes: number; limit: number };
  /** Why nothing can be committed at the moment. */
  problem: string | undefined;
  /** How long the hub's certificate will be valid, ms; Infinity where it has none. */
  certificateLeftMs: number;
  /** What the hub's counters grew by in the last minute. */
  growth: Record<string, number>;
  /** What is known of the cluster, in mode cluster. */
  cluster?: ClusterHealth | undefined;
}

/** No worker for so long is more than a slow start. */
const SLOW_START_MS = 30_000;
const NEARLY_FULL = 0.9;
/** Time to mend it, and little enough that nobody has to read it for long. */
const EXPIRES_SOON_MS = 14 * 86_400_000;
/** With thousands of workers: the worst stand for all. */
const MAX_MESSAGES = 50;

const LEVELS: Record<HealthMessage['level'], number> = { error: 0, warning: 1, info: 2 };

/** What is wrong, in sentences that say what to do, worst first; empty where all is well. */
export function healthMessages(input: HealthInput): HealthMessage[] {
  const messages = [
    ...captureMessages(input.workers.map(({ worker }) => worker)),
    ...input.workers.flatMap(workerMessages),
    ...storeMessages(input),
    ...clusterMessages(input),
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

/** How many workers are fine, in words. */
export function healthSummary(workers: readonly WorkerTrend[]): string {
  const fine = workers.filter(isFine).length;
  const all = workers.length;
  if (all === 0) return 'No worker is connected.';
  if (all === 1) return fine === 1 ? 'The worker is fine.' : 'The worker is not fine.';
  const are = fine === 1 ? 'is' : 'are';
  return fine === all
    ? `All ${formatCount(all)} workers are fine.`
    : `${formatCount(fine)} of ${formatCount(all)} workers ${are} fine.`;
}

export function healthStatus(messages: readonly HealthMessage[]): Health['status'] {
  if (messages.some(({ level }) => level === 'error')) return 'failing';
  return messages.some(({ level }) => level === 'warning') ? 'degraded' : 'ok';
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

function hubMessages({ growth, certificateLeftMs }: HealthInput): HealthMessage[] {
  const messages: HealthMessage[] = [];
  const { liveUnexamined = 0, forgottenMarks = 0, unnamedAddresses = 0 } = growth;
  if (liveUnexamined > 0) {
    messages.push({
      level: 'info',
      text:
        `Live filters were too slow for ${formatCount(liveUnexamined)} flows in the last minute: they are stored ` +
        'but were not shown live. Simpler filters, or fewer at once, help.',
    });
  }
  if (forgottenMarks + unnamedAddresses > 0) {
    messages.push({
      level: 'warning',
      text:
        `The capture files say more than is kept at a time: ${formatCount(forgottenMarks)} of their remarks on exchanges ` +
        `and the names of ${formatCount(unnamedAddresses)} addresses were left out in the last minute. Flows may differ ` +
        'from what was exported; open fewer files at once.',
    });
  }
  if (certificateLeftMs <= 0) {
    messages.push({
      level: 'error',
      text: "The hub's certificate has expired: no worker can connect any more. Install Remora again.",
    });
  } else if (certificateLeftMs < EXPIRES_SOON_MS) {
    messages.push({
      level: 'warning',
      text:
        `The hub's certificate expires in ${formatDuration(certificateLeftMs)}; then no worker can connect any ` +
        'more. Install Remora again before that.',
    });
  }
  return messages;
}

function absenceMessages({ workers, uptimeMs, mode }: HealthInput): HealthMessage[] {
  if (workers.length > 0 || uptimeMs < 5000) return [];
  const what = mode === 'file' ? 'nothing is reading the files' : 'nothing is being captured';
  return [
    {
      level: uptimeMs < SLOW_START_MS ? 'info' : 'warning',
      text: `No worker has connected for ${formatDuration(uptimeMs)}: ${what}. If this lasts, look at the workers' logs.`,
    },
  ];
}
