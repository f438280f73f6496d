/**
 * Latencies in buckets whose bounds grow by a tenth: any percentile is right to within 5 % (bucket n holds
 * values v with BASE^n <= v < BASE^(n+1), and is answered with the value that is equally far, as a ratio, from both bounds).
 */
const BASE = 1.1;
const LOG_BASE = Math.log(BASE);

/** 1 µs to about 1.3 hours; what is longer counts in the last one. */
export const BUCKETS = 235;

/** The bucket of a latency in µs. */
export function bucketOf(us: number): number {
  if (us < 1) return 0;
  return Math.min(BUCKETS - 1, Math.floor(Math.log(us) / LOG_BASE));
}

/** The latency in µs below which the share `q` (0 to 1) of the counted values lies; null if none were counted. */
export function percentile(counts: Uint32Array, q: number): number | null {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i];
  if (total === 0) return null;
  // The rank of the nearest-rank definition: the smallest value with at least q of all values at or below it.
  let rank = Math.max(1, Math.ceil(q * total));
  for (let i = 0; i < counts.length; i++) {
    rank -= counts[i];
    if (rank <= 0) return BASE ** (i + 0.5);
  }
  return BASE ** (counts.length - 0.5);
}

/** µs; latencies of the bucket are shorter. */
export function upperBound(bucket: number): number {
  return BASE ** (bucket + 1);
}
