/** Reports and answers of the last so many seconds are looked at. */
const REMEMBERED = 16;

/**
 * How far a worker's clock is ahead of the hub's. A report of the worker's time is read some time after it was written, never before:
 * the report that seems least behind was the least delayed. Half of the shortest round trip is what even that one took.
 */
export class ClockOffset {
  readonly #ahead: number[] = [];
  readonly #roundTrips: number[] = [];

  /** The worker's clock said `theirs` in a report that came at `ours`, both ms since the epoch. */
  report(theirs: number, ours: number): void {
    remember(this.#ahead, theirs - ours);
  }

  /** A ping was answered after so many ms. */
  roundTrip(ms: number): void {
    remember(this.#roundTrips, ms);
  }

  /** ms; undefined until both are known. */
  get value(): number | undefined {
    if (this.#ahead.length === 0 || this.#roundTrips.length === 0) return undefined;
    return Math.max(...this.#ahead) + Math.min(...this.#roundTrips) / 2;
  }
}

function remember(values: number[], value: number): void {
  values.push(value);
  if (values.length > REMEMBERED) values.shift();
}
