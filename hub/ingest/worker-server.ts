import type { RawData, WebSocket } from 'ws';
import type { WorkerHealth } from '../../flow/api.ts';
import { BATCH_HEADER, type Hello } from '../../flow/wire.ts';
import type { Store } from '../store/store.ts';
import type { CapturedNames } from './captured-names.ts';
import { IngestError } from './error.ts';
import { Intake, type IntakeOptions } from './intake.ts';
import { INGEST_LIMITS } from './limits.ts';
import { parseBatchHeader, parseMessage } from './message.ts';
import { isPacketsFrame, type NoPackets, type PacketReader } from './packet-requests.ts';
import { WorkerSession } from './session.ts';
import { EVERYTHING, type TargetFollower, type TargetSource } from './target-source.ts';

/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
const INTERNAL_ERROR = 1011;

export interface WorkerServerOptions extends IntakeOptions {
  /** Tells workers that ask for it which packets to take; default: all. */
  targets?: TargetSource | undefined;
  /** Learns what capture files call the addresses in them, as `marks` learn what they say of exchanges. Default: nobody listens. */
  captured?: CapturedNames | undefined;
}

/**
 * The hub's end of flow/wire.ts. Sockets come from the API, which has checked who may connect.
 *
 * What a worker sends is not believed: a message that cannot be refuses that worker, a record that cannot be is counted and left out.
 */
export class WorkerServer {
  readonly #store: Store;
  readonly #intake: Intake;
  readonly #merger: IntakeOptions['merger'];
  readonly #log: IntakeOptions['log'];
  readonly #targets: TargetSource;
  readonly #captured: CapturedNames | undefined;
  readonly #marks: IntakeOptions['marks'];
  readonly #sessions = new Map<string, WorkerSession>();
  readonly #sockets = new Set<WebSocket>();
  readonly #paused = new Set<WebSocket>();
  readonly #lastHeard = new Map<WebSocket, number>();
  readonly #counters = { workersRefused: 0, ingestPauses: 0 };
  readonly #silence: NodeJS.Timeout;
  #closed = false;

  constructor(options: WorkerServerOptions) {
    this.#store = options.store;
    this.#merger = options.merger;
    this.#log = options.log;
    this.#targets = options.targets ?? EVERYTHING;
    this.#captured = options.captured;
    this.#marks = options.marks;
    this.#intake = new Intake(options);
    this.#silence = setInterval(() => this.#cutSilent(), INGEST_LIMITS.ingestSilenceMs / 4);
    this.#silence.unref();
  }

