/** Aborts a reading that is quiet for too long, or no longer wanted. */
export class Watchdog {
  readonly #abort = new AbortController();
  readonly #wanted: AbortSignal;
  #allowed = 0;
  #timer: NodeJS.Timeout | undefined;
  #expired = false;

  /** `wanted`: aborted when the reading is no longer wanted. */
  constructor(wanted: AbortSignal) {
    this.#wanted = wanted;
    if (wanted.aborted) this.#abort.abort();
    else wanted.addEventListener('abort', this.#stop);
  }

  /** To be given to what is to be aborted. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** It was quiet for too long: so long, ms. */
  get silence(): number | undefined {
    return this.#expired ? this.#allowed : undefined;
  }

  /** From now on it may be quiet for so long, ms. */
  allow(ms: number): void {
    clearTimeout(this.#timer);
    this.#allowed = ms;
    this.#timer = setTimeout(() => {
      this.#expired = true;
      this.#abort.abort();
    }, ms);
  }

  /** Something came. */
  heard(): void {
    this.#timer?.refresh();
  }

  /** The reading is over: what is still open is closed. */
  end(): void {
    clearTimeout(this.#timer);
    this.#wanted.removeEventListener('abort', this.#stop);
    this.#abort.abort();
  }

  readonly #stop = () => this.#abort.abort();
}
