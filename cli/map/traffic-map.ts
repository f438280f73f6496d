/** Who calls whom, by which endpoints: the map of `remora map`, counted from exchanges one by one. */

import type { MapLevel, MapNode } from '../../flow/api.ts';
import { hasFailed } from '../../flow/failed.ts';
import type { Endpoint } from '../../flow/flow.ts';
import { pathTemplate } from '../../flow/path-template.ts';
import { BUCKETS, bucketOf, percentiles } from '../../hub/store/rollup/histogram.ts';
import { nodeOf } from '../../hub/store/rollup/node.ts';
import { nodeAt, placeOf } from '../../hub/store/rollup/place.ts';

/** What is counted of an exchange. */
export interface MappedExchange {
  src: Endpoint;
  dst: Endpoint;
  /** '' where the request was not seen. */
  method: string;
  /** Without the query. */
  path: string;
  /** 0: no answer seen. */
  status: number;
  elapsedMs: number | null;
}

export interface Figures {
  requests: number;
  /** 5xx answers and requests that never got one. */
  errors: number;
  /** ms, to three digits; null where no exchange was complete. */
  p50: number | null;
  p95: number | null;
}

export interface MapEndpoint extends Figures {
  method: string;
  /** Path with `{id}` for what looks like an identifier. */
  path: string;
}

export interface TrafficEdge extends Figures {
  from: string;
  to: string;
  endpoints: MapEndpoint[];
}

/** All sorted by name. */
export interface TrafficMap {
  nodes: Pick<MapNode, 'id' | 'name' | 'kind' | 'namespace'>[];
  edges: TrafficEdge[];
}

/** Endpoints told apart: of what comes beyond, each edge has one that is called `…`. */
export const MAX_ENDPOINTS = 20_000;
const OTHERS = '…';

class Totals {
  requests = 0;
  errors = 0;
  readonly latencies = new Uint32Array(BUCKETS);

  add(isError: boolean, elapsedMs: number | null): void {
    this.requests++;
    if (isError) this.errors++;
    if (elapsedMs !== null) this.latencies[bucketOf(elapsedMs * 1000)]++;
  }

  figures(): Figures {
    const { requests, errors, latencies } = this;
    const { p50, p95 } = percentiles(latencies, inMs);
    return { requests, errors, p50, p95 };
  }
}

interface Edge {
  from: string;
  to: string;
  totals: Totals;
  endpoints: Map<string, { method: string; path: string; totals: Totals }>;
}

export class MapCollector {
  /** Exchanges counted, and those of them that found no endpoint of their own. */
  readonly counters = { exchanges: 0, beyondEndpoints: 0 };
  readonly #level: MapLevel;
  readonly #nodes = new Map<string, TrafficMap['nodes'][number]>();
  readonly #edges = new Map<string, Edge>();
  #endpoints = 0;

  constructor(level: MapLevel = 'workload') {
    this.#level = level;
  }

  add({ src, dst, method, path, status, elapsedMs }: MappedExchange): void {
    this.counters.exchanges++;
    const isError = hasFailed(status, method !== '');
    const edge = this.#edge(this.#node(src), this.#node(dst));
    edge.totals.add(isError, elapsedMs);
    // Of an answer alone it is not known what was asked.
    if (method !== '') this.#endpoint(edge.endpoints, method, pathTemplate(path)).add(isError, elapsedMs);
  }

  build(): TrafficMap {
    const edges = [...this.#edges.values()].map(({ from, to, totals, endpoints }) => ({
      ...{ from, to, ...totals.figures() },
      endpoints: [...endpoints.values()]
        .map(({ method, path, totals: own }) => ({ method, path, ...own.figures() }))
        .sort((a, b) => compare(a.path, b.path) || compare(a.method, b.method)),
    }));
    return {
      nodes: [...this.#nodes.values()].sort((a, b) => compare(a.id, b.id)),
      edges: edges.sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to)),
    };
  }

  #node(end: Endpoint): string {
    const { id, name, kind, namespace } = nodeAt(this.#level, placeOf(end, nodeOf(end)));
    if (!this.#nodes.has(id)) this.#nodes.set(id, { id, name, kind, ...(namespace !== '' && { namespace }) });
    return id;
  }

  #edge(from: string, to: string): Edge {
    const key = `${from}\n${to}`;
    let edge = this.#edges.get(key);
    if (edge === undefined) {
      edge = { from, to, totals: new Totals(), endpoints: new Map() };
      this.#edges.set(key, edge);
    }
    return edge;
  }

  #endpoint(endpoints: Edge['endpoints'], method: string, path: string): Totals {
    const known = endpoints.get(`${method} ${path}`);
    if (known !== undefined) return known.totals;
    if (this.#endpoints >= MAX_ENDPOINTS && path !== OTHERS) {
      this.counters.beyondEndpoints++;
      return this.#endpoint(endpoints, OTHERS, OTHERS);
    }
    const totals = new Totals();
    endpoints.set(`${method} ${path}`, { method, path, totals });
    this.#endpoints++;
    return totals;
  }
}

/** By code unit: the same everywhere, whatever the locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function inMs(us: number): number {
  return Number((us / 1000).toPrecision(3));
}
