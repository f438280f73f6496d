/**
 * A token bucket: `burst` at once, then `perSecond`. One for everybody, so it takes no memory however many
 * addresses an attacker has.
 */
export class Throttle {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #at: number;

  constructor(burst: number, perSecond: number, now = performance.now()) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
    this.#at = now;
  }

  /** True while there is room. `now` in ms, of a clock that does not run backwards. */
  take(now = performance.now()): boolean {
    const earned = ((now - this.#at) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#burst, this.#left + earned);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
