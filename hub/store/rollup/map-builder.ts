import type { MapEdge, MapLevel, MapNode, ServiceMap } from '../../../flow/api.ts';
import { formatTime } from '../../../flow/time.ts';
import { EvenStretches } from './even-stretches.ts';
import { percentile } from './histogram.ts';
import type { NodeIdentity } from './node.ts';
import { EdgeTotals, LEVELS } from './rollup.ts';

/** `MapNode.ips`. */
export const MAX_IPS = 16;

interface Edge extends EdgeTotals {
  from: string;
  to: string;
  protocol: string;
  recent: Float64Array;
}

/** Puts a service map together from the edges of buckets, of whichever segments. */
export class MapBuilder {
  readonly level: MapLevel;
  readonly #from: number;
  readonly #to: number;
  readonly #seconds: number;
  readonly #stretches: EvenStretches;
  readonly #edges = new Map<string, Edge>();
  readonly #nodes = new Map<string, MapNode>();

  /** µs; both are moved out to whole buckets. Rates are over the time from `since` on: before it nothing was stored. */
  constructor(level: MapLevel, from: number, to: number, since = from) {
    this.level = level;
    this.#from = Math.floor(from / LEVELS[0]) * LEVELS[0];
    this.#to = Math.ceil(to / LEVELS[0]) * LEVELS[0];
    this.#stretches = new EvenStretches(from, to);
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
        recent: new Float64Array(this.#stretches.count),
      });
      this.#edges.set(key, edge);
    }
    return edge;
  }

  /** Counts `count` requests of a bucket round `time`, µs, to the stretch of `recent` it lies in. */
  addRecent(edge: Edge, time: number, count: number): void {
    edge.recent[this.#stretches.at(time)] += count;
  }

  /** Addresses behind a node that the map has; others are ignored. */
  addIp(node: string, ip: string): void {
    const ips = this.#nodes.get(node)?.ips;
    if (ips !== undefined && ips.length < MAX_IPS && !ips.includes(ip)) ips.push(ip);
  }

  build(): ServiceMap {
    this.#foldAddresses();
    const seconds = this.#seconds;
    const stretches = this.#stretches;
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
        recent: Array.from(
          edge.recent,
          (count, n) => count / ((stretches.end(n) - stretches.start(n)) / 1e6),
        ),
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
        for (let i = 0; i < edge.recent.length; i++) same.recent[i] += edge.recent[i];
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
