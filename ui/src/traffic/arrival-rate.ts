const WINDOW_MS = 3_000;

/** Flows a second over the last three seconds. */
export class ArrivalRate {
  #marks: { at: number; count: number }[] = [];
  #started: number | undefined;

  /** Counts flows that came at `now` (ms, monotonic) and returns the rate. */
  count(flows: number, now: number): number {
    this.#started ??= now;
    this.#marks.push({ at: now, count: flows });
    while (this.#marks[0] !== undefined && this.#marks[0].at < now - WINDOW_MS) this.#marks.shift();
    const span = Math.max(1_000, Math.min(WINDOW_MS, now - this.#started));
    return (this.#marks.reduce((sum, mark) => sum + mark.count, 0) * 1_000) / span;
  }

  reset(): void {
    this.#marks = [];
    this.#started = undefined;
  }
}
