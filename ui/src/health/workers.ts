import type { WorkerHealth } from '../../../flow/api.ts';
import type { Problem } from '../../../flow/problem.ts';
import { duration, sentence } from '../lib/format.ts';

/** What keeps some workers from capturing. */
export interface CaptureTrouble {
  /** The problem that most of them have, and how many others have another one. */
  problem: Problem;
  nodes: string[];
  others: number;
  /** All that cannot capture, of how many there are. */
  failed: number;
  total: number;
}

/** undefined while every worker can capture. */
export function captureTrouble(workers: readonly WorkerHealth[]): CaptureTrouble | undefined {
  const alike = new Map<string, WorkerHealth[]>();
  for (const worker of workers) {
    if (worker.problem === undefined) continue;
    const text = problemText(worker.problem);
    alike.set(text, [...(alike.get(text) ?? []), worker]);
  }
  const groups = [...alike.values()].sort((a, b) => b.length - a.length);
  const problem = groups[0]?.[0]?.problem;
  if (problem === undefined) return undefined;
  const failed = groups.reduce((sum, { length }) => sum + length, 0);
  return {
    problem,
    nodes: groups[0]!.map(({ node }) => node),
    others: failed - groups[0]!.length,
    failed,
    total: workers.length,
  };
}

/** Message and remedy as sentences. */
export function problemText({ message, remedy }: Problem): string {
  return `${sentence(message)} ${sentence(remedy ?? '')}`.trimEnd();
}

/** A few names, and how many more there are. */
export function names(nodes: readonly string[], shown = 4): string {
  const rest = nodes.length - shown;
  return rest > 0 ? `${nodes.slice(0, shown).join(', ')} and ${rest} more` : nodes.join(', ');
}

/** How much a worker wants to be looked at. */
const URGENCY: Record<WorkerHealth['state'], number> = { failed: 0, away: 1, connected: 2, done: 3 };

/** Those in trouble first, then by node. */
export function byUrgency(workers: readonly WorkerHealth[]): WorkerHealth[] {
  return [...workers].sort(
    (a, b) => URGENCY[a.state] - URGENCY[b.state] || a.node.localeCompare(b.node, 'en', { numeric: true }),
  );
}

/** `3 connected, 1 away, 1 cannot capture`: states that no worker is in are left out. */
export function inWords(workers: readonly WorkerHealth[]): string {
  const count = (state: WorkerHealth['state'], words: string) => {
    const { length } = workers.filter((worker) => worker.state === state);
    return length === 0 ? [] : [`${length} ${words}`];
  };
  return [
    ...count('connected', 'connected'),
    ...count('done', 'done'),
    ...count('away', 'away'),
    ...count('failed', 'cannot capture'),
  ].join(', ');
}

/** By how much a clock is ahead of the hub's or behind it; what the network alone makes of it is `fine`. */
export function clockInWords(offsetMs: number | undefined): string {
  if (offsetMs === undefined) return '–';
  if (Math.abs(offsetMs) <= 100) return 'fine';
  return offsetMs > 0 ? `+${duration(offsetMs)}` : duration(offsetMs);
}

/** How many nodes there are workers of; in a cluster a node has one. */
export function nodeCount(workers: readonly WorkerHealth[]): number {
  return new Set(workers.filter(({ state }) => state !== 'away').map(({ node }) => node)).size;
}
