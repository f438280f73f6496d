/** What the hub answers: types shared by the hub, the page and the command line. All times RFC 3339 UTC. */

import type { ClusterHealth } from './cluster-health.ts';
import type { Completeness, Connection, Endpoint, Flow } from './flow.ts';
import type { Problem } from './problem.ts';
import type { TargetSpec } from './targets.ts';

/** One line of the traffic list: what a table needs and no bodies. */
export interface FlowRow {
  id: string;
  time: string;
  protocol: string;
  node: string;
  src: Endpoint;
  dst: Endpoint;
  method: string;
  host: string;
  /** Path and query, redacted. */
  path: string;
  /** 0: no answer seen. */
  status: number;
  requestSize: number;
  responseSize: number;
  mime: string;
  elapsedMs: number | null;
  completeness: Completeness[];
  redacted: number;
}

/** GET /api/v1/flows?filter=&from=&to=&before=&limit=&budget=  Newest first. */
export interface FlowPage {
  flows: FlowRow[];
  /** Give as `before` for the next page; null: there are no older ones. */
  next: string | null;
  /** How many stored flows were looked at, and whether the search ran out of its time before it found `limit` (then `next` goes on). */
  scanned: number;
  partial: boolean;
  /** All flows from here on were looked at; null: there are no older ones. */
  since: string | null;
}

/** GET /api/v1/connections?refused=true&filter=&from=&to=&limit=  Newest first. */
export interface ConnectionPage {
  connections: Connection[];
  /** There are older ones, or time ran out before they were looked for. */
  more: boolean;
}

/** GET /api/v1/summary?filter=&from=&to=  What a selection is made of. */
export interface Summary {
  from: string;
  to: string;
  /** Flows that passed the filter, of `scanned` that were looked at, newest first. */
  count: number;
  scanned: number;
  /** Time ran out: what is told begins at `since` and not at `from`. */
  partial: boolean;
  since: string;
  /** Latencies, facets and endpoints take longer than counts: they are of so many flows, all from then on. */
  detailed: { count: number; since: string };
  errors: number;
  /** Milliseconds; null where no exchange was complete. */
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** The range in stretches of equal length, oldest first. */
  timeline: TimelineStretch[];
  /** Counts of latencies, from short to long; of each stretch only the upper bound, in ms. */
  latencies: { upTo: number; count: number }[];
  /** Most frequent values of fields (flow/fields.ts), most frequent first. */
  facets: { field: string; values: { value: string; count: number }[] }[];
  /** Most used first: method and path template (flow/path-template.ts) of a server. */
  endpoints: EndpointSummary[];
}

export interface TimelineStretch {
  start: string;
  /** By class of status: 1xx to 5xx; the first one is of requests without an answer. */
  counts: [number, number, number, number, number, number];
}

