import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { WebSocket } from 'ws';
import { type FromHub, type Hello, type Status, WIRE_VERSION } from '../../flow/wire.ts';
import { Backoff } from './backoff.ts';
import type { BatchSink } from './batch.ts';
import { UplinkRefused } from './error.ts';
import { UPLINK_LIMITS } from './limits.ts';
import { Spool } from './spool.ts';

export interface UplinkOptions {
  /** ws:// or wss://, with the path `/worker`. */
  url: string;
  token: string;
  /** Who this is. The session is made here. */
  worker: Omit<Hello, 'type' | 'wire' | 'session'>;
  /** What the worker has to report, once a second. */
  status: () => Omit<Status, 'type'>;
  /** Called once, when the hub will not take this worker. Nothing is sent from then on. */
  onRefused: (refused: UplinkRefused) => void;
  log: Pick<Logger, 'info' | 'warn'>;
  /** Default: UPLINK_LIMITS.spoolBytes. */
  spoolBytes?: number;
}

/** What `close` could not deliver, and what was dropped before. */
export interface UplinkReport {
  undeliveredBatches: number;
  undeliveredFlows: number;
  droppedFlows: number;
}

/**
 * The way to the hub. Batches are kept until the hub has committed them; the connection is made again for ever.
 *
 * In mode `live` a worker just sends: when the spool is full the oldest batches are dropped and counted. In mode `file` nothing is
 * dropped: the worker awaits `room()` before each batch.
 */
export class Uplink implements BatchSink {
  readonly session = randomBytes(8).toString('hex');
  readonly #options: UplinkOptions;
  readonly #spool: Spool;
  readonly #backoff = new Backoff(UPLINK_LIMITS.firstRetryMs, UPLINK_LIMITS.lastRetryMs);
  readonly #statusTimer: NodeJS.Timeout;
  #socket: WebSocket | undefined;
  #welcomed = false;
  #retry: NodeJS.Timeout | undefined;
  #lastHeard = 0;
  #connections = 0;
  #waiting: (() => void)[] = [];
  #refused: UplinkRefused | undefined;
  #closing = false;