  get counters(): Record<string, number> {
    return {
      ...this.#counters,
      ...this.#intake.counters,
      ...this.#merger.counters,
      ingestQueuedBytes: this.#intake.queuedBytes,
    };
  }
  get limits(): Record<string, number> {
    return { ...INGEST_LIMITS, ...this.#merger.limits };
  }
  /** Why nothing can be committed at the moment; undefined while all is well. */
  get problem(): string | undefined {
    return this.#intake.problem;
  }

  /** Those there are, and of each node that has none the last one. */
  workers(): WorkerHealth[] {
    const latest = new Map<string, WorkerSession>();
    for (const session of this.#sessions.values()) latest.set(session.node, session);
    return [...this.#sessions.values()]
      .filter((session) => session.socket !== undefined || latest.get(session.node) === session)
      .map((session) => session.health());
  }

  /**
   * Reads packets that the worker of a session has recorded and masked (`raw`: not masked), or the one that has come after it; or why
   * nobody gives any.
   */
  packets(session: string, raw = false): PacketReader | NoPackets {
    const worker = this.#sessions.get(session);
    // What it never recorded nobody has, whether it is there or not.
    if (worker !== undefined && !worker.records) return 'not-recording';
    if (worker?.socket !== undefined) return worker.packets.open(worker.socket, { raw });
    for (const heir of this.#sessions.values()) {
      if (heir.socket !== undefined && heir.recordsOf(session))
        return heir.packets.open(heir.socket, { raw, session });
    }
    return 'away';
  }

  /** Takes a socket that was just opened at `/worker`. */
  accept(socket: WebSocket): void {
    if (this.#closed) {
      socket.close(GOING_AWAY);
      return;
    }
    let session: WorkerSession | undefined;
    this.#sockets.add(socket);
    this.#lastHeard.set(socket, Date.now());
    const hello = setTimeout(
      () => this.#refuse(socket, new IngestError('HELLO_EXPECTED', 'The worker said nothing.')),
      INGEST_LIMITS.ingestHelloMs,
    );
    const greet = async (message: Hello) => {
      clearTimeout(hello);
      socket.pause();
      session = await this.#open(message);
      this.#attach(session, socket);
      socket.send(JSON.stringify({ type: 'welcome', lastBatch: session.lastCommitted }));
      if (message.targets === true && socket.readyState === socket.OPEN) {
        socket.once('close', this.#targets.follow(session.node, followerOf(socket)));
      }
      socket.resume();
    };
    let greeted = false;
    socket.on('message', (data, isBinary) => {
      this.#lastHeard.set(socket, Date.now());
      try {
        if (!greeted) {
          const message = isBinary ? undefined : parseText(data);
          if (message?.type !== 'hello')
            throw new IngestError('HELLO_EXPECTED', 'The first message was not hello.');
          greeted = true;
          greet(message).catch((error: unknown) => this.#fail(socket, error));
        } else if (session === undefined) {
          throw new IngestError('MESSAGE_INVALID', 'The worker did not wait for welcome.');
        } else {
          this.#hear(session, socket, data, isBinary);
        }
      } catch (error) {
        this.#fail(socket, error);
      }
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearTimeout(hello);
      this.#sockets.delete(socket);
      this.#paused.delete(socket);
      this.#lastHeard.delete(socket);
      if (session?.socket !== socket) return;
      session.socket = undefined;
      session.packets.lost();
    });
  }

  /** Commits what was received, tells the workers what is committed, and says goodbye. Does not close the store. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#silence);
    for (const socket of this.#sockets) socket.pause();
    await this.#intake.close();
    for (const socket of this.#sockets) {
      socket.resume();
      socket.close(GOING_AWAY);
    }
  }

  async #open(hello: Hello): Promise<WorkerSession> {
    const lastBatch = await this.#store.lastBatch(hello.session);
    const known = this.#sessions.get(hello.session);
    if (known !== undefined) {
      known.counters.reconnects++;
      known.greet(hello);
      return known;
    }
    this.#makeRoom();
    const session = new WorkerSession(hello, lastBatch);
    this.#sessions.set(hello.session, session);
    this.#log.info(
      { node: hello.node, session: hello.session, sources: hello.sources },
      'A worker has connected.',
    );
    return session;
  }

  /** A session has one socket: an older one is dead, or not the worker's. */
  #attach(session: WorkerSession, socket: WebSocket): void {
    const before = session.socket;
    session.attach(socket);
    session.lastSeen = Date.now();
    session.packets.lost();
    before?.terminate();
  }

  #makeRoom(): void {
    if (this.#sessions.size < INGEST_LIMITS.ingestSessions) return;
    for (const [id, session] of this.#sessions) {
      if (session.socket !== undefined) continue;
      this.#sessions.delete(id);
      return;
    }
    throw new IngestError(
      'TOO_MANY_WORKERS',
      `The hub keeps no more than ${INGEST_LIMITS.ingestSessions} workers.`,
    );
  }

  #hear(session: WorkerSession, socket: WebSocket, data: RawData, isBinary: boolean): void {
    session.lastSeen = Date.now();
    if (!isBinary) {
      const message = parseText(data);
      if (message.type === 'status') {
        session.update(message);
        session.timeRoundTrip();
      } else if (message.type === 'names') this.#captured?.learn(message.names);
      else if (message.type === 'marks') this.#marks?.learn(message.marks);
      else throw new IngestError('MESSAGE_INVALID', 'The worker said hello twice.');
      return;
    }
    const frame = data as Buffer;
    if (isPacketsFrame(frame)) {
      // One that nobody waits for (any more) came too late.
      session.packets.heard(frame);
      return;
    }
    const { batch, count } = parseBatchHeader(frame);
    if (!session.receive(batch)) return;
    session.counters.badRecords += this.#intake.take(session, batch, frame.subarray(BATCH_HEADER), count);
    if (!this.#intake.full || this.#paused.has(socket)) return;
    this.#counters.ingestPauses++;
    this.#paused.add(socket);
    socket.pause();
    this.#intake.onDrained(() => {
      this.#paused.delete(socket);
      this.#lastHeard.set(socket, Date.now());
      if (socket.readyState === socket.OPEN) socket.resume();
    });
  }

  #cutSilent(): void {
    const now = Date.now();
    for (const [socket, heard] of this.#lastHeard) {
      if (this.#paused.has(socket)) continue;
      if (now - heard > INGEST_LIMITS.ingestSilenceMs) socket.terminate();
    }
  }

  #fail(socket: WebSocket, error: unknown): void {
    if (error instanceof IngestError) {
      this.#refuse(socket, error);
      return;
    }
    this.#log.error({ err: error }, "A worker's message could not be handled.");
    socket.close(INTERNAL_ERROR);
  }

  #refuse(socket: WebSocket, { code, message }: IngestError): void {
    this.#counters.workersRefused++;
    this.#log.info({ code }, `A worker was refused: ${message}`);
    socket.send(JSON.stringify({ type: 'refuse', code, message }));
    socket.close(POLICY_VIOLATION, code);
  }
}

function followerOf(socket: WebSocket): TargetFollower {
  return {
    get busy() {
      return socket.bufferedAmount > INGEST_LIMITS.ingestTargetsBytes;
    },
    tell(messages) {
      for (const message of messages) socket.send(message);
    },
  };
}

function parseText(data: RawData) {
  const bytes = data as Buffer;
  if (bytes.length > INGEST_LIMITS.ingestTextBytes) {
    throw new IngestError(
      'MESSAGE_INVALID',
      `A text message of ${bytes.length} bytes; the limit is ${INGEST_LIMITS.ingestTextBytes}.`,
    );
  }
  return parseMessage(bytes.toString('utf8'));
}
