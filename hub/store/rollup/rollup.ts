/**
 * Roll-ups: what the map is made of. A bucket is a stretch of time; in it, for each edge (source, destination,
 * protocol: small integers that the segment's tables name), counts, bytes and a latency histogram.
 * Flows are added to the finest level only; the coarser ones are made from it when buckets are written.
 */
/** Lengths of the buckets, µs: ten seconds, a minute, ten minutes, an hour, a day (UTC). Each divides the next. */
export const LEVELS = [10_000_000, 60_000_000, 600_000_000, 3_600_000_000, 86_400_000_000] as const;

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

export function bucketStart(time: number, length: number): number {
  return Math.floor(time / length) * length;
}