  /** Connects at once. */
  constructor(options: UplinkOptions) {
    this.#options = options;
    const whenFull = options.worker.mode === 'file' ? 'wait' : 'drop';
    this.#spool = new Spool(
      options.spoolBytes ?? UPLINK_LIMITS.spoolBytes,
      UPLINK_LIMITS.windowBytes,
      whenFull,
    );
    this.#statusTimer = setInterval(() => this.#everySecond(), UPLINK_LIMITS.statusMs);
    this.#connect();
  }

  get connected(): boolean {
    return this.#welcomed;
  }

  get counters(): Record<string, number> {
    return {
      spoolDroppedFlows: this.#spool.droppedFlows,
      spoolDroppedBatches: this.#spool.droppedBatches,
      spoolBytes: this.#spool.bytes,
      uplinkConnections: this.#connections,
    };
  }

  send(records: Uint8Array<ArrayBuffer>, count: number): void {
    if (this.#refused !== undefined) return;
    this.#spool.add(records, count);
    this.#pump();
  }

  /** Resolves when there is room for more: at once if the spool is not full, else when it is half empty. Rejects with UplinkRefused. */
  async room(): Promise<void> {
    if (this.#refused === undefined && this.#spool.full) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#refused !== undefined) throw this.#refused;
  }

  /** Waits until the hub has committed everything, at most so many ms, and hangs up. */
  async close(timeoutMs: number): Promise<UplinkReport> {
    this.#closing = true;
    const end = performance.now() + timeoutMs;
    while (this.#spool.batches > 0 && this.#refused === undefined && performance.now() < end) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(1, end - performance.now()));
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    clearInterval(this.#statusTimer);
    clearTimeout(this.#retry);
    this.#sendStatus();
    await this.#hangUp();
    return {
      undeliveredBatches: this.#spool.batches,
      undeliveredFlows: this.#spool.flows,
      droppedFlows: this.#spool.droppedFlows,
    };
  }

  #connect(): void {
    const { url, token, worker } = this.#options;
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
      // Masking guards proxies between from what a browser's page may send. Here it would cost as much as the rest of the sending, and
      // there is TLS or loopback between the ends. A mask of zeros is left out by both (RFC 6455 §5.3).
      generateMask: (mask) => mask.fill(0),
      handshakeTimeout: UPLINK_LIMITS.connectMs,
      maxPayload: 64 * 1024,
    });
    this.#socket = socket;
    this.#lastHeard = performance.now();
    let problem: string | undefined;
    const slow = setTimeout(() => socket.terminate(), UPLINK_LIMITS.connectMs);
    socket.on('open', () => {
      const hello: Hello = { type: 'hello', wire: WIRE_VERSION, session: this.session, ...worker };
      socket.send(JSON.stringify(hello));
    });
    socket.on('unexpected-response', (_request, response) => {
      const { statusCode = 0 } = response;
      problem = `The hub answered with HTTP status ${statusCode}.`;
      if (statusCode === 401 || statusCode === 403) {
        this.#refuse(new UplinkRefused('UNAUTHORIZED', `${problem} The worker's token is not the hub's.`));
      }
      socket.terminate();
    });
    socket.on('message', (data) => {
      clearTimeout(slow);
      this.#lastHeard = performance.now();
      this.#hear(String(data));
    });
    socket.on('pong', () => {
      this.#lastHeard = performance.now();
    });
    socket.on('error', (error) => {
      problem ??= error.message;
    });
    socket.on('close', () => {
      clearTimeout(slow);
      this.#lost(problem ?? 'The hub hung up.');
    });
  }

  #lost(problem: string): void {
    this.#socket = undefined;
    this.#welcomed = false;
    if (this.#refused !== undefined) return;
    const pause = this.#backoff.next();
    this.#options.log.warn(
      { problem, retryMs: Math.round(pause) },
      'No connection to the hub; trying again.',
    );
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#connect(), pause);
  }

  #hear(text: string): void {
    let message: FromHub;
    try {
      message = JSON.parse(text);
    } catch {
      this.#socket?.terminate();
      return;
    }
    if (message.type === 'welcome') this.#welcome(message.lastBatch);
    else if (message.type === 'ack') this.#acknowledge(message.batch);
    else if (message.type === 'refuse') this.#refuse(new UplinkRefused(message.code, message.message));
  }

  #welcome(lastBatch: number): void {
    this.#welcomed = true;
    this.#connections++;
    this.#backoff.reset();
    this.#spool.acknowledge(lastBatch);
    this.#spool.rewind();
    this.#options.log.info({ lastBatch, waiting: this.#spool.batches }, 'Connected to the hub.');
    this.#sendStatus();
    this.#pump();
    this.#wake();
  }

  #acknowledge(batch: number): void {
    this.#spool.acknowledge(batch);
    this.#pump();
    this.#wake();
  }

  #refuse(refused: UplinkRefused): void {
    if (this.#refused !== undefined) return;
    this.#refused = refused;
    this.#options.onRefused(refused);
    this.#wake();
  }

  /** Sends what the window has room for. */
  #pump(): void {
    if (!this.#welcomed || this.#socket?.readyState !== WebSocket.OPEN) return;
    for (let frame = this.#spool.take(); frame !== undefined; frame = this.#spool.take()) {
      this.#socket.send(frame);
    }
  }

  #wake(): void {
    const enough = this.#closing ? this.#spool.batches === 0 : this.#spool.roomy;
    if (!enough && this.#refused === undefined) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #everySecond(): void {
    this.#sendStatus();
    const silence = performance.now() - this.#lastHeard;
    if (silence > UPLINK_LIMITS.silenceMs) this.#socket?.terminate();
    else if (silence > UPLINK_LIMITS.silenceMs / 4 && this.#welcomed) this.#socket?.ping();
  }

  #sendStatus(): void {
    if (!this.#welcomed || this.#socket?.readyState !== WebSocket.OPEN) return;
    const { counters, ...rest } = this.#options.status();
    const status: Status = { type: 'status', ...rest, counters: { ...counters, ...this.counters } };
    this.#socket.send(JSON.stringify(status));
  }

  async #hangUp(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) return;
    socket.removeAllListeners('close');
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => socket.terminate(), 500);
      socket.once('close', () => {
        clearTimeout(late);
        resolve();
      });
      if (socket.readyState === WebSocket.OPEN) socket.close(1000);
      else socket.terminate();
    });
    this.#socket = undefined;
    this.#welcomed = false;
  }
}
