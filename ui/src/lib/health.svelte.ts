import type { Health } from '../../../flow/api.ts';
import { ApiFailure, api } from './api.ts';
import { backoffMs } from './backoff.ts';
import { connection } from './connection.svelte.ts';

const CALM_MS = 5_000;
const CLOSE_MS = 1_500;

/** The hub's health, asked for again and again while the page is open: more often while somebody looks at it. */
class HealthPoll {
  #health = $state.raw<Health | undefined>();
  #failure = $state.raw<ApiFailure | undefined>();
  #close = false;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  get health(): Health | undefined {
    return this.#health;
  }

  get failure(): ApiFailure | undefined {
    return this.#failure;
  }

  /** Asks more often until the returned function is called. */
  watchClosely(): () => void {
    this.#close = true;
    this.askNow();
    return () => {
      this.#close = false;
    };
  }

  askNow(): void {
    clearTimeout(this.#timer);
    void this.#ask();
  }

  async #ask(): Promise<void> {
    let wait = this.#close ? CLOSE_MS : CALM_MS;
    try {
      this.#health = await api.health();
      this.#failure = undefined;
      this.#attempt = 0;
      connection.found('health');
    } catch (error) {
      const failure = error instanceof ApiFailure ? error : undefined;
      this.#failure = failure;
      wait = backoffMs(++this.#attempt);
      if (failure?.unauthorized) connection.refuse();
      else if (failure?.unreachable) {
        connection.lost('health', { retryAt: Date.now() + wait, retry: () => this.askNow() });
      }
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), wait);
  }
}

export const healthPoll = new HealthPoll();
