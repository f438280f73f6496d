import type { LatencyHistory } from '../../../flow/api.ts';
import { formatTime } from '../../../flow/time.ts';
import { EvenStretches } from './even-stretches.ts';
import { BUCKETS, upperBound } from './histogram.ts';
import type { Stretch } from './plan.ts';
import { Totals } from './totals.ts';

/** Buckets of a histogram in one band: each band is about twice as slow as the one before. */
const BAND = 8;

/** The latencies of one edge, or of all edges of a node, over time. */
export class HistoryBuilder {
  readonly #wanted: (from: string, to: string) => boolean;
  readonly #stretches: EvenStretches;
  /** A row for each stretch. */
  readonly totals: Totals;

  /** µs; `wanted` is asked with ids of the map's nodes. */
  constructor(from: number, to: number, wanted: (from: string, to: string) => boolean) {
    this.#wanted = wanted;
    this.#stretches = new EvenStretches(from, to);
    this.totals = new Totals(this.#stretches.count);
    for (let n = 0; n < this.#stretches.count; n++) this.totals.push();
  }

  wants(from: string, to: string): boolean {
    return this.#wanted(from, to);
  }

  /** The buckets that it is made of. */
  get plan(): readonly Stretch[] {
    return this.#stretches.plan;
  }

  /** The row for a bucket round `time`, µs. */
  rowAt(time: number): number {
    return this.#stretches.at(time);
  }

  build(): LatencyHistory {
    const rows = Array.from({ length: this.totals.rows }, (_, row) => row);
    const bands = rows.map((row) => bandsOf(this.totals.latenciesOf(row)));
    const filled = (band: number): boolean => bands.some((counts) => counts[band] > 0);
    let first = 0;
    let last = bands[0].length - 1;
    while (first < last && !filled(first)) first++;
    while (last > first && !filled(last)) last--;
    return {
      to: formatTime(this.#stretches.end(this.#stretches.count - 1)),
      bands: bands[0].slice(first, last + 1).map((_, n) => upperBound((first + n + 1) * BAND - 1) / 1000),
      stretches: rows.map((row) => ({
        start: formatTime(this.#stretches.start(row)),
        count: this.totals.count[row],
        errors: this.totals.errors[row],
        latencies: bands[row].slice(first, last + 1),
      })),
    };
  }
}

function bandsOf(latencies: Uint32Array): number[] {
  const bands = new Array<number>(Math.ceil(BUCKETS / BAND)).fill(0);
  for (let i = 0; i < BUCKETS; i++) bands[Math.floor(i / BAND)] += latencies[i];
  return bands;
}
