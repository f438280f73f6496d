import type { LatencyHistory } from '../../../../flow/api.ts';
import { clockTime, counted, dateTime, duration, percent, whole } from '../../lib/format.ts';

/** Depths of colour; 0 is for nothing at all. */
export const DEPTHS = 6;
/** Bands that say at the side how long they are. */
const MOST_LABELS = 5;

/** Requests that began in one stretch of time and took about equally long. */
export interface HeatCell {
  count: number;
  /** 0 to DEPTHS. By the square root, and never 0 where there is one: one slow request among ten thousand is seen. */
  depth: number;
  from: string;
  to: string;
}

export interface HeatRow {
  /** Bounds of the latency, ms; `from` undefined: there are none that are shorter. */
  from: number | undefined;
  to: number;
  /** Of the upper bound; '' where there is no room for all of them. */
  label: string;
  cells: HeatCell[];
}

/** A row for each band, the slowest on top, and in it a cell for each stretch, oldest first. */
export function heatRows({ bands, stretches, to }: LatencyHistory): HeatRow[] {
  const most = Math.max(1, ...stretches.flatMap(({ latencies }) => latencies));
  const each = Math.ceil(bands.length / MOST_LABELS);
  const rows = bands.map((upTo, band) => ({
    from: bands[band - 1],
    to: upTo,
    label: (bands.length - 1 - band) % each === 0 ? roundly(upTo) : '',
    cells: stretches.map(({ start, latencies }, n) => ({
      count: latencies[band] ?? 0,
      depth: Math.ceil(DEPTHS * Math.sqrt((latencies[band] ?? 0) / most)),
      from: start,
      to: stretches[n + 1]?.start ?? to,
    })),
  }));
  return rows.reverse();
}

/** Requests a second, by stretch. */
export function ratesOf({ stretches, to }: LatencyHistory): number[] {
  const ends = [...stretches.slice(1).map(({ start }) => start), to];
  return stretches.map(({ start, count }, n) => {
    const ms = Date.parse(ends[n] ?? to) - Date.parse(start);
    return ms > 0 ? count / (ms / 1000) : 0;
  });
}

export function bandWords({ from, to }: Pick<HeatRow, 'from' | 'to'>): string {
  return from === undefined ? `under ${duration(to)}` : `${duration(from)} to ${duration(to)}`;
}

/** A function that writes times of a range, with their days only where there are several. */
export function timeWriter(from: string, to: string): (time: string) => string {
  const days = dateTime(from).slice(0, 10) !== dateTime(to).slice(0, 10);
  return days ? dateTime : (time) => clockTime(time).slice(0, 8);
}

export function cellWords(row: HeatRow, cell: HeatCell, time: (time: string) => string): string {
  const count = counted(cell.count, 'request');
  return `${count}, ${bandWords(row)}, from ${time(cell.from)} to ${time(cell.to)}`;
}

/** What the picture shows, for those who cannot see it. */
export function heatWords(rows: readonly HeatRow[], time: (time: string) => string): string {
  const counts = rows.map(({ cells }) => cells.reduce((sum, { count }) => sum + count, 0));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const [slowest] = rows;
  if (slowest === undefined || total === 0) return 'No request got an answer in this time.';
  const most = Math.max(...counts);
  const usual = rows[counts.indexOf(most)] ?? slowest;
  const last = slowest.cells.findLast(({ count }) => count > 0);
  return [
    `${whole(total)} answered; most often, ${percent(most / total)} of them, it took ${bandWords(usual)}.`,
    `The slowest took ${bandWords(slowest)}${last === undefined ? '' : `, at last at ${time(last.from)}`}.`,
  ].join(' ');
}

/** The condition that a flow took as long as those of a row. 0 stands for: not known. */
export function bandClause({ from, to }: Pick<HeatRow, 'from' | 'to'>): string {
  const least = from === undefined ? 'elapsed_time > 0' : `elapsed_time >= ${microseconds(from)}`;
  return `${least} && elapsed_time < ${microseconds(to)}`;
}

/** The least whole number of µs that is not below. */
function microseconds(ms: number): number {
  // What a bound lost when it was divided must not carry it over a whole number.
  return Math.ceil(Number((ms * 1000).toPrecision(12)));
}

/** Two digits are enough at an axis: `46 ms`, `1.2 s`. */
function roundly(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}
