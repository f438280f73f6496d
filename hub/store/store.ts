import type {
  ConnectionPage,
  FlowRow,
  LatencyHistory,
  MapLevel,
  ServiceMap,
  Summary,
} from '../../flow/api.ts';
import type { Connection, Endpoint, Flow } from '../../flow/flow.ts';

/** A flow on its way into the store: its record (flow/record.ts) and what the hub knows of it. */
export interface Arrival {
  /** Id of the flow, or of the connection for a connection record. */
  id: string;
  record: Uint8Array;
  node: string;
  session: string;
  src: Endpoint;
  dst: Endpoint;
  /** Copies of this exchange that were merged into it (ingest/merge): kept for timing and health. */
  observations: number;
}

/** What is committed at once: the arrivals, and how far each worker session has got. Atomic. */
export interface Commit {
  arrivals: Arrival[];
  sessions: { session: string; lastBatch: number }[];
}

export interface FlowQuery {
  /** CEL (flow/filter.ts); empty: all. */
  filter: string;
  /** µs since the epoch; `to` is exclusive. */
  from?: number;
  to?: number;
  /** Cursor: the `next` of the page before. */
  before?: string;
  limit: number;
  /** Stop looking after so many ms and return what was found, with `partial`. */
  budgetMs: number;
}

/** Of connections that were refused. */
export interface RefusedQuery {
  /** CEL over what flow/refused.ts says of them; empty: all. */
  filter: string;
  /** µs since the epoch; `to` is exclusive. */
  from?: number;
  to?: number;
  limit: number;
  /** Stop looking after so many ms. */
  budgetMs: number;
}

export interface SummaryQuery {
  filter: string;
  /** [from, to), µs since the epoch. */
  from: number;
  to: number;
  /** Stop looking after so many ms. */
  budgetMs: number;
}

export interface MapQuery {
  /** [from, to), µs since the epoch. */
  from: number;
  to: number;
  level: MapLevel;
}

/** Of the edges between two nodes of the map; of all where one is left out. */
export interface LatencyQuery extends MapQuery {
  src?: string;
  dst?: string;
}

export interface FlowResult {
  rows: FlowRow[];
  next: string | null;
  scanned: number;
  partial: boolean;
  /** µs since the epoch: from here on all flows were looked at; null: there are no older ones. */
  since: number | null;
}

export interface StoreStats {
  flows: number;
  bytes: number;
  /** µs since the epoch; null when empty. */
  oldest: number | null;
  newest: number | null;
  segments: number;
  schemaVersion: number;
  counters: Record<string, number>;
  limits: Record<string, number>;
}

/**
 * Where flows are kept. All calls are asynchronous: the engine runs in threads of its own, and a long query
 * never holds up `commit`. Errors are StoreError with a stable code.
 */
export interface Store {
  /** Resolves when all of it is durable against the death of the process. Committing a flow id or a batch again changes nothing. */
  commit(commit: Commit): Promise<void>;
  lastBatch(session: string): Promise<number>;
  /** Newest first. Rejects with FilterError for a wrong filter. Once `signal` is aborted its time is up. */
  flows(query: FlowQuery, signal?: AbortSignal): Promise<FlowResult>;
  /** As `flows`, the whole flows, for export and text output. */
  fullFlows(
    query: FlowQuery,
    signal?: AbortSignal,
  ): Promise<{ flows: Flow[]; next: string | null; partial: boolean }>;
  flow(id: string): Promise<Flow | undefined>;
  connection(id: string): Promise<Connection | undefined>;
  /** Connections that were refused, newest first. Rejects with FilterError for a wrong filter. `signal`: as of `flows`. */
  refused(query: RefusedQuery, signal?: AbortSignal): Promise<ConnectionPage>;
  /** What the flows of a range are made of. Rejects with FilterError for a wrong filter. `signal`: as of `flows`. */
  summary(query: SummaryQuery, signal?: AbortSignal): Promise<Summary>;
  /** From roll-ups: who talked to whom. */
  map(query: MapQuery): Promise<ServiceMap>;
  /** From roll-ups: how long requests took, over time. */
  latencies(query: LatencyQuery): Promise<LatencyHistory>;
  stats(): Promise<StoreStats>;
  close(): Promise<void>;
}
