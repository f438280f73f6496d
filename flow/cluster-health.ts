import type { Problem } from './problem.ts';

/** What the hub knows of a cluster: part of GET /api/v1/health in mode cluster. */
export interface ClusterHealth {
  /** Every kind of object has been read once: from then on, flows get their names. */
  synced: boolean;
  informers: InformerHealth[];
}

/** One kind of object that the hub watches. */
export interface InformerHealth {
  kind: string;
  /** Absent: in all namespaces, or of a kind that is in none. */
  namespace?: string;
  /** All that there was has been read once. */
  synced: boolean;
  objects: number;
  /** When the API server last told something of it; null: never. */
  lastEvent: string | null;
  /** How often its watch ended otherwise than it should. */
  restarts: number;
  /** What keeps it from going on. */
  problem?: Problem;
}
