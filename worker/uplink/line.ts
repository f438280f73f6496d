import { WebSocket } from 'ws';
import { Backoff } from './backoff.ts';
import type { Credentials } from './credentials.ts';
import { dial } from './dial.ts';
import { UplinkError, UplinkRefused } from './error.ts';
import { explainFailure, explainStatus, HUNG_UP, SILENT } from './failure.ts';
import { UPLINK_LIMITS } from './limits.ts';

/** Who hears what becomes of the connection. */
export interface LineOwner {
  /** There is one; nothing was said on it yet. */
  opened(): void;
  heard(text: string): void;
  /** The hub will not take this worker. */
  refused(refusal: UplinkRefused): void;
  /** There is none; the next attempt is made in so many ms. */
  lost(problem: UplinkError, retryMs: number): void;
}

export interface LineOptions {
  url: string;
  /** Asked at each attempt. May throw UplinkError. */
  credentials: () => Credentials;
  /** A hub that says nothing for so long is given up. */
  silenceMs: number;
}

/** How long a hub has to agree that the connection ends, ms. */
const HANG_UP_MS = 500;

/** The connection to the hub, which is made again for ever: longer and longer pauses lie between attempts until `settle` is called. */
export class Line {
  readonly #options: LineOptions;
  readonly #owner: LineOwner;
  readonly #backoff = new Backoff(UPLINK_LIMITS.firstRetryMs, UPLINK_LIMITS.lastRetryMs);
  #socket: WebSocket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #lastHeard = 0;
  /** Why the connection there is will have been lost, where that is known. */
  #failure: UplinkError | undefined;
  #isGivenUp = false;

  constructor(options: LineOptions, owner: LineOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  /** Something that is another one after each connection; undefined: there is none. */
  get connection(): object | undefined {
    return this.#socket?.readyState === WebSocket.OPEN ? this.#socket : undefined;
  }

  connect(): void {
    const { url, credentials } = this.#options;
    this.#failure = undefined;
    try {
      this.#socket = this.#listen(dial(url, credentials()), url);
    } catch (error) {
      if (!(error instanceof UplinkError)) throw error;
      this.#lost(error);
    }
  }

  /** Sends a message, text or binary. What there is no connection for is lost. */
  send(message: string | Uint8Array): void {
    if (this.connection !== undefined) this.#socket?.send(message);
  }

  /** The hub agrees: after this connection the first attempt comes soon. */
  settle(): void {
    this.#backoff.reset();
  }

  /** Leaves the hub for a reason of this worker's own, and tries again. */
  drop(reason: UplinkError): void {
    this.#failure = reason;
    this.#socket?.terminate();
  }

  /** Leaves the hub for good. */
  giveUp(): void {
    this.#isGivenUp = true;
    clearTimeout(this.#retry);
    this.#socket?.terminate();
  }

  /** Once a second: gives up a silent hub, and asks one that has been quiet whether it is there. */
  check(): void {
    const silence = performance.now() - this.#lastHeard;
    if (silence > this.#options.silenceMs) this.drop(SILENT);
    else if (silence > this.#options.silenceMs / 4 && this.connection !== undefined) this.#socket?.ping();
  }

  /** Ends the connection with the hub's agreement, if it comes soon. No other is made. */
  async hangUp(): Promise<void> {
    this.#isGivenUp = true;
    clearTimeout(this.#retry);
    const socket = this.#socket;
    if (socket === undefined) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => socket.terminate(), HANG_UP_MS);
      socket.once('close', () => {
        clearTimeout(late);
        resolve();
      });
      if (socket.readyState === WebSocket.OPEN) socket.close(1000);
      else socket.terminate();
    });
  }

  #listen(socket: WebSocket, url: string): WebSocket {
    this.#lastHeard = performance.now();
    const slow = setTimeout(() => this.drop(SILENT), UPLINK_LIMITS.connectMs);
    socket.on('open', () => this.#owner.opened());
    socket.on('unexpected-response', (_request, { statusCode = 0 }) => {
      const refusal = explainStatus(statusCode);
      if (refusal instanceof UplinkRefused) this.#owner.refused(refusal);
      else this.drop(refusal);
    });
    socket.on('message', (data) => {
      clearTimeout(slow);
      this.#lastHeard = performance.now();
      this.#owner.heard(String(data));
    });
    socket.on('pong', () => {
      this.#lastHeard = performance.now();
    });
    socket.on('error', (error) => {
      this.#failure ??= explainFailure(url, error);
    });
    socket.on('close', () => {
      clearTimeout(slow);
      this.#lost(this.#failure ?? HUNG_UP);
    });
    return socket;
  }

  #lost(problem: UplinkError): void {
    this.#socket = undefined;
    if (this.#isGivenUp) return;
    const pause = this.#backoff.next();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.connect(), pause);
    this.#owner.lost(problem, pause);
  }
}
