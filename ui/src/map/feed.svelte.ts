import type { MapLevel, ServiceMap } from '../../../flow/api.ts';
import { ApiFailure, api } from '../lib/api.ts';
import { connection } from '../lib/connection.svelte.ts';
import { LiveSocket } from '../lib/live-socket.ts';
import { type MapRange, RANGES, type TimeSpan } from './ranges.ts';

const PART = 'map';
/** "All" has no stream: it is asked for at this pace. */
const ALL_EVERY_MS = 10_000;

/** The map of one range: live for the last minutes, asked for again and again for all there is, once for what is past. */
export class MapFeed {
  map = $state.raw<ServiceMap | undefined>();
  failure = $state.raw<ApiFailure | undefined>();
  /** What is shown is still of the range before. */
  pending = $state(false);

  #socket: LiveSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort = new AbortController();

  open(range: MapRange, level: MapLevel): void {
    this.close();
    this.failure = undefined;
    this.pending = true;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    if (range.kind === 'fixed') void this.#ask(level, signal, async () => range);
    else {
      const seconds = RANGES.find((one) => one.id === range.id)?.seconds ?? 0;
      if (seconds === 0) void this.#askForAll(level, signal);
      else this.#follow(seconds, level);
    }
  }

  close(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = undefined;
    connection.forget(PART);
  }

  #follow(window: number, level: MapLevel): void {
    this.#socket = new LiveSocket(
      { type: 'subscribe', stream: 'map', window, level },
      {
        frame: (frame) => {
          if (frame.type === 'map') this.#show(frame.map);
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

  async #askForAll(level: MapLevel, signal: AbortSignal): Promise<void> {
    await this.#ask(level, signal, async () => {
      const { hub } = await api.health(signal);
      const to = new Date(new Date(hub.newest ?? Date.now()).getTime() + 1).toISOString();
      return { from: hub.oldest ?? to, to };
    });
    if (!signal.aborted) this.#timer = setTimeout(() => void this.#askForAll(level, signal), ALL_EVERY_MS);
  }

  async #ask(level: MapLevel, signal: AbortSignal, span: () => Promise<TimeSpan>): Promise<void> {
    try {
      const { from, to } = await span();
      this.#show(await api.map({ from, to, level }, signal));
    } catch (error) {
      if (!signal.aborted && error instanceof ApiFailure && !error.unreachable) this.failure = error;
    }
  }

  #show(map: ServiceMap): void {
    this.map = map;
    this.failure = undefined;
    this.pending = false;
  }
}
