import { ApiFailure } from './api.ts';

/** Pause between two answers about what is live, ms. */
const PAUSE_MS = 3000;
/** It is so many times as long as the answer took: what is dear to the hub is asked for less often. */
const REST = 4;

/** What the hub says of a range of time, asked for again and again while that is live: while it has no `to`. */
export class Poll<Query extends { to?: string | undefined }, Answer> {
  answer = $state.raw<Answer | undefined>();
  /** Whether the last question got no answer. */
  failed = $state(false);
  #ask: (query: Query, signal: AbortSignal) => Promise<Answer>;
  #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: (query: Query, signal: AbortSignal) => Promise<Answer>) {
    this.#ask = ask;
  }

  /** What was answered before stays until there is something newer. */
  follow(query: Query): void {
    this.stop();
    const abort = new AbortController();
    this.#abort = abort;
    void this.#next(query, abort.signal);
  }

  stop(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
  }

  async #next(query: Query, signal: AbortSignal): Promise<void> {
    const start = performance.now();
    try {
      const answer = await this.#ask(query, signal);
      if (signal.aborted) return;
      this.answer = answer;
      this.failed = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiFailure)) throw error;
      this.failed = true;
    }
    if ((query.to ?? '') !== '') return;
    const pause = Math.max(PAUSE_MS, REST * (performance.now() - start));
    this.#timer = setTimeout(() => void this.#next(query, signal), pause);
  }
}
