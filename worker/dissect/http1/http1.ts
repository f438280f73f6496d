import type { ConnectionInfo, Direction, StreamListener } from '../../tcp/stream.ts';
import type { DissectCounters } from '../counters.ts';
import type { ExchangeSink, Offsets, Probe, Protocol } from '../dissector.ts';
import { ExchangeView, type Http1Tools } from './connection.ts';
import { FieldReader } from './fields.ts';
import { Framing } from './framing.ts';
import type { Http1Limits } from './limits.ts';
import { Http1Listener, SpareReaders } from './listener.ts';
import { CR, LF } from './octets.ts';
import { MessagePool } from './pool.ts';
import { StartFinder } from './resync.ts';

/** HTTP/1.0 and HTTP/1.1 (RFC 9112). One instance a worker. */
export class Http1 implements Protocol {
  readonly name = 'http';
  private readonly tools: Http1Tools;
  private readonly readers: SpareReaders;

  constructor(limits: Http1Limits, counters: DissectCounters) {
    this.tools = {
      limits,
      counters,
      pool: new MessagePool(limits, counters),
      fields: new FieldReader(),
      framing: new Framing(),
      finder: new StartFinder(),
      view: new ExchangeView(),
    };
    this.readers = new SpareReaders(this.tools);
  }

  probe(
    direction: Direction,
    first: boolean,
    cut: boolean,
    data: Uint8Array,
    start: number,
    end: number,
  ): Probe {
    const { finder } = this.tools;
    const asExpected = direction === 0;
    while (start < end && (data[start] === CR || data[start] === LF)) start++;
    const begins = first
      ? finder.mayBegin(asExpected, data, start, end)
      : finder.beginsSegment(asExpected, cut, data, start, end);
    if (begins) return asExpected ? 'client' : 'server';
    // TCP may have taken the ends the other way round.
    if (finder.beginsSegment(!asExpected, cut, data, start, end)) return asExpected ? 'server' : 'client';
    return 'no';
  }

  open(connection: ConnectionInfo, sink: ExchangeSink, offsets: Offsets, swapped: boolean): StreamListener {
    return new Http1Listener(connection, sink, this.readers, offsets, swapped);
  }
}
