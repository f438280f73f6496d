import { DissectCounters } from '../../worker/dissect/counters.ts';
import type { Exchange } from '../../worker/dissect/dissector.ts';
import { Http1 } from '../../worker/dissect/http1/http1.ts';
import { DEFAULT_HTTP1_LIMITS, type Http1Limits } from '../../worker/dissect/http1/limits.ts';
import { type Message, MessageFlag } from '../../worker/dissect/message.ts';
import { Recogniser } from '../../worker/dissect/recognise.ts';
import type { ConnectionInfo, Direction, StreamListener } from '../../worker/tcp/stream.ts';

/**
 * Speaks to the dissectors as TCP would: what `client` and `server` send arrives in segments that acknowledge
 * all that the other end has sent, a microsecond apart. What comes out is recorded as plain objects.
 */

export interface RecordedMessage {
  method: string;
  target: string;
  status: number;
  reason: string;
  version: number;
  headers: [string, string][];
  trailers: [string, string][];
  body: string;
  bodySize: number;
  flags: string[];
  problem: string;
  gapBytes: number;
  times: [number, number];
  stream: [number, number];
  seq: number;
}

export interface RecordedExchange {
  request: RecordedMessage | undefined;
  response: RecordedMessage | undefined;
  interim: number[];
  swapped: boolean;
}

export function recordExchange(exchange: Exchange): RecordedExchange {
  return {
    request: exchange.request && recordMessage(exchange.request, true),
    response: exchange.response && recordMessage(exchange.response, false),
    interim: [...exchange.interim],
    swapped: exchange.swapped,
  };
}

function recordMessage(message: Message, isRequest: boolean): RecordedMessage {
  const text = (start: number, end: number) =>
    Buffer.from(message.bytes.subarray(start, end)).toString('latin1');
  const fields = Array.from({ length: message.fieldCount }, (_, i): [string, string] => {
    const [nameStart, nameEnd, valueStart, valueEnd] = message.fields.subarray(4 * i, 4 * i + 4);
    return [text(nameStart, nameEnd), text(valueStart, valueEnd)];
  });
  const headerCount = message.fieldCount - message.trailerCount;
  const target = text(message.targetStart, message.targetEnd);
  return {
    method: isRequest ? text(0, message.methodEnd) : '',
    target: isRequest ? target : '',
    status: message.status,
    reason: isRequest ? '' : target,
    version: message.version,
    headers: fields.slice(0, headerCount),
    trailers: fields.slice(headerCount),
    body: text(message.headEnd, message.bodyEnd),
    bodySize: message.bodySize,
    flags: Object.entries(MessageFlag).flatMap(([name, flag]) => (message.has(flag) ? [name] : [])),
    problem: message.problem,
    gapBytes: message.gapBytes,
    times: [message.startTime, message.endTime],
    stream: [message.streamStart, message.streamEnd],
    seq: message.seq,
  };
}

/** A connection whose details a test can set. */
class DrivenConnection implements ConnectionInfo {
  readonly id = 1;
  readonly ipVersion = 4;
  readonly client0 = 0;
  readonly client1 = 0;
  readonly client2 = 0xffff;
  readonly client3 = 0;
  readonly server0 = 0;
  readonly server1 = 0;
  readonly server2 = 0xffff;
  readonly server3 = 0;
  readonly clientPort = 40_000;
  readonly serverPort = 80;
  readonly startTime = 0;
  readonly roundTrip = Number.NaN;
  readonly closedBy = -1;
  readonly closedHow = 'open';
  recordMark = -1;
  readonly handshake: boolean;
  readonly sides = [side(1000), side(5000)] as const;
  time = 0;
  peerAcked = -1;
  isCutShort = false;

  constructor(handshake: boolean) {
    this.handshake = handshake;
  }
}

function side(firstSeq: number) {
  const stats = {
    bytes: 0,
    packets: 0,
    retransmissions: 0,
    duplicates: 0,
    lostBytes: 0,
    conflictBytes: 0,
    zeroWindows: 0,
    keepAlives: 0,
  };
  return { offset: 0, firstSeq, stats };
}

export interface DriveOptions {
  limits?: Partial<Http1Limits>;
  /** False: the capture began inside the connection. */
  handshake?: boolean;
  /** Segments of at most so many bytes; 0: each call is one segment. */
  segment?: number;
}

export class Drive {
  readonly exchanges: RecordedExchange[] = [];
  readonly counters = new DissectCounters();
  readonly connection: DrivenConnection;
  /** What clients of TLS asked for. */
  readonly serverNames: { name: string; swapped: boolean }[] = [];
  /** How often the end of the connection was told. */
  closed = 0;
  private readonly listener: StreamListener;
  private readonly segment: number;
  private readonly offsets = [0, 0];

  constructor(options: DriveOptions = {}) {
    this.connection = new DrivenConnection(options.handshake ?? true);
    this.segment = options.segment ?? 0;
    const http = new Http1({ ...DEFAULT_HTTP1_LIMITS, ...options.limits }, this.counters);
    const recogniser = new Recogniser(
      [http],
      this.counters,
      (exchange) => this.exchanges.push(recordExchange(exchange)),
      () => this.closed++,
      (_, swapped, name) => this.serverNames.push({ name, swapped }),
    );
    this.listener = recogniser.open(this.connection);
  }

  client(data: string | Uint8Array, acked?: number): this {
    return this.send(0, data, acked);
  }

  server(data: string | Uint8Array, acked?: number): this {
    return this.send(1, data, acked);
  }

  send(direction: Direction, data: string | Uint8Array, acked?: number): this {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
    // Not at the start of its buffer, as packets are not; and overwritten afterwards, as ring buffers are.
    const size = this.segment || bytes.length;
    for (let at = 0; at < bytes.length; at += size) {
      const part = bytes.subarray(at, at + size);
      const packet = Buffer.concat([Buffer.from('front'), part, Buffer.from('behind')]);
      this.connection.time++;
      this.connection.peerAcked = acked ?? this.offsets[1 - direction];
      this.listener.data(direction, packet, 5, 5 + part.length);
      this.offsets[direction] += part.length;
      packet.fill('X');
    }
    return this;
  }

  /** A segment of which only the first `captured` bytes were captured. */
  cut(direction: Direction, data: string | Uint8Array, captured: number, acked?: number): this {
    const missing = data.length - captured;
    this.connection.isCutShort = missing > 0;
    this.send(direction, data.slice(0, captured), acked);
    if (missing > 0) this.listener.gap(direction, missing);
    this.offsets[direction] += missing;
    this.connection.isCutShort = false;
    return this;
  }

  gap(direction: Direction, length: number): this {
    this.connection.time++;
    this.connection.peerAcked = -1;
    this.listener.gap(direction, length);
    this.offsets[direction] += length;
    return this;
  }

  end(direction: Direction, reason: 'fin' | 'rst' = 'fin'): this {
    this.listener.end(direction, reason);
    return this;
  }

  /** Ends both directions with FIN, unless told otherwise. */
  close(reason: 'fin' | 'rst' | 'finished' = 'fin'): this {
    if (reason === 'fin') this.end(0).end(1);
    this.listener.close(reason);
    return this;
  }
}
