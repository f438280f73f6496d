import type { WebSocket } from 'ws';
import type { WorkerHealth } from '../../flow/api.ts';
import { formatTime } from '../../flow/time.ts';
import type { Hello, Status } from '../../flow/wire.ts';
import { ClockOffset } from './clock-offset.ts';
import type { Sender } from './intake.ts';
import { PacketRequests } from './packet-requests.ts';

/** A worker process, over all its connections. */
export class WorkerSession implements Sender {
  readonly session: string;
  readonly node: string;
  /** The last batch that was received, and the last one that is committed. */
  received = 0;
  lastCommitted = 0;
  socket: WebSocket | undefined;
  lastSeen = Date.now();
  readonly packets = new PacketRequests();
  readonly counters = {
    batches: 0,
    flows: 0,
    badRecords: 0,
    resentBatches: 0,
    missingBatches: 0,
    reconnects: 0,
  };
  #hello: Hello;
  #status: Status = { type: 'status', counters: {} };
  readonly #clock = new ClockOffset();
  /** Of performance.now(): when a ping was sent that is not answered yet. */
  #asked: number | undefined;
  readonly #cpuMs = new Rate();
  readonly #packets = new Rate();
  readonly #flows = new Rate();

  constructor(hello: Hello, lastBatch: number) {
    this.session = hello.session;
    this.node = hello.node;
    this.#hello = hello;
    this.received = lastBatch;
    this.lastCommitted = lastBatch;
  }

  /** Whether it keeps packets (worker/record). */
  get records(): boolean {
    return (this.#hello.limits['recordBytes'] ?? 0) > 0;
  }

  /** Whether it has packets of an earlier worker's. */
  recordsOf(session: string): boolean {
    return this.records && this.#status.recordedSessions?.includes(session) === true;
  }

  greet(hello: Hello): void {
    this.#hello = hello;
  }

  /** Whether a batch is new. One that is not is acknowledged as soon as it is committed, and otherwise left alone. */
  receive(batch: number): boolean {
    if (batch <= this.received) {
      this.counters.resentBatches++;
      this.#acknowledge();
      return false;
    }
    this.counters.missingBatches += batch - this.received - 1;
    this.counters.batches++;
    this.received = batch;
    return true;
  }

  committed(batch: number, flows: number): void {
    this.lastCommitted = batch;
    this.counters.flows += flows;
    this.#acknowledge();
  }

  update(status: Status): void {
    const now = performance.now();
    this.#packets.update(status.counters['packets'] ?? 0, now);
    this.#flows.update(this.counters.flows, now);
    this.#cpuMs.update(status.counters['cpuMs'] ?? 0, now);
    if (status.clock !== undefined) this.#clock.report(status.clock, Date.now());
    this.#status = status;
  }

  attach(socket: WebSocket): void {
    this.socket = socket;
    this.#asked = undefined;
    socket.on('pong', () => {
      if (this.#asked !== undefined) this.#clock.roundTrip(performance.now() - this.#asked);
      this.#asked = undefined;
    });
  }

  /** Asks for a sign of life, and takes the time until it comes. */
  timeRoundTrip(): void {
    if (this.#asked !== undefined) return;
    this.#asked = performance.now();
    this.socket?.ping();
  }

  health(): WorkerHealth {
    const { progress, done, counters } = this.#status;
    const connected = this.socket !== undefined;
    // Of a live capture nobody knows what it can do while it is away; files stay as they are.
    const problem = connected || this.#hello.mode === 'file' ? this.#status.problem : undefined;
    const health: WorkerHealth = {
      node: this.node,
      session: this.session,
      version: this.#hello.version,
      state: problem !== undefined ? 'failed' : done === true ? 'done' : connected ? 'connected' : 'away',
      sources: this.#hello.sources,
      lastSeen: formatTime(this.lastSeen * 1000),
      packetsPerSecond: connected ? this.#packets.value : 0,
      flowsPerSecond: connected ? this.#flows.value : 0,
      counters: { ...counters, ...this.counters },
      limits: this.#hello.limits,
    };
    if (problem !== undefined) health.problem = problem;
    if (progress !== undefined) health.progress = progress;
    if (connected && 'cpuMs' in counters) health.cores = this.#cpuMs.value / 1000;
    // The times of a file are those of the machine that captured it.
    const offset = this.#hello.mode === 'live' && connected ? this.#clock.value : undefined;
    if (offset !== undefined) health.clockOffsetMs = Math.round(offset);
    return health;
  }

  #acknowledge(): void {
    if (this.lastCommitted > 0) this.socket?.send(JSON.stringify({ type: 'ack', batch: this.lastCommitted }));
  }
}

/** Growth of a total, a second, over the last few updates. */
class Rate {
  value = 0;
  #total = 0;
  #time = Number.NaN;

  update(total: number, now: number): void {
    const seconds = (now - this.#time) / 1000;
    if (seconds > 0) {
      const rate = Math.max(0, total - this.#total) / seconds;
      this.value = Math.round((this.value + rate) * 5) / 10;
    }
    this.#total = total;
    this.#time = now;
  }
}