export interface EndpointSummary {
  server: string;
  method: string;
  template: string;
  count: number;
  errors: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** What the nodes of a map are. */
export const MAP_LEVELS = ['workload', 'service', 'pod', 'namespace', 'node'] as const;
export type MapLevel = (typeof MAP_LEVELS)[number];

/** GET /api/v1/map?from=&to=&level=  and the frames of the live map. */
export interface ServiceMap {
  from: string;
  to: string;
  level: MapLevel;
  /** Of the range, those for which there is data: what rates are over. */
  seconds: number;
  nodes: MapNode[];
  edges: MapEdge[];
}

export interface MapNode {
  /** Stable key, at one level: `namespace/workload`, or the name or IP of an address. */
  id: string;
  name: string;
  kind: 'workload' | 'service' | 'pod' | 'namespace' | 'node' | 'external' | 'address';
  namespace?: string;
  /** IPs behind it, at most 16 listed. */
  ips: string[];
  /** Requests it served and sent in the range. */
  served: number;
  sent: number;
  errors: number;
}

/** MapNode.id of what stands for all ends of edges that found no room in a stretch of the roll-ups. */
export const OTHERS_ID = 'others';

/** MapEdge.protocol of health probes of the kubelet. */
export const PROBE_PROTOCOL = 'probe';

export interface MapEdge {
  from: string;
  to: string;
  /** Of the exchanges, or PROBE_PROTOCOL. */
  protocol: string;
  count: number;
  /** Requests a second, over the map's `seconds`. */
  rate: number;
  /** 5xx answers and requests that never got one. */
  errors: number;
  /** Milliseconds; null where no exchange was complete. */
  p50: number | null;
  p95: number | null;
  p99: number | null;
  bytes: number;
  lostBytes: number;
}

/** GET /api/v1/map/latencies?from=&to=&level=&src=&dst=  Of the edges between nodes; a node left out: of all. */
export interface LatencyHistory {
  /** End of the last stretch. */
  to: string;
  /** Bands of latency from short to long: the upper bound of each, ms. */
  bands: number[];
  /** The range in stretches, oldest first, as long as one another but for the first and the last; `latencies` has a count for each band. */
  stretches: { start: string; count: number; errors: number; latencies: number[] }[];
}

/** GET /api/v1/health */
export interface Health {
  status: 'ok' | 'degraded' | 'failing';
  /** In words, worst first: "node-b dropped 1.2% of packets in the last minute: raise --buffer-size". */
  messages: { level: 'info' | 'warning' | 'error'; text: string }[];
  /** "2 of 3 workers are fine." */
  summary: string;
  version: string;
  startedAt: string;
  mode: 'local' | 'file' | 'cluster';
  hub: {
    flows: number;
    flowsPerSecond: number;
    oldest: string | null;
    newest: string | null;
    storeBytes: number;
    storageLimit: number;
    /** How fast the store grows, and how many hours its limit will hold at that rate; null: not known (yet). */
    bytesPerHour: number | null;
    keepsHours: number | null;
    subscribers: number;
    counters: Record<string, number>;
    limits: Record<string, number>;
  };
  workers: WorkerHealth[];
  /** In mode cluster. */
  cluster?: ClusterHealth;
}

export interface WorkerHealth {
  node: string;
  session: string;
  version: string;
  state: 'connected' | 'away' | 'done' | 'failed';
  /** What it captures from: interfaces or file names. */
  sources: string[];
  /** Why it cannot capture, where `state` is `failed`. */
  problem?: Problem;
  lastSeen: string;
  packetsPerSecond: number;
  flowsPerSecond: number;
  /** How many cores it uses, lately: 0.25. */
  cores?: number;
  /** By how much its clock is ahead of the hub's. */
  clockOffsetMs?: number;
  /** Files: how far, 0 to 1. */
  progress?: number;
  counters: Record<string, number>;
  limits: Record<string, number>;
}

/** GET /api/v1/flows.pcapng?estimate=true: what the file would have. */
export interface PacketEstimate {
  flows: number;
  packets: number;
  /** Of the file, about. */
  bytes: number;
  /** What will not be there, and why, in sentences. */
  missing: string[];
}

/** GET /api/v1/exports/NAME: how far an export is that was asked for with `progress=NAME`. */
export interface ExportProgress {
  /** False: it has not begun, or has ended. */
  running: boolean;
  /** Flows found so far. */
  flows: number;
  /** RFC 3339: how far back the search has come; null: it has not begun. */
  since: string | null;
  /** Of the time that is searched, 0 to 1. */
  searched: number;
  /** Of a file of packets, once they are written. */
  packets: { written: number; total: number } | null;
}

/** GET and PUT /api/v1/targets: what is tapped at the moment. A PUT has a TargetSpec. */
export interface TargetReport {
  spec: TargetSpec;
  /** By namespace and name, at most 1000 of them. */
  pods: TargetPod[];
  /** How many there are. */
  count: number;
  /** What was understood otherwise than it was written, and what cannot be seen, in sentences. */
  hints: string[];
}

export interface TargetPod {
  namespace: string;
  name: string;
  /** '' until it has one. */
  node: string;
  ips: string[];
  workload: string;
}

/** Every error answer. */
export interface ApiError extends Problem {
  /** For a wrong filter or wrong targets: the place in the text. */
  position?: { start: number; end: number };
}

/**
 * WebSocket /api/v1/live, JSON text frames.
 * The client sets the pace: the hub sends one frame, then waits for `next`. In between it keeps at most
 * a bounded number of the newest flows and counts the others as skipped.
 */
export type LiveRequest =
  | {
      type: 'subscribe';
      stream: 'flows';
      filter?: string /** Whole flows instead of rows. */;
      full?: boolean;
    }
  | {
      type: 'subscribe';
      stream: 'map' /** Seconds back from now. */;
      window: number /** Workload, if it is left out. */;
      level?: MapLevel;
    }
  | { type: 'next' };

export type LiveFrame =
  | {
      type: 'flows';
      rows: FlowRow[] /** Flows left out since the last frame: that matched and the client was too slow for, or that the filter had no time to look at. */;
      skipped: number;
    }
  | { type: 'full'; flows: Flow[]; skipped: number }
  | { type: 'map'; map: ServiceMap }
  | { type: 'error'; error: ApiError };

/**
 * Goes with GET /api/v1/flows.pcapng?raw=true: whoever wants packets with the secrets in them says so in a header too. An address that is
 * opened by accident has none, and neither has a request that a page from elsewhere makes a browser send.
 */
export const RAW_CONFIRMATION = { header: 'remora-confirm', value: 'raw' } as const;
