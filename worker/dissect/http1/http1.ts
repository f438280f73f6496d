import type { ConnectionInfo, Direction, StreamListener } from '../../tcp/stream.ts';
import type { DissectCounters } from '../counters.ts';
import type { ExchangeSink, Offsets, Probe, Protocol } from '../dissector.ts';
import { ExchangeView, Http1Connection, type Http1Tools } from './connection.ts';
import { Framing } from './framing.ts';
import type { Http1Limits } from './limits.ts';
import { CR, LF } from './octets.ts';
import { MessagePool } from './pool.ts';
import { StartFinder } from './resync.ts';

/** HTTP/1.0 and HTTP/1.1 (RFC 9112). One instance a worker. */
export class Http1 implements Protocol {
  readonly name = 'http';
  private readonly tools: Http1Tools;

  constructor(limits: Http1Limits, counters: DissectCounters) {
    this.tools = {
      limits,
      counters,
      pool: new MessagePool(limits, counters),
      framing: new Framing(),
      finder: new StartFinder(),
      view: new ExchangeView(),
    };
  }

  probe(direction: Direction, data: Uint8Array, start: number, end: number): Probe {
    const { finder } = this.tools;
    while (start < end && (data[start] === CR || data[start] === LF)) start++;
    if (start === end) return 'no';
    // A lone `H` can begin both lines: then it is what that end should say.
    const first = direction === 0;
    if (finder.mayBegin(first, data, start, end)) return first ? 'client' : 'server';
    if (finder.mayBegin(!first, data, start, end)) return first ? 'server' : 'client';
    return 'no';
  }

  open(connection: ConnectionInfo, sink: ExchangeSink, offsets: Offsets, swapped: boolean): StreamListener {
    return new Http1Connection(connection, sink, this.tools, offsets, swapped);
  }
}
