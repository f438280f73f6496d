import type { MapEdge, MapLevel, MapNode, ServiceMap } from '../../../flow/api.ts';
import { formatTime } from '../../../flow/time.ts';
import { percentile } from './histogram.ts';
import type { NodeIdentity } from './node.ts';
import { EdgeTotals, LEVELS } from './rollup.ts';

/** Stretches of `MapEdge.recent`. */
export const RECENT = 20;
/** `MapNode.ips`. */
export const MAX_IPS = 16;

interface Edge extends EdgeTotals {
  from: string;
  to: string;
  protocol: string;
  recent: Float64Array;
}

/** A stretch of time and the level of the buckets that answer for it. */
export interface Stretch {
  level: number;
  from: number;
  to: number;
}

/**
 * Cuts [from, to) into stretches of whole buckets, as coarse as they may be: a bucket must not be longer
 * than one of the stretches of `recent`, or those could not be told apart.
 */
export function planStretches(from: number, to: number): Stretch[] {
  const finest = LEVELS[0];
  from = Math.floor(from / finest) * finest;
  to = Math.ceil(to / finest) * finest;
  if (!(from < to)) return [];
  const longest = Math.max(finest, (to - from) / RECENT);
  let top = LEVELS.length - 1;
  while (top > 0 && LEVELS[top] > longest) top--;
  return cut(from, to, top);
}

function cut(from: number, to: number, level: number): Stretch[] {
  if (from >= to) return [];
  if (level === 0) return [{ level, from, to }];
  const length = LEVELS[level];
  const inner = Math.ceil(from / length) * length;
  const end = Math.floor(to / length) * length;
  if (inner >= end) return cut(from, to, level - 1);
  return [...cut(from, inner, level - 1), { level, from: inner, to: end }, ...cut(end, to, level - 1)];
}

/** Puts a service map together from the edges of buckets, of whichever segments. */
export class MapBuilder {
  readonly level: MapLevel;
  readonly #from: number;
  readonly #to: number;
  readonly #seconds: number;
  readonly #edges = new Map<string, Edge>();
  readonly #nodes = new Map<string, MapNode>();

  /** µs; both are moved out to whole buckets. Rates are over the time from `since` on: before it nothing was stored. */
  constructor(level: MapLevel, from: number, to: number, since = from) {
    this.level = level;
    this.#from = Math.floor(from / LEVELS[0]) * LEVELS[0];
    this.#to = Math.ceil(to / LEVELS[0]) * LEVELS[0];
    const begin = Math.max(this.#from, Math.floor(since / LEVELS[0]) * LEVELS[0]);
    this.#seconds = Math.max(LEVELS[0], this.#to - begin) / 1e6;
  }

  /** The totals to add to, for an edge between two nodes. Keep what it returns while the segment is read. */
  edge(from: NodeIdentity, to: NodeIdentity, protocol: string): Edge {
    const key = `${from.id}\n${to.id}\n${protocol}`;
    let edge = this.#edges.get(key);
    if (edge === undefined) {
      edge = Object.assign(new EdgeTotals(), {
        from: this.#node(from).id,
        to: this.#node(to).id,
        protocol,
        recent: new Float64Array(RECENT),
      });
      this.#edges.set(key, edge);
    }
    return edge;
  }

  /** Counts `count` requests of a bucket that starts at `time` to the stretch of `recent` it lies in. */
  addRecent(edge: Edge, time: number, count: number): void {
    const at = Math.floor(((time - this.#from) / (this.#to - this.#from)) * RECENT);
    edge.recent[Math.min(RECENT - 1, Math.max(0, at))] += count;
  }

  /** Addresses behind a node that the map has; others are ignored. */
  addIp(node: string, ip: string): void {
    const ips = this.#nodes.get(node)?.ips;
    if (ips !== undefined && ips.length < MAX_IPS && !ips.includes(ip)) ips.push(ip);
  }

  build(): ServiceMap {
    this.#foldAddresses();
    const seconds = this.#seconds;
    const stretch = (this.#to - this.#from) / RECENT / 1e6;
    const edges: MapEdge[] = [];
    for (const edge of this.#edges.values()) {
      const from = this.#nodes.get(edge.from)!;
      const to = this.#nodes.get(edge.to)!;
      from.sent += edge.count;
      to.served += edge.count;
      to.errors += edge.errors;
      edges.push({
        from: edge.from,
        to: edge.to,
        protocol: edge.protocol,
        count: edge.count,
        rate: edge.count / seconds,
        errors: edge.errors,
        p50: inMs(percentile(edge.latencies, 0.5)),
        p95: inMs(percentile(edge.latencies, 0.95)),
        p99: inMs(percentile(edge.latencies, 0.99)),
        bytes: edge.bytes,
        lostBytes: edge.lostBytes,
        recent: Array.from(edge.recent, (count) => count / stretch),
      });
    }
    return {
      from: formatTime(this.#from),
      to: formatTime(this.#to),
      level: this.level,
      seconds,
      nodes: [...this.#nodes.values()],
      edges,
    };
  }

  /**
   * An address may have been seen before its name was known. If exactly one named node has it, what was counted
   * under the address belongs to that node.
   */
  #foldAddresses(): void {
    const owners = new Map<string, string | undefined>();
    for (const { id, kind, ips } of this.#nodes.values()) {
      if (kind !== 'address') for (const ip of ips) owners.set(ip, owners.has(ip) ? undefined : id);
    }
    const names = new Map<string, string>();
    for (const { id, kind } of this.#nodes.values()) {
      const owner = kind === 'address' ? owners.get(id) : undefined;
      if (owner !== undefined) names.set(id, owner);
    }
    if (names.size === 0) return;
    const edges = [...this.#edges.values()];
    this.#edges.clear();
    for (const edge of edges) {
      edge.from = names.get(edge.from) ?? edge.from;
      edge.to = names.get(edge.to) ?? edge.to;
      const key = `${edge.from}\n${edge.to}\n${edge.protocol}`;
      const same = this.#edges.get(key);
      if (same === undefined) {
        this.#edges.set(key, edge);
      } else {
        same.merge(edge);
        for (let i = 0; i < RECENT; i++) same.recent[i] += edge.recent[i];
      }
    }
    for (const address of names.keys()) this.#nodes.delete(address);
  }

  #node(identity: NodeIdentity): MapNode {
    let node = this.#nodes.get(identity.id);
    if (node === undefined) {
      const { id, name, kind, namespace } = identity;
      node = {
        id,
        name,
        kind,
        ips: [],
        served: 0,
        sent: 0,
        errors: 0,
        ...(namespace !== '' && { namespace }),
      };
      this.#nodes.set(id, node);
    } else if (node.kind !== identity.kind && identity.kind === 'service') {
      // A service and the workload of the same name that calls others: one node, whichever was read first.
      node.kind = 'service';
    }
    return node;
  }
}

function inMs(us: number | null): number | null {
  return us === null ? null : Math.round(us) / 1000;
}
