import type { MapLevel, ServiceMap } from '../../../flow/api.ts';
import { ApiFailure, api } from '../lib/api.ts';
import type { TimeSpan } from './ranges.ts';

/** The map of the time that another one is compared with. */
export class Baseline {
  map = $state.raw<ServiceMap | undefined>();
  failure = $state.raw<ApiFailure | undefined>();
  #abort = new AbortController();

  async open({ from, to }: TimeSpan, level: MapLevel): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    try {
      this.map = await api.map({ from, to, level }, signal);
      this.failure = undefined;
    } catch (error) {
      if (signal.aborted || !(error instanceof ApiFailure)) return;
      this.map = undefined;
      this.failure = error;
    }
  }

  close(): void {
    this.#abort.abort();
    this.map = undefined;
    this.failure = undefined;
  }
}
