import type { LatencyHistory } from '../../../flow/api.ts';
import { formatTime } from '../../../flow/time.ts';
import { EvenStretches } from './even-stretches.ts';
import { BUCKETS, upperBound } from './histogram.ts';
import { EdgeTotals } from './rollup.ts';

/** Buckets of a histogram in one band: each band is about twice as slow as the one before. */
const BAND = 8;

/** The latencies of one edge, or of all edges of a node, over time. */
export class HistoryBuilder {
  readonly #wanted: (from: string, to: string) => boolean;
  readonly #stretches: EvenStretches;
  readonly #totals: EdgeTotals[];

  /** µs; `wanted` is asked with ids of the map's nodes. */
  constructor(from: number, to: number, wanted: (from: string, to: string) => boolean) {
    this.#wanted = wanted;
    this.#stretches = new EvenStretches(from, to);
    this.#totals = Array.from({ length: this.#stretches.count }, () => new EdgeTotals());
  }

  wants(from: string, to: string): boolean {
    return this.#wanted(from, to);
  }

  /** The totals to add to, of a bucket round `time`, µs. */
  at(time: number): EdgeTotals {
    return this.#totals[this.#stretches.at(time)];
  }

  build(): LatencyHistory {
    const bands = this.#totals.map(({ latencies }) => bandsOf(latencies));
    const filled = (band: number): boolean => bands.some((counts) => counts[band] > 0);
    let first = 0;
    let last = bands[0].length - 1;
    while (first < last && !filled(first)) first++;
    while (last > first && !filled(last)) last--;
    return {
      to: formatTime(this.#stretches.end(this.#stretches.count - 1)),
      bands: bands[0].slice(first, last + 1).map((_, n) => upperBound((first + n + 1) * BAND - 1) / 1000),
      stretches: this.#totals.map(({ count, errors }, n) => ({
        start: formatTime(this.#stretches.start(n)),
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
