import type { ServiceMap } from '../../../flow/api.ts';
import { ApiFailure, api } from '../lib/api.ts';
import { connection } from '../lib/connection.svelte.ts';
import { LiveSocket } from '../lib/live-socket.ts';

export const RANGES = [
  { id: '1m', label: '1 min', seconds: 60 },
  { id: '5m', label: '5 min', seconds: 300 },
  { id: '15m', label: '15 min', seconds: 900 },
  { id: '1h', label: '1 h', seconds: 3600 },
  { id: 'all', label: 'All', seconds: 0 },
] as const;
export type RangeId = (typeof RANGES)[number]['id'];

const PART = 'map';
/** "All" has no stream: it is asked for at this pace. */
const ALL_EVERY_MS = 10_000;

/** The map of one range: live for the last minutes, asked for again and again for all there is. */
export class MapFeed {
  map = $state.raw<ServiceMap | undefined>();
  failure = $state.raw<ApiFailure | undefined>();

  #socket: LiveSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort = new AbortController();

  open(range: RangeId): void {
    this.close();
    this.failure = undefined;
    const seconds = RANGES.find((one) => one.id === range)?.seconds ?? 0;
    if (seconds === 0) {
      this.#abort = new AbortController();
      void this.#askForAll(this.#abort.signal);
    } else this.#follow(seconds);
  }

  close(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = undefined;
    connection.forget(PART);
  }

  #follow(seconds: number): void {
    this.#socket = new LiveSocket(
      { type: 'subscribe', stream: 'map', window: seconds },
      {
        frame: (frame) => {
          if (frame.type === 'map') this.map = frame.map;
          else if (frame.type === 'error') this.failure = new ApiFailure(500, frame.error);
        },
        state: (state) => {
          if (state.kind === 'open') connection.found(PART);
          else if (state.kind === 'waiting') {
            connection.lost(PART, { retryAt: state.retryAt, retry: () => this.#socket?.retryNow() });
          }
        },
      },
    );
  }

  async #askForAll(signal: AbortSignal): Promise<void> {
    try {
      const { hub } = await api.health(signal);
      const to = new Date(new Date(hub.newest ?? Date.now()).getTime() + 1).toISOString();
      this.map = await api.map({ from: hub.oldest ?? to, to }, signal);
      this.failure = undefined;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiFailure && !error.unreachable) this.failure = error;
    }
    this.#timer = setTimeout(() => void this.#askForAll(signal), ALL_EVERY_MS);
  }
}
