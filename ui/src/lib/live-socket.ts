import type { LiveFrame, LiveRequest } from '../../../flow/api.ts';
import { backoffMs } from './backoff.ts';

export type Subscription = Extract<LiveRequest, { type: 'subscribe' }>;

/** `waiting`: the connection is gone and is tried again at `retryAt` (ms since the epoch). */
export type LiveState = { kind: 'connecting' | 'open' | 'closed' } | { kind: 'waiting'; retryAt: number };

export interface LiveHandlers {
  /** The next frame is asked for when this returns: it is what sets the pace. */
  frame(frame: LiveFrame): void;
  /** With every `open` but the first, what came since the connection was lost has been missed. */
  state(state: LiveState): void;
}

/** A connection that lasted this long was a good one: the waits begin anew. */
const STEADY_MS = 5_000;
/** Frames are asked for at most this often: the eye sees no more, and the hub sends fewer, larger frames. */
const PACE_MS = 100;
/** In a flood nobody reads along: what is saved keeps the page smooth. */
const FLOOD_PACE_MS = 250;
/** A frame of this many rows is one of a flood. */
const FLOOD_ROWS = 60;

/**
 * One subscription on one socket, for as long as it is wanted: connects, subscribes, asks for frame after frame,
 * and when the connection is lost comes back for ever with growing waits. Another filter is another LiveSocket,
 * so that no frame of the old one can be taken for the new one's.
 */
export class LiveSocket {
  #subscription: Subscription;
  #handlers: LiveHandlers;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pace: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #openedAt = 0;
  #closed = false;

  constructor(subscription: Subscription, handlers: LiveHandlers) {
    this.#subscription = subscription;
    this.#handlers = handlers;
    this.#connect();
  }

  /** Tries at once instead of at the end of the wait. */
  retryNow(): void {
    if (this.#closed || this.#socket !== undefined) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#pace);
    this.#socket?.close();
    this.#socket = undefined;
    this.#handlers.state({ kind: 'closed' });
  }

  #connect(): void {
    this.#handlers.state({ kind: 'connecting' });
    const url = new URL('api/v1/live', document.baseURI);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.search = '';
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#openedAt = Date.now();
      socket.send(JSON.stringify(this.#subscription));
      this.#handlers.state({ kind: 'open' });
    };
    socket.onmessage = (event) => this.#receive(socket, event.data);
    socket.onclose = () => {
      if (this.#socket === socket) this.#lost();
    };
  }

  #receive(socket: WebSocket, data: unknown): void {
    if (this.#socket !== socket || typeof data !== 'string') return;
    const started = Date.now();
    const frame = JSON.parse(data) as LiveFrame;
    this.#handlers.frame(frame);
    const flood = frame.type === 'flows' && frame.rows.length + frame.skipped >= FLOOD_ROWS;
    clearTimeout(this.#pace);
    this.#pace = setTimeout(
      () => {
        if (socket.readyState === WebSocket.OPEN) socket.send('{"type":"next"}');
      },
      Math.max(0, (flood ? FLOOD_PACE_MS : PACE_MS) - (Date.now() - started)),
    );
  }

  #lost(): void {
    clearTimeout(this.#pace);
    this.#socket = undefined;
    if (this.#closed) return;
    if (this.#openedAt > 0 && Date.now() - this.#openedAt > STEADY_MS) this.#attempt = 0;
    this.#openedAt = 0;
    this.#attempt++;
    const wait = backoffMs(this.#attempt);
    this.#handlers.state({ kind: 'waiting', retryAt: Date.now() + wait });
    this.#timer = setTimeout(() => this.#connect(), wait);
  }
}
