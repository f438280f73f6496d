import type { Health, WorkerHealth } from '../../flow/api.ts';
import type { Problem } from '../../flow/problem.ts';
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

/** A share of lost packets or bytes from which the picture must be called wrong. */
const SERIOUS_SHARE = 0.01;
/** Quiet for so long is worth a word. */
const QUIET_MS = 30_000;

/** What is wrong with one worker, in sentences. */
export function workerMessages(trend: WorkerTrend): HealthMessage[] {
  const { worker, silentMs } = trend;
  const { node } = worker;
  // Of those that cannot capture the problem says all there is to say.
  if (worker.problem !== undefined) return [];
  const messages = [
    ...lossMessages(trend),
    ...limitMessages(trend),
    ...restartMessages(trend),
    ...clockMessages(trend),
    ...quietMessages(trend),
  ];
  if (worker.state === 'away') {
    messages.push({
      level: 'error',
      text:
        `${node} has been away for ${formatDuration(silentMs)}: nothing new comes from it. It reconnects by itself ` +
        'and sends what its spool has kept; if it does not, look at its log.',
    });
  }
  return messages;
}

/** It can capture, and nothing is wrong with what it sends. */
export function isFine(trend: WorkerTrend): boolean {
  return trend.worker.problem === undefined && workerMessages(trend).every(({ level }) => level === 'info');
}

/** Clocks that differ by more are worth a word, ms; by as much more, a warning. */
const CLOCK_MS = 100;
const CLOCK_WRONG_MS = 1000;

function clockMessages({ worker: { node, clockOffsetMs = 0 } }: WorkerTrend): HealthMessage[] {
  const by = Math.abs(clockOffsetMs);
  if (by <= CLOCK_MS) return [];
  const [is, are] = clockOffsetMs > 0 ? ['ahead of', 'late'] : ['behind', 'early'];
  return [
    {
      level: by > CLOCK_WRONG_MS ? 'warning' : 'info',
      text:
        `${node}'s clock is ${by < 2000 ? `${by} ms` : formatDuration(by)} ${is} the hub's: the times of its flows are ` +
        `as much too ${are}, and calls across nodes may seem out of order; durations are right. Let NTP (chrony) set the clocks of all nodes.`,
    },
  ];
}

/** At most so many names of nodes in one sentence. */
const NAMED_NODES = 5;

/** What keeps workers from capturing: one sentence for all that have the same problem. */
export function captureMessages(workers: readonly WorkerHealth[]): HealthMessage[] {
  const told = new Map<string, WorkerHealth[]>();
  for (const worker of workers) {
    if (worker.problem === undefined) continue;
    const text = tell(worker.problem);
    told.set(text, [...(told.get(text) ?? []), worker]);
  }
  return Array.from(told, ([text, those]) => ({ level: 'error', text: `${nodeNames(those)}: ${text}` }));
}

/** Message and remedy, as sentences. */
function tell({ message, remedy = '' }: Problem): string {
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  return `${sentence} ${remedy}`.trimEnd();
}

function nodeNames(workers: readonly WorkerHealth[]): string {
  const named = workers.slice(0, NAMED_NODES).map(({ node }) => node);
  const others = workers.length - named.length;
  return others === 0 ? named.join(', ') : `${named.join(', ')} and ${formatCount(others)} others`;
}

