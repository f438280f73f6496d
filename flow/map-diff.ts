/** What changed between two maps, or two lists of what was called: one meaning for the page and the command line. */

import type { MapEdge, ServiceMap } from './api.ts';

/** More percentage points of errors than before are worse; where there were none, any are. */
export const WORSE_POINTS = 5;
/** Slower is what takes so many times as long as before, and so many ms longer. */
const SLOWER_TIMES = 1.5;
const SLOWER_MS = 5;
/** Percentiles of fewer requests say nothing. */
const ENOUGH = 5;

export interface Paired<T> {
  added: T[];
  gone: T[];
  kept: [before: T, now: T][];
}

/** Both lists held against each other by their keys, in the order they have. */
export function pair<T>(before: readonly T[], now: readonly T[], keyOf: (one: T) => string): Paired<T> {
  const left = new Map(before.map((one) => [keyOf(one), one]));
  const result: Paired<T> = { added: [], gone: [], kept: [] };
  for (const one of now) {
    const old = left.get(keyOf(one));
    if (old === undefined) result.added.push(one);
    else result.kept.push([old, one]);
    left.delete(keyOf(one));
  }
  result.gone = [...left.values()];
  return result;
}

/** Shares of errors in percent. */
export function failsMore(before: number, now: number): boolean {
  return before === 0 ? now > 0 : now - before > WORSE_POINTS;
}

/** What became of an edge, the worst of it. */
export type EdgeChange = 'new' | 'gone' | 'failing' | 'slower' | 'same';

export interface ComparedEdge {
  change: EdgeChange;
  /** Not there where it is new. */
  before?: MapEdge;
}

/** One map of both: what is gone stays in it. `changes` are by `edgeKey`. */
export interface Comparison {
  map: ServiceMap;
  changes: ReadonlyMap<string, ComparedEdge>;
}

export function edgeKey({ from, to, protocol }: Pick<MapEdge, 'from' | 'to' | 'protocol'>): string {
  return `${from}\u0001${to}\u0001${protocol}`;
}

export function compareMaps(before: ServiceMap, now: ServiceMap): Comparison {
  const { added, gone, kept } = pair(before.edges, now.edges, edgeKey);
  const changes = new Map<string, ComparedEdge>();
  for (const edge of added) changes.set(edgeKey(edge), { change: 'new' });
  for (const edge of gone) changes.set(edgeKey(edge), { change: 'gone', before: edge });
  for (const [old, edge] of kept) changes.set(edgeKey(edge), { change: changeOf(old, edge), before: old });
  const there = new Set(now.nodes.map(({ id }) => id));
  const ghosts = before.nodes
    .filter(({ id }) => !there.has(id))
    .map((node) => ({ ...node, served: 0, sent: 0, errors: 0 }));
  const silent = gone.map((edge) => ({
    ...edge,
    ...{ count: 0, rate: 0, errors: 0, p50: null, p95: null, p99: null, bytes: 0, lostBytes: 0 },
  }));
  return { map: { ...now, nodes: [...now.nodes, ...ghosts], edges: [...now.edges, ...silent] }, changes };
}

function changeOf(before: MapEdge, now: MapEdge): EdgeChange {
  if (failsMore(percentOf(before), percentOf(now))) return 'failing';
  return isSlower(before, now) ? 'slower' : 'same';
}

function percentOf({ errors, count }: MapEdge): number {
  return count > 0 ? (errors / count) * 100 : 0;
}

function isSlower(before: MapEdge, now: MapEdge): boolean {
  if (before.p95 === null || now.p95 === null) return false;
  if (before.count < ENOUGH || now.count < ENOUGH) return false;
  return now.p95 > before.p95 * SLOWER_TIMES && now.p95 - before.p95 > SLOWER_MS;
}
