import { planStretches, type Stretch } from './plan.ts';
import { bucketStart, LEVELS } from './rollup.ts';

/** Stretches that a range is shown in, about. */
const STRETCHES = 20;

/**
 * A range in some twenty stretches of whole buckets, so that none has more of them than the next. They begin at multiples of
 * their length: what is shown live moves on and does not jump. The first and the last end where the range does, and may be shorter.
 */
export class EvenStretches {
  readonly count: number;
  /** Which buckets they are made of: none is longer than a stretch, or those could not be told apart. */
  readonly plan: readonly Stretch[];
  /** µs, in whole buckets of the finest level. */
  readonly #from: number;
  readonly #to: number;
  readonly #length: number;

  /** µs. */
  constructor(from: number, to: number) {
    this.#from = Math.floor(from / LEVELS[0]) * LEVELS[0];
    this.#to = Math.ceil(to / LEVELS[0]) * LEVELS[0];
    this.plan = planStretches(from, to, (this.#to - this.#from) / STRETCHES);
    const longest = Math.max(LEVELS[0], ...this.plan.map(({ level }) => LEVELS[level]));
    this.#length = Math.max(1, Math.round((this.#to - this.#from) / STRETCHES / longest)) * longest;
    this.count = Math.max(1, this.#index(this.#to - 1) + 1);
  }

  /** The number of the stretch that a time in the middle of a bucket lies in; of a bucket outside, the nearest. */
  at(time: number): number {
    return Math.min(this.count - 1, Math.max(0, this.#index(time)));
  }

  /** µs. */
  start(n: number): number {
    return Math.max(this.#from, bucketStart(this.#from, this.#length) + n * this.#length);
  }

  /** µs. */
  end(n: number): number {
    return n === this.count - 1 ? this.#to : this.start(n + 1);
  }

  #index(time: number): number {
    return (bucketStart(time, this.#length) - bucketStart(this.#from, this.#length)) / this.#length;
  }
}
