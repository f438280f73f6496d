import type { Summary } from '../../../flow/api.ts';
import { ApiFailure, api } from '../lib/api.ts';
import type { Selection } from './feed.svelte.ts';

/** Pause between two summaries of live traffic, ms. */
const PAUSE_MS = 3000;

/** What the flows of a selection are made of, asked for again and again while it is live. */
export class SummaryPoll {
  summary = $state.raw<Summary | undefined>();
  /** Why there is none; the list says it larger. */
  failed = $state(false);
  #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  follow(selection: Selection): void {
    this.stop();
    const abort = new AbortController();
    this.#abort = abort;
    void this.#ask(selection, abort.signal);
  }

  stop(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
  }

  async #ask(selection: Selection, signal: AbortSignal): Promise<void> {
    try {
      const summary = await api.summary(selection, signal);
      if (signal.aborted) return;
      this.summary = summary;
      this.failed = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiFailure)) throw error;
      this.failed = true;
    }
    if (selection.to === '') this.#timer = setTimeout(() => void this.#ask(selection, signal), PAUSE_MS);
  }
}
