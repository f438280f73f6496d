/** The middle one of several measurements: one that a busy machine has spoilt does not count. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Half of the values are between these two. */
export function quartiles(values: readonly number[]): [number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  return [sorted[Math.floor(sorted.length / 4)], sorted[Math.floor((sorted.length * 3) / 4)]];
}

/** The median of each field by itself. */
export function medians<T extends { [field in keyof T]: number }>(runs: readonly T[]): T {
  const [first] = runs;
  const fields = Object.keys(first) as (keyof T)[];
  return Object.fromEntries(fields.map((field) => [field, median(runs.map((run) => run[field]))])) as T;
}
