import type { CloseReason, ConnectionInfo, Direction, EndReason, StreamListener } from '../tcp/stream.ts';
import type { DissectCounters } from './counters.ts';
import type { Exchange, ExchangeSink, Offsets, Protocol } from './dissector.ts';
import { readServerName } from './tls/server-name.ts';

/**
 * How many segments may go by, both directions together, before a connection counts as none that the worker can
 * read. HTTP may follow something else (a SOCKS handshake), so the first segment alone does not decide.
 */
const PROBED_SEGMENTS = 16;
/** The same for a connection whose beginning was not captured: the rest of a large body may come first. */
const PROBED_SEGMENTS_MIDSTREAM = 1024;

/** What a connection turned out to be that no dissector reads: its bytes are counted, and that is all. */
class Discarded implements StreamListener {
  private readonly counters: DissectCounters;
  private readonly kind: Kind;

  constructor(counters: DissectCounters, kind: Kind) {
    this.counters = counters;
    this.kind = kind;
  }

  data(_direction: Direction, _data: Uint8Array, start: number, end: number): void {
    this.counters[`${this.kind}Bytes`] += end - start;
  }
  gap(): void {}
  end(): void {}
  close(): void {}
}

/** `swapped`: the client is the end that TCP took for the server. */
type OnServerName = (connection: ConnectionInfo, swapped: boolean, name: string) => void;

type Kind = 'tls' | 'http2' | 'other';

/** Finds out by their first bytes which dissector reads a connection, whatever its ports are. */
export class Recogniser implements ExchangeSink {
  readonly protocols: readonly Protocol[];
  readonly counters: DissectCounters;
  private readonly onExchange: (exchange: Exchange) => void;
  private readonly onClosed: (connection: ConnectionInfo, reason: CloseReason) => void;
  private readonly onServerName: OnServerName;
  private readonly onDiscarded: (connection: ConnectionInfo) => void;
  private readonly discarded: Record<Kind, Discarded>;

  /**
   * `onExchange` is called for each exchange, which is valid during the call only; `onClosed` when a connection
   * is over, after its last exchange; `onServerName` where a client begins to speak TLS and says with whom;
   * `onDiscarded` when nothing more of the connection will be read.
   */
  constructor(
    protocols: readonly Protocol[],
    counters: DissectCounters,
    onExchange: (exchange: Exchange) => void,
    onClosed: (connection: ConnectionInfo, reason: CloseReason) => void,
    onServerName: OnServerName,
    onDiscarded: (connection: ConnectionInfo) => void = () => {},
  ) {
    this.protocols = protocols;
    this.counters = counters;
    this.onExchange = onExchange;
    this.onClosed = onClosed;
    this.onServerName = onServerName;
    this.onDiscarded = onDiscarded;
    this.discarded = {
      tls: new Discarded(counters, 'tls'),
      http2: new Discarded(counters, 'http2'),
      other: new Discarded(counters, 'other'),
    };
  }

  /** The listener for a new connection: what TCP's OnConnection asks for. */
  open(connection: ConnectionInfo): StreamListener {
    return new Probing(this, connection, [0, 0], false);
  }

  exchange(exchange: Exchange): void {
    this.onExchange(exchange);
  }

  closed(connection: ConnectionInfo, reason: CloseReason): void {
    this.onClosed(connection, reason);
  }

  /** The bytes are the beginning of a TLS handshake. */
  tls(
    connection: ConnectionInfo,
    direction: Direction,
    data: Uint8Array,
    start: number,
    end: number,
  ): StreamListener {
    const name = readServerName(data, start, end);
    if (name !== '') this.onServerName(connection, direction === 1, name);
    return this.discard(connection, 'tls');
  }

  upgraded(connection: ConnectionInfo, protocol: string, offsets: Offsets): StreamListener {
    if (protocol === 'connect') return new Probing(this, connection, offsets, true);
    const reader = this.protocols.find(({ name }) => name === protocol);
    if (reader !== undefined) return reader.open(connection, this, offsets, false);
    return this.discard(connection, protocol === 'h2c' ? 'http2' : 'other');
  }

