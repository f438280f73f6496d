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

export interface Percentiles {
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** The latencies, as `unit` has them of µs, below which that many hundredths of the counted values lie; null if none were counted. */
export function percentiles(counts: Uint32Array, unit: (us: number) => number): Percentiles {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i];
  if (total === 0) return { p50: null, p95: null, p99: null };
  let i = 0;
  let passed = counts[0];
  const next = (share: number): number => {
    // The rank of the nearest-rank definition: the smallest value with at least that share of all values at or below it.
    const rank = Math.max(1, Math.ceil(share * total));
    while (passed < rank) passed += counts[++i];
    return unit(BASE ** (i + 0.5));
  };
  return { p50: next(0.5), p95: next(0.95), p99: next(0.99) };
}

/** µs; latencies of the bucket are shorter. */
export function upperBound(bucket: number): number {
  return BASE ** (bucket + 1);
}
