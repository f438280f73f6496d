/** ms after which a query lets others have their turn. */
const TURN = 8;

/** What a query may take: so many ms, and no more once nobody waits for its answer. */
export class Time {
  readonly #end: number;
  readonly #signal: AbortSignal | undefined;

  constructor(budgetMs: number, signal: AbortSignal | undefined) {
    this.#end = performance.now() + budgetMs;
    this.#signal = signal;
  }

  get isUp(): boolean {
    return this.#signal?.aborted === true || performance.now() >= this.#end;
  }
}

/** Lets the event loop run every few milliseconds. */
export class Turns {
  #end = performance.now() + TURN;

  get due(): boolean {
    return performance.now() >= this.#end;
  }
  async next(): Promise<void> {
    if (!this.due) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#end = performance.now() + TURN;
  }
}
