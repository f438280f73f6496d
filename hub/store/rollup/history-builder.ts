import type { LatencyHistory } from '../../../flow/api.ts';
import { formatTime } from '../../../flow/time.ts';
import { BUCKETS, upperBound } from './histogram.ts';
import { planStretches } from './map-builder.ts';
import { bucketStart, EdgeTotals, LEVELS } from './rollup.ts';

/** Stretches of `LatencyHistory`, about: each is of whole buckets, so that none has more of them than the next. */
const STRETCHES = 20;
/** Buckets of a histogram in one band: each band is about twice as slow as the one before. */
const BAND = 8;

/** The latencies of one edge, or of all edges of a node, over time. */
export class HistoryBuilder {
  readonly #from: number;
  readonly #to: number;
  readonly #wanted: (from: string, to: string) => boolean;
  /** Of a stretch, µs. They begin at multiples of it: what is shown live moves on and does not jump. */
  readonly #length: number;
  readonly #stretches: EdgeTotals[];

  /** µs; `wanted` is asked with ids of the map's nodes. */
  constructor(from: number, to: number, wanted: (from: string, to: string) => boolean) {
    this.#from = Math.floor(from / LEVELS[0]) * LEVELS[0];
    this.#to = Math.ceil(to / LEVELS[0]) * LEVELS[0];
    this.#wanted = wanted;
    const buckets = planStretches(from, to).map(({ level }) => LEVELS[level]);
    const longest = Math.max(LEVELS[0], ...buckets);
    this.#length = Math.max(1, Math.round((this.#to - this.#from) / STRETCHES / longest)) * longest;
    const count = this.#index(this.#to - 1) + 1;
    this.#stretches = Array.from({ length: count }, () => new EdgeTotals());
  }

  wants(from: string, to: string): boolean {
    return this.#wanted(from, to);
  }

  /** The totals to add to, of a bucket round `time`, µs. */
  at(time: number): EdgeTotals {
    return this.#stretches[Math.min(this.#stretches.length - 1, Math.max(0, this.#index(time)))];
  }

  build(): LatencyHistory {
    const bands = this.#stretches.map(({ latencies }) => bandsOf(latencies));
    const filled = (band: number): boolean => bands.some((counts) => counts[band] > 0);
    let first = 0;
    let last = bands[0].length - 1;
    while (first < last && !filled(first)) first++;
    while (last > first && !filled(last)) last--;
    const begin = bucketStart(this.#from, this.#length);
    return {
      to: formatTime(this.#to),
      bands: bands[0].slice(first, last + 1).map((_, n) => upperBound((first + n + 1) * BAND - 1) / 1000),
      stretches: this.#stretches.map(({ count, errors }, n) => ({
        start: formatTime(Math.max(this.#from, begin + n * this.#length)),
        count,
        errors,
        latencies: bands[n].slice(first, last + 1),
      })),
    };
  }

  #index(time: number): number {
    return (bucketStart(time, this.#length) - bucketStart(this.#from, this.#length)) / this.#length;
  }
}

function bandsOf(latencies: Uint32Array): number[] {
  const bands = new Array<number>(Math.ceil(BUCKETS / BAND)).fill(0);
  for (let i = 0; i < BUCKETS; i++) bands[Math.floor(i / BAND)] += latencies[i];
  return bands;
}
