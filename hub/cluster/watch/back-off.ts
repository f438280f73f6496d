/** How long to wait before the next attempt: twice as long each time, up to a limit, and by chance up to half of it less. */
export class BackOff {
  readonly #first: number;
  readonly #longest: number;
  readonly #random: () => number;
  #failures = 0;

  /** ms */
  constructor(first: number, longest: number, random: () => number = Math.random) {
    this.#first = first;
    this.#longest = longest;
    this.#random = random;
  }

  /** ms; not less than `atLeast`. */
  next(atLeast = 0): number {
    const wait = Math.min(this.#longest, this.#first * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    const spread = wait / 2;
    return Math.max(atLeast, wait - spread) + this.#random() * spread;
  }

  reset(): void {
    this.#failures = 0;
  }
}
