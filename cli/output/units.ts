/** Numbers for people. */

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `999 B`, `1.5 KiB`, `20 MiB`. */
export function bytes(count: number): string {
  let unit = 0;
  while (count >= 1000 && unit < BYTE_UNITS.length - 1) {
    count /= 1024;
    unit++;
  }
  return `${unit === 0 || count >= 10 ? Math.round(count) : count.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

/** `0.31 ms`, `12.3 ms`, `450 ms`, `1.20 s`. */
export function milliseconds(count: number): string {
  if (count >= 1000) return `${(count / 1000).toFixed(2)} s`;
  if (count >= 100) return `${count.toFixed(0)} ms`;
  return `${count.toFixed(count >= 10 ? 1 : 2)} ms`;
}

/** `1,234,567`, the same in every locale. */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}
