/** How long to wait before the n-th try (from 1), ms: half a second, doubled up to ten, with a quarter of jitter. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const base = Math.min(10_000, 500 * 2 ** Math.min(attempt - 1, 10));
  return Math.round(base * (0.75 + random() * 0.5));
}
