/** One packet moves the clock by at most this much, µs. */
const MAX_STEP = 1_000_000;
/** A packet older than this beside the newest: another capture begins, not disorder. µs. */
const NEW_EPOCH = 10_000_000;

/**
 * The time by which timers run: it follows the packets, and never goes back. A single damaged timestamp can
 * neither expire everything (a step is bounded) nor stop the timers (a jump back begins a new epoch).
 */
export class PacketClock {
  /** µs; comparable with itself only. */
  now = 0.5;
  private newest = Number.NaN;

  /** A packet was captured at `time`, µs since the epoch. */
  packet(time: number): void {
    this.move(time, MAX_STEP);
  }

  /** It is `time` now, whether or not packets come. */
  advance(time: number): void {
    this.move(time, Number.POSITIVE_INFINITY);
  }

  private move(time: number, maxStep: number): void {
    const step = time - this.newest;
    if (step > 0) {
      this.now += step < maxStep ? step : maxStep;
      this.newest = time;
    } else if (!(step >= -NEW_EPOCH) && Number.isFinite(time)) {
      this.newest = time;
    }
  }
}