  /** The shared listener for a connection of this kind. */
  discard(connection: ConnectionInfo, kind: Kind): StreamListener {
    this.onDiscarded(connection);
    this.counters[`${kind}Connections`]++;
    return this.discarded[kind];
  }
}

/** A connection that is not recognised yet; afterwards it only passes on. */
class Probing implements StreamListener {
  private reader: StreamListener | undefined;
  private readonly recogniser: Recogniser;
  private readonly connection: ConnectionInfo;
  private readonly offsets: [number, number];
  private segmentsLeft: number;
  private readonly inTunnel: boolean;

  /** `inTunnel`: within another reader, which is told of the end of the connection itself. */
  constructor(recogniser: Recogniser, connection: ConnectionInfo, offsets: Offsets, inTunnel: boolean) {
    this.recogniser = recogniser;
    this.connection = connection;
    this.inTunnel = inTunnel;
    this.offsets = [offsets[0], offsets[1]];
    this.segmentsLeft = connection.handshake ? PROBED_SEGMENTS : PROBED_SEGMENTS_MIDSTREAM;
  }

  data(direction: Direction, data: Uint8Array, start: number, end: number): void {
    if (this.reader === undefined && start < end) this.reader = this.recognise(direction, data, start, end);
    if (this.reader !== undefined) {
      this.reader.data(direction, data, start, end);
    } else {
      this.recogniser.counters.otherBytes += end - start;
      this.offsets[direction] += end - start;
    }
  }

  gap(direction: Direction, length: number): void {
    if (this.reader !== undefined) this.reader.gap(direction, length);
    else this.offsets[direction] += length;
  }

  end(direction: Direction, reason: EndReason): void {
    this.reader?.end(direction, reason);
  }

  close(reason: CloseReason): void {
    if (this.reader !== undefined) this.reader.close(reason);
    else if (this.offsets[0] + this.offsets[1] > 0) this.recogniser.counters.otherConnections++;
    if (!this.inTunnel) this.recogniser.closed(this.connection, reason);
  }

  private recognise(
    direction: Direction,
    data: Uint8Array,
    start: number,
    end: number,
  ): StreamListener | undefined {
    const { recogniser } = this;
    if (isTlsHandshake(data, start, end)) {
      return recogniser.tls(this.connection, direction, data, start, end);
    }
    if (isHttp2Preface(data, start, end)) return recogniser.discard(this.connection, 'http2');
    const { handshake, isCutShort } = this.connection;
    const isFirst = handshake && this.offsets[direction] === 0;
    for (const protocol of recogniser.protocols) {
      const probe = protocol.probe(direction, isFirst, isCutShort, data, start, end);
      const swapped = (probe === 'client') !== (direction === 0);
      // Who sent the SYN is the client, whatever the bytes look like.
      if (probe === 'no' || (swapped && handshake)) continue;
      return protocol.open(this.connection, recogniser, this.offsets, swapped);
    }
    return --this.segmentsLeft > 0 ? undefined : recogniser.discard(this.connection, 'other');
  }
}

/** A TLS record (RFC 8446 §5.1) with a ClientHello or a ServerHello. */
function isTlsHandshake(data: Uint8Array, start: number, end: number): boolean {
  if (data[start] !== 0x16 || end - start < 6) return false;
  return data[start + 1] === 3 && data[start + 2] <= 4 && (data[start + 5] === 1 || data[start + 5] === 2);
}

/** The connection preface of HTTP/2 (RFC 9113 §3.4). */
function isHttp2Preface(data: Uint8Array, start: number, end: number): boolean {
  if (end - start < HTTP2_PREFACE.length) return false;
  for (let i = 0; i < HTTP2_PREFACE.length; i++) if (data[start + i] !== HTTP2_PREFACE[i]) return false;
  return true;
}

const HTTP2_PREFACE: readonly number[] = [...Buffer.from('PRI * HTTP/2.0\r\n')];
