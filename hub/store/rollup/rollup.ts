/**
 * Roll-ups: what the map is made of. A bucket is a stretch of time; in it, for each edge (source, destination,
 * protocol: small integers that the segment's tables name), counts, bytes and a latency histogram.
 * Flows are added to the finest level only; the coarser ones are made from it when buckets are written.
 */
import { BUCKETS, bucketOf } from './histogram.ts';

/** Lengths of the buckets, µs: ten seconds, a minute, ten minutes, an hour. Each divides the next. */
export const LEVELS = [10_000_000, 60_000_000, 600_000_000, 3_600_000_000] as const;

/** What edges are between: nodes of the map at its first level, or the places they are made of. */
export type Grain = 'nodes' | 'places';
/** The number of the finest level in the database; the others follow. */
export const GRAIN_LEVEL: Record<Grain, number> = { nodes: 0, places: 16 };

/** Ids that fit an edge's key: two nodes and a protocol in the 53 bits of a safe integer. */
export const MAX_NODES = 1 << 20;
export const MAX_PROTOCOLS = 1 << 12;

/** Edges of one bucket; what is beyond is counted on edges that end at the node `others`. */
export const MAX_EDGES = 8192;

/** Id of the node that stands for all that no longer found room. */
export const OTHERS = 0;

/** One edge in one bucket. */
export class EdgeTotals {
  count = 0;
  errors = 0;
  bytes = 0;
  lostBytes = 0;
  readonly latencies = new Uint32Array(BUCKETS);

  /** `elapsed` in µs, NaN where it is not known. */
  add(error: boolean, bytes: number, lostBytes: number, elapsed: number): void {
    this.count++;
    if (error) this.errors++;
    this.bytes += bytes;
    this.lostBytes += lostBytes;
    if (elapsed >= 0) this.latencies[bucketOf(elapsed)]++;
  }

  merge(other: EdgeTotals): void {
    this.count += other.count;
    this.errors += other.errors;
    this.bytes += other.bytes;
    this.lostBytes += other.lostBytes;
    for (let i = 0; i < BUCKETS; i++) this.latencies[i] += other.latencies[i];
  }
}

/** A bucket: edges by key. */
export type Bucket = Map<number, EdgeTotals>;

export function edgeKey(src: number, dst: number, protocol: number): number {
  return (src * MAX_NODES + dst) * MAX_PROTOCOLS + protocol;
}
export function edgeProtocol(key: number): number {
  return key % MAX_PROTOCOLS;
}
export function edgeDst(key: number): number {
  return Math.floor(key / MAX_PROTOCOLS) % MAX_NODES;
}
export function edgeSrc(key: number): number {
  return Math.floor(key / (MAX_PROTOCOLS * MAX_NODES));
}

/** The totals of an edge, made if need be. In a full bucket, those of the edge from `others` instead. */
export function edgeOf(bucket: Bucket, key: number): EdgeTotals {
  let edge = bucket.get(key);
  if (edge !== undefined) return edge;
  if (bucket.size >= MAX_EDGES) {
    key = edgeKey(OTHERS, edgeDst(key), edgeProtocol(key));
    if (bucket.size >= 2 * MAX_EDGES && !bucket.has(key)) key = edgeKey(OTHERS, OTHERS, 0);
    edge = bucket.get(key);
    if (edge !== undefined) return edge;
  }
  edge = new EdgeTotals();
  bucket.set(key, edge);
  return edge;
}

export function bucketStart(time: number, length: number): number {
  return Math.floor(time / length) * length;
}