/** What was lost on the way from the wire to the hub, with the share it is of the whole. */
function lossMessages({ worker: { node }, growth, period }: WorkerTrend): HealthMessage[] {
  const messages: HealthMessage[] = [];
  const lose = (lost: number, whole: number, tell: (share: string) => string) => {
    if (lost === 0) return;
    const share = lost / whole;
    messages.push({ level: share >= SERIOUS_SHARE ? 'error' : 'warning', text: tell(formatShare(share)) });
  };
  const { packetsCaptured = 0, kernelDrops = 0, interfaceDrops = 0, overloadDrops = 0 } = growth;
  const packets = packetsCaptured + kernelDrops + interfaceDrops;
  lose(
    kernelDrops,
    packets,
    (share) =>
      `${node} dropped ${share} of packets ${period} (${formatCount(kernelDrops)}): ` +
      'raise --buffer-size, give it more CPU, or capture less with --bpf.',
  );
  lose(
    overloadDrops,
    packets,
    (share) =>
      `${node} left ${share} of packets unread ${period} (${formatCount(overloadDrops)}) because it could not ` +
      'keep up: give it more CPU, or capture less with --bpf.',
  );
  lose(
    interfaceDrops,
    packets,
    (share) =>
      `${node}: the network interface or its driver dropped ${share} of packets ${period} ` +
      `(${formatCount(interfaceDrops)}): larger rings (ethtool -G) help, Remora's own settings do not.`,
  );
  const {
    httpBytes = 0,
    http2Bytes = 0,
    tlsBytes = 0,
    otherBytes = 0,
    lostBytes = 0,
    truncatedBytes = 0,
  } = growth;
  const bytes = httpBytes + http2Bytes + tlsBytes + otherBytes + lostBytes;
  lose(
    lostBytes - truncatedBytes,
    bytes,
    (share) =>
      `${node} never saw ${share} of the bytes that were sent ${period} (${formatBytes(lostBytes - truncatedBytes)}): ` +
      'the flows concerned are marked "gap".',
  );
  lose(
    truncatedBytes,
    bytes,
    (share) =>
      `${node} has ${share} of the bytes cut off ${period} (${formatBytes(truncatedBytes)}), because packets were ` +
      'captured shorter than they were: raise the snapshot length.',
  );
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

/** What the worker's bounds on memory have cost. */
function limitMessages({ worker: { node }, growth, period }: WorkerTrend): HealthMessage[] {
  const messages: HealthMessage[] = [];
  const {
    evictedConnections = 0,
    bufferLimitHits = 0,
    refusalsUntold = 0,
    recordShedConnections = 0,
    recordDiskFull = 0,
    recordWriteErrors = 0,
    recordReadErrors = 0,
    namesLeftOut = 0,
    marksLeftOut = 0,
  } = growth;
  if (evictedConnections > 0) {
    messages.push({
      level: 'warning',
      text:
        `${node} let go of ${formatCount(evictedConnections)} open connections ${period} because it had no room for ` +
        'more: what was under way on them is marked "cut". Capture less with --bpf.',
    });
  }
  if (bufferLimitHits > 0) {
    messages.push({
      level: 'warning',
      text:
        `${node} kept less than --max-body of ${formatCount(bufferLimitHits)} bodies ${period} because too many were ` +
        'under way at once: they are marked "truncated". A smaller --max-body keeps it fair.',
    });
  }
  if (refusalsUntold > 0) {
    messages.push({
      level: 'info',
      text:
        `${node} saw ${formatCount(refusalsUntold)} more refused connections ${period} than it tells of one by one: ` +
        'a client tries without pause, or somebody looks for open ports.',
    });
  }
  if (recordShedConnections > 0) {
    messages.push({
      level: 'warning',
      text:
        `${node} did not record the packets of ${formatCount(recordShedConnections)} connections ${period} because its ` +
        'disk was slower than they came: their flows are whole, exports of them are not. Use --record-on memory, or capture less with --bpf.',
    });
  }
  if (recordDiskFull + recordWriteErrors > 0) {
    const why = recordDiskFull > 0 ? 'its disk is full' : 'its disk failed (its log says how)';
    messages.push({
      level: 'error',
      text:
        `${node} cannot write packets because ${why}: only the last of them are kept, in memory, until writing works ` +
        'again. Make room there, lower --record-limit, or use --record-on memory.',
    });
  }
  if (recordReadErrors > 0) {
    messages.push({
      level: 'error',
      text:
        `${node} could not read ${formatCount(recordReadErrors)} of its files of packets ${period}: they are gone or ` +
        'damaged, and what was exported lacks them.',
    });
  }
  if (namesLeftOut + marksLeftOut > 0) {
    messages.push({
      level: 'warning',
      text:
        `${node}: ${formatCount(namesLeftOut)} names of addresses and ${formatCount(marksLeftOut)} remarks on exchanges ` +
        `${period} are left out, because there are too many: flows may differ from what was exported. Export less at once.`,
    });
  }
  return messages;
}

/** A restart is worth a word for so long, ms. */
const RESTART_MS = 600_000;

/** What a restart of the worker has cost, or will, of the packets that it keeps. */
function restartMessages({ worker: { node, counters }, ageMs }: WorkerTrend): HealthMessage[] {
  const messages: HealthMessage[] = [];
  const { recordUnrestoredFiles = 0, recordKeyRefused = 0 } = counters;
  if (recordUnrestoredFiles > 0 && ageMs < RESTART_MS) {
    messages.push({
      level: 'info',
      text:
        `${node} was started again and could not read ${formatCount(recordUnrestoredFiles)} of the files of packets it ` +
        'had left (one that was being written when it was killed, as a rule): they are removed.',
    });
  }
  if (recordKeyRefused > 0) {
    messages.push({
      level: 'info',
      text:
        `${node} will lose its packets when it is started again: their key cannot be kept in memory outside of its ` +
        'process (its log says why).',
    });
  }
  return messages;
}

/** Nothing to see is worth a word, and why that may be. */
function quietMessages({ worker, period, ageMs }: WorkerTrend): HealthMessage[] {
  const { node, state, sources, counters } = worker;
  if ((counters['flows'] ?? 0) > 0) return [];
  if (period === 'in its files') {
    if (state !== 'done') return [];
    return [{ level: 'info', text: `There is no HTTP in ${sources.join(', ')}: ${whatElse(counters)}.` }];
  }
  if (state !== 'connected' || ageMs < QUIET_MS) return [];
  const begin = `${node} has been capturing on ${sources.join(', ')} for ${formatDuration(ageMs)} and saw no`;
  const text =
    (counters['packetsCaptured'] ?? 0) === 0
      ? `${begin} packets: is it the right interface, and does anything talk?`
      : `${begin} HTTP: ${whatElse(counters)}.`;
  return [{ level: 'info', text }];
}

/** What was seen in place of HTTP. */
function whatElse(counters: Record<string, number>): string {
  const { tlsConnections = 0, http2Connections = 0, otherConnections = 0, packets = 0 } = counters;
  const kinds = [
    [tlsConnections, 'encrypted (TLS)'],
    [http2Connections, 'HTTP/2'],
    [otherConnections, 'of other protocols'],
  ] as const;
  const seen = kinds.filter(([count]) => count > 0).map(([count, kind]) => `${formatCount(count)} ${kind}`);
  return seen.length > 0
    ? `of the connections ${seen.join(', ')}`
    : `${formatCount(packets)} TCP packets and no connection with data`;
}
