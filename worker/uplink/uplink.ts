import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import {
  type FromHub,
  type Hello,
  type PacketsMessage,
  type Status,
  type TargetsMessage,
  WIRE_VERSION,
} from '../../flow/wire.ts';
import type { BatchSink } from './batch.ts';
import type { Credentials } from './credentials.ts';
import { type UplinkError, UplinkRefused } from './error.ts';
import { NONSENSE } from './failure.ts';
import { UPLINK_LIMITS } from './limits.ts';
import { Line } from './line.ts';
import { Spool } from './spool.ts';
import { messagesOf, Told, type ToldByFiles } from './told.ts';

export interface UplinkOptions {
  /** ws:// or wss://, with the path `/worker`. */
  url: string;
  /** Asked at each attempt to connect. May throw UplinkError. */
  credentials: () => Credentials;
  /** Who this is. */
  worker: Omit<Hello, 'type' | 'wire' | 'session'>;
  /** Default: a random one. */
  session?: string;
  /** What the worker has to report, once a second. */
  status: () => Omit<Status, 'type' | 'clock'>;
  /**
   * What is done when the hub will not take this worker. A function: it is called once, and nothing is sent from then on. Undefined:
   * the worker goes on trying, since its credentials or the hub may be changed.
   */
  onRefused?: ((refused: UplinkRefused) => void) | undefined;
  /** For a worker that asks for targets in `worker`. */
  onTargets?: ((message: TargetsMessage) => void) | undefined;
  /** For a worker that records: makes the frame that answers, if the message wants one. */
  onPackets?: ((message: PacketsMessage) => Promise<Uint8Array | undefined>) | undefined;
  /** There is a connection now, or none: called at every change, and when the reason is another one. */
  onChange?: (problem: UplinkError | undefined) => void;
  log: Pick<Logger, 'info' | 'warn'>;
  /** Default: those of UPLINK_LIMITS. */
  spoolBytes?: number;
  silenceMs?: number;
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
  readonly session: string;
  readonly #options: UplinkOptions;
  readonly #spool: Spool;
  readonly #line: Line;
  readonly #statusTimer: NodeJS.Timeout;
  #welcomed = false;
  readonly #told = new Told();
  #connections = 0;
  #waiting: (() => void)[] = [];
  #refused: UplinkRefused | undefined;
  /** Why there is none. */
  #problem: UplinkError | undefined;
  #closing = false;

  /** Connects at once. */
  constructor(options: UplinkOptions) {
    this.#options = options;
    this.session = options.session ?? randomBytes(8).toString('hex');
    const whenFull = options.worker.mode === 'file' ? 'wait' : 'drop';
    this.#spool = new Spool(
      options.spoolBytes ?? UPLINK_LIMITS.spoolBytes,
      UPLINK_LIMITS.windowBytes,
      whenFull,
    );
    const { url, credentials, silenceMs = UPLINK_LIMITS.silenceMs } = options;
    this.#line = new Line(
      { url, credentials, silenceMs },
      {
        opened: () => this.#opened(),
        heard: (text) => this.#hear(text),
        refused: (refusal) => this.#refuse(refusal),
        lost: (problem, retryMs) => this.#lost(problem, retryMs),
      },
    );
    this.#statusTimer = setInterval(() => this.#everySecond(), UPLINK_LIMITS.statusMs);
    this.#line.connect();
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

  /** Tells what capture files say: now, and again to a hub that has begun anew. */
  tell(told: ToldByFiles): void {
    this.#told.add(told);
    if (this.#welcomed) this.#sendTold(told);
  }

  send(records: Uint8Array, count: number): void {
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

  /** Nothing more is sent: waits until the hub has committed everything, at most so many ms. */
  async drain(timeoutMs: number): Promise<UplinkReport> {
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
    this.#sendStatus();
    return {
      undeliveredBatches: this.#spool.batches,
      undeliveredFlows: this.#spool.flows,
      droppedFlows: this.#spool.droppedFlows,
    };
  }

  /** Drains, and hangs up. */
  async close(timeoutMs: number): Promise<UplinkReport> {
    const report = await this.drain(timeoutMs);
    clearInterval(this.#statusTimer);
    await this.#line.hangUp();
    this.#welcomed = false;
    return report;
  }

  #opened(): void {
    const { worker } = this.#options;
    const hello: Hello = { type: 'hello', wire: WIRE_VERSION, session: this.session, ...worker };
    this.#line.send(JSON.stringify(hello));
  }

  #lost(problem: UplinkError, retryMs: number): void {
    this.#welcomed = false;
    // A hub that is away for long is told of once.
    if (problem.code === this.#problem?.code) return;
    const { code, message, remedy } = problem;
    this.#options.log.warn({ code, remedy, retryMs: Math.round(retryMs) }, message);
    this.#problem = problem;
    this.#options.onChange?.(problem);
  }

  #hear(text: string): void {
    let message: FromHub;
    try {
      message = JSON.parse(text);
    } catch {
      this.#line.drop(NONSENSE);
      return;
    }
    if (message.type === 'welcome') this.#welcome(message.lastBatch);
    else if (message.type === 'ack') this.#acknowledge(message.batch);
    else if (message.type === 'targets') this.#options.onTargets?.(message);
    else if (message.type === 'packets') this.#sendPackets(message);
    else if (message.type === 'refuse') this.#refuse(new UplinkRefused(message.code, message.message));
  }

  #welcome(lastBatch: number): void {
    this.#welcomed = true;
    this.#connections++;
    this.#problem = undefined;
    this.#line.settle();
    this.#spool.acknowledge(lastBatch);
    this.#spool.rewind();
    this.#options.log.info({ lastBatch, waiting: this.#spool.batches }, 'Connected to the hub.');
    this.#options.onChange?.(undefined);
    this.#sendStatus();
    this.#sendTold(this.#told);
    this.#pump();
    this.#wake();
  }

  #sendTold(told: ToldByFiles): void {
    for (const message of messagesOf(told)) this.#line.send(message);
  }

  /** An answer goes to the connection that asked for it, or to none. */
  #sendPackets(message: PacketsMessage): void {
    const { connection } = this.#line;
    this.#options.onPackets?.(message).then(
      (frame) => {
        if (frame !== undefined && connection === this.#line.connection) this.#line.send(frame);
      },
      (error: unknown) => this.#options.log.warn({ err: error }, 'packets could not be exported'),
    );
  }

  #acknowledge(batch: number): void {
    this.#spool.acknowledge(batch);
    this.#pump();
    this.#wake();
  }

  #refuse(refused: UplinkRefused): void {
    const { onRefused } = this.#options;
    if (onRefused === undefined) {
      this.#line.drop(refused);
      return;
    }
    this.#line.giveUp();
    if (this.#refused !== undefined) return;
    this.#refused = refused;
    this.#welcomed = false;
    onRefused(refused);
    this.#wake();
  }

  /** Sends what the window has room for. */
  #pump(): void {
    if (!this.#welcomed || this.#line.connection === undefined) return;
    for (let frame = this.#spool.take(); frame !== undefined; frame = this.#spool.take()) {
      this.#line.send(frame);
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
    this.#line.check();
  }

  #sendStatus(): void {
    if (!this.#welcomed) return;
    const { counters, ...rest } = this.#options.status();
    const all = { ...counters, ...this.counters };
    const status: Status = { type: 'status', ...rest, clock: Date.now(), counters: all };
    this.#line.send(JSON.stringify(status));
  }
}
