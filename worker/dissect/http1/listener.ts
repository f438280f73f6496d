import type { CloseReason, ConnectionInfo, Direction, EndReason, StreamListener } from '../../tcp/stream.ts';
import type { ExchangeSink, Offsets } from '../dissector.ts';
import { Http1Connection, type Http1Tools } from './connection.ts';

/** Idle readers kept for the next connection that needs one. */
const MAX_SPARE = 256;

/** Readers that no connection needs at this time. */
export class SpareReaders {
  private readonly tools: Http1Tools;
  private readonly spare: Http1Connection[] = [];

  constructor(tools: Http1Tools) {
    this.tools = tools;
  }

  take(): Http1Connection {
    return this.spare.pop() ?? new Http1Connection(this.tools);
  }

  give(reader: Http1Connection): void {
    if (this.spare.length < MAX_SPARE) this.spare.push(reader);
  }
}

/**
 * HTTP/1 on one connection, as TCP sees it: has a reader only while there is something to read. Most connections are
 * idle most of the time, and a reader takes ten times the memory of this.
 */
export class Http1Listener implements StreamListener {
  private reader: Http1Connection | undefined;
  /** While there is no reader: how far both streams were read. */
  private requestOffset = 0;
  private answerOffset = 0;
  private readonly connection: ConnectionInfo;
  private readonly sink: ExchangeSink;
  private readonly readers: SpareReaders;
  private readonly swapped: boolean;

  constructor(
    connection: ConnectionInfo,
    sink: ExchangeSink,
    readers: SpareReaders,
    offsets: Offsets,
    swapped: boolean,
  ) {
    this.connection = connection;
    this.sink = sink;
    this.readers = readers;
    this.swapped = swapped;
    this.reader = readers.take();
    this.reader.attach(connection, sink, offsets, swapped, false);
    if (!connection.handshake || offsets[0] > 0 || offsets[1] > 0) this.reader.beginMidstream();
  }

  data(direction: Direction, data: Uint8Array, start: number, end: number): void {
    const reader = this.reader ?? this.wake();
    reader.data(direction, data, start, end);
    if (reader.isIdle) this.rest(reader);
  }

  gap(direction: Direction, length: number): void {
    const reader = this.reader ?? this.wake();
    reader.gap(direction, length);
  }

  end(direction: Direction, reason: EndReason): void {
    this.reader?.end(direction, reason);
  }

  close(reason: CloseReason): void {
    this.reader?.close(reason);
  }

  private rest(reader: Http1Connection): void {
    this.requestOffset = reader.requestOffset;
    this.answerOffset = reader.answerOffset;
    this.reader = undefined;
    this.readers.give(reader);
  }

  private wake(): Http1Connection {
    const { requestOffset, answerOffset, swapped } = this;
    const offsets: Offsets = swapped ? [answerOffset, requestOffset] : [requestOffset, answerOffset];
    const reader = this.readers.take();
    reader.attach(this.connection, this.sink, offsets, swapped, true);
    this.reader = reader;
    return reader;
  }
}
