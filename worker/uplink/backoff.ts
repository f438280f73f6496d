/** Pauses that double from the first to the last; each is cut by a random part of its half, so that workers do not come in step. */
export class Backoff {
  readonly #first: number;
  readonly #last: number;
  readonly #random: () => number;
  #next: number;

  constructor(first: number, last: number, random: () => number = Math.random) {
    this.#first = first;
    this.#last = last;
    this.#random = random;
    this.#next = first;
  }

  /** ms */
  next(): number {
    const pause = this.#next;
    this.#next = Math.min(this.#last, pause * 2);
    return pause * (1 - this.#random() / 2);
  }

  reset(): void {
    this.#next = this.#first;
  }
}
