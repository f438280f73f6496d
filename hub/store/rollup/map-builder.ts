import type { MapEdge, MapLevel, MapNode, ServiceMap } from '../../../flow/api.ts';
import { formatTime } from '../../../flow/time.ts';
import { EdgeMap } from './edge-map.ts';
import { percentiles } from './histogram.ts';
import { type NodeIdentity, OTHERS_NODE } from './node.ts';
import { planStretches, type Stretch } from './plan.ts';
import { edgeDst, edgeKey, edgeProtocol, edgeSrc, LEVELS, MAX_NODES, MAX_PROTOCOLS } from './rollup.ts';
import { Totals } from './totals.ts';

/** `MapNode.ips`. */
export const MAX_IPS = 16;

/** Puts a service map together from the edges of buckets, of whichever segments. */
export class MapBuilder {
  readonly level: MapLevel;
  /** A row for each edge. */
  readonly totals = new Totals();
  readonly #from: number;
  readonly #to: number;
  readonly #seconds: number;
  /** The buckets that it is made of. */
  readonly plan: readonly Stretch[];
  /** Nodes and protocols have numbers of their own here: those of segments differ. By number. */
  readonly #nodes: MapNode[] = [];
  readonly #protocols: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** By row. */
  readonly #keys: number[] = [];
  readonly #rows = new EdgeMap<number>();

  /** µs; both are moved out to whole buckets. Rates are over the time from `since` on: before it nothing was stored. */
  constructor(level: MapLevel, from: number, to: number, since = from) {
    this.level = level;
    this.#from = Math.floor(from / LEVELS[0]) * LEVELS[0];
    this.#to = Math.ceil(to / LEVELS[0]) * LEVELS[0];
    this.plan = planStretches(from, to);
    const begin = Math.max(this.#from, Math.floor(since / LEVELS[0]) * LEVELS[0]);
    this.#seconds = Math.max(LEVELS[0], this.#to - begin) / 1e6;
  }

  /** The number of a node. */
  node(identity: NodeIdentity): number {
    const { id, name, kind, namespace } = identity;
    const known = this.#numbers.get(id);
    if (known !== undefined) {
      // A service and the workload of the same name that calls others: one node, whichever was read first.
      if (kind === 'service') this.#nodes[known].kind = 'service';
      return known;
    }
    if (this.#nodes.length >= MAX_NODES - 1 && identity !== OTHERS_NODE) return this.node(OTHERS_NODE);
    const node: MapNode = {
      id,
      name,
      kind,
      ips: [],
      served: 0,
      sent: 0,
      errors: 0,
      ...(namespace !== '' && { namespace }),
    };
    const number = this.#nodes.push(node) - 1;
    this.#numbers.set(id, number);
    return number;
  }

  /** The number of a protocol. Beyond those that a key has room for, all are the first. */
  protocol(name: string): number {
    const known = this.#protocols.indexOf(name);
    if (known >= 0 || this.#protocols.length === MAX_PROTOCOLS) return Math.max(known, 0);
    return this.#protocols.push(name) - 1;
  }

  /** The row of an edge between two nodes. */
  row(from: number, to: number, protocol: number): number {
    const key = edgeKey(from, to, protocol);
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = this.totals.push();
      this.#keys.push(key);
      this.#rows.set(key, row);
    }
    return row;
  }

  /** Addresses behind a node. */
  addIp(node: number, ip: string): void {
    const { ips } = this.#nodes[node];
    if (ips.length < MAX_IPS && !ips.includes(ip)) ips.push(ip);
  }

  build(): ServiceMap {
    const named = this.#namedAddresses();
    const edges = this.#foldedRows(named).map((row) => this.#edge(row));
    return {
      from: formatTime(this.#from),
      to: formatTime(this.#to),
      level: this.level,
      seconds: this.#seconds,
      nodes: this.#nodes.filter((_, number) => !named.has(number)),
      edges,
    };
  }

  #edge(row: number): MapEdge {
    const { count, errors, bytes, lostBytes } = this.totals;
    const key = this.#keys[row];
    const from = this.#nodes[edgeSrc(key)];
    const to = this.#nodes[edgeDst(key)];
    from.sent += count[row];
    to.served += count[row];
    to.errors += errors[row];
    return {
      from: from.id,
      to: to.id,
      protocol: this.#protocols[edgeProtocol(key)],
      count: count[row],
      rate: count[row] / this.#seconds,
      errors: errors[row],
      ...percentiles(this.totals.latenciesOf(row), inMs),
      bytes: bytes[row],
      lostBytes: lostBytes[row],
    };
  }

  /**
   * An address may have been seen before its name was known. If exactly one named node has it, what was counted
   * under the address belongs to that node. Answers these nodes by those of their addresses.
   */
  #namedAddresses(): ReadonlyMap<number, number> {
    const owners = new Map<string, number | undefined>();
    for (const [number, { kind, ips }] of this.#nodes.entries()) {
      if (kind !== 'address') for (const ip of ips) owners.set(ip, owners.has(ip) ? undefined : number);
    }
    const named = new Map<number, number>();
    for (const [number, { id, kind }] of this.#nodes.entries()) {
      const owner = kind === 'address' ? owners.get(id) : undefined;
      if (owner !== undefined) named.set(number, owner);
    }
    return named;
  }

  /** The rows that are left when those of addresses with a name are added to those of their nodes. */
  #foldedRows(named: ReadonlyMap<number, number>): number[] {
    const rows = new EdgeMap<number>();
    const left: number[] = [];
    for (const [row, key] of this.#keys.entries()) {
      const from = edgeSrc(key);
      const to = edgeDst(key);
      const folded = edgeKey(named.get(from) ?? from, named.get(to) ?? to, edgeProtocol(key));
      const same = named.size === 0 ? undefined : rows.get(folded);
      if (same !== undefined) {
        this.totals.merge(same, this.totals, row);
        continue;
      }
      this.#keys[row] = folded;
      if (named.size > 0) rows.set(folded, row);
      left.push(row);
    }
    return left;
  }
}

function inMs(us: number): number {
  return Math.round(us) / 1000;
}
