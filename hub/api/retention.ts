import type { StoreStats } from '../store/store.ts';

/** How fast the history grows, and for how long its limit holds it. null: too little has come to say. */
export interface Retention {
  bytesPerHour: number | null;
  keepsHours: number | null;
}

const HOUR_MS = 3_600_000;
/** What so few flows take on disk says nothing of the next ones: an empty store takes some too. */
const LEAST_FLOWS = 1000;
const LEAST_MS = 10_000;

/** `added` flows came in the last `ms`. */
export function retention(
  { flows, bytes, limits }: Pick<StoreStats, 'flows' | 'bytes' | 'limits'>,
  added: number,
  ms: number,
): Retention {
  if (flows < LEAST_FLOWS || ms < LEAST_MS) return { bytesPerHour: null, keepsHours: null };
  const bytesPerHour = ((added * bytes) / flows / ms) * HOUR_MS;
  const { storageLimit = Number.POSITIVE_INFINITY, maxAgeMs = Number.POSITIVE_INFINITY } = limits;
  const keepsHours = Math.min(storageLimit / bytesPerHour, maxAgeMs / HOUR_MS);
  return { bytesPerHour, keepsHours: Number.isFinite(keepsHours) ? keepsHours : null };
}
