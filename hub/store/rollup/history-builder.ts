import type { LatencyHistory } from '../../../flow/api.ts';
import { formatTime } from '../../../flow/time.ts';
import { BUCKETS, upperBound } from './histogram.ts';
import { EdgeTotals, LEVELS } from './rollup.ts';

/** Stretches of `LatencyHistory`. */
export const STRETCHES = 20;
/** Buckets of a histogram in one band: each band is about twice as slow as the one before. */
const BAND = 8;

/** The latencies of one edge, or of all edges of a node, over time. */
export class HistoryBuilder {
  readonly #from: number;
  readonly #to: number;
  readonly #wanted: (from: string, to: string) => boolean;
  readonly #stretches = Array.from({ length: STRETCHES }, () => new EdgeTotals());

  /** µs; `wanted` is asked with ids of the map's nodes. */
  constructor(from: number, to: number, wanted: (from: string, to: string) => boolean) {
    this.#from = Math.floor(from / LEVELS[0]) * LEVELS[0];
    this.#to = Math.ceil(to / LEVELS[0]) * LEVELS[0];
    this.#wanted = wanted;
  }

  wants(from: string, to: string): boolean {
    return this.#wanted(from, to);
  }

  /** The totals to add to, of a bucket round `time`, µs. */
  at(time: number): EdgeTotals {
    const at = Math.floor(((time - this.#from) / (this.#to - this.#from)) * STRETCHES);
    return this.#stretches[Math.min(STRETCHES - 1, Math.max(0, at))];
  }

  build(): LatencyHistory {
    const bands = this.#stretches.map(({ latencies }) => bandsOf(latencies));
    const filled = (band: number): boolean => bands.some((counts) => counts[band] > 0);
    let first = 0;
    let last = bands[0].length - 1;
    while (first < last && !filled(first)) first++;
    while (last > first && !filled(last)) last--;
    const length = (this.#to - this.#from) / STRETCHES;
    return {
      bands: bands[0].slice(first, last + 1).map((_, n) => upperBound((first + n + 1) * BAND - 1) / 1000),
      stretches: this.#stretches.map(({ count, errors }, n) => ({
        start: formatTime(Math.round(this.#from + n * length)),
        count,
        errors,
        latencies: bands[n].slice(first, last + 1),
      })),
    };
  }
}

function bandsOf(latencies: Uint32Array): number[] {
  const bands = new Array<number>(Math.ceil(BUCKETS / BAND)).fill(0);
  for (let i = 0; i < BUCKETS; i++) bands[Math.floor(i / BAND)] += latencies[i];
  return bands;
}
