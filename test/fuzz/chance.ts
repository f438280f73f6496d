import { randomNumbers } from '../packets/index.ts';

/** Choices that are the same for the same seed: what was found once can be found again. */
export class Chance {
  readonly seed: number;
  readonly #random: () => number;

  constructor(seed: number) {
    this.seed = seed;
    this.#random = randomNumbers(seed);
  }

  /** A whole number in [0, range). */
  below(range: number): number {
    return Math.floor(this.#random() * range);
  }

  /** A whole number in [least, most]. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** A whole number in [0, most], small ones as likely as large ones. */
  size(most: number): number {
    return Math.floor((most + 1) ** this.#random()) - 1;
  }

  /** True in `share` (0 to 1) of all cases. */
  happens(share: number): boolean {
    return this.#random() < share;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
