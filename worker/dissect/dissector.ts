import type { ConnectionInfo, Direction, StreamListener } from '../tcp/stream.ts';
import type { Message } from './message.ts';

/** A request, its answer, and the connection they were on. Valid during the call only: the messages are used again. */
export interface Exchange {
  readonly connection: ConnectionInfo;
  /** True when the dissector found that the connection's client and server are the other way round. */
  readonly swapped: boolean;
  readonly protocol: 'http';
  readonly request: Message | undefined;
  readonly response: Message | undefined;
  /** Interim responses before the final one (RFC 9110 §15.2): their status codes, e.g. [100, 103]. */
  readonly interim: readonly number[];
}

export interface ExchangeSink {
  exchange(exchange: Exchange): void;
  /**
   * HTTP ended here: the bytes that follow belong to `protocol`, which is what the 101 answer's Upgrade field
   * says, or `connect` after a 2xx answer to CONNECT. Returns who reads on.
   */
  upgraded(connection: ConnectionInfo, protocol: string, offsets: Offsets): StreamListener;
}

/** Stream offsets, one for each direction, of the next byte that a listener will be given. */
export type Offsets = readonly [number, number];

/** Whose bytes those look like: a client's, a server's, or nobody's who speaks the protocol. */
export type Probe = 'client' | 'server' | 'no';

/** A protocol the worker can read. Dissectors are state machines: bytes and gaps in, exchanges out, no I/O. */
export interface Protocol {
  readonly name: string;
  /**
   * Judges the beginning of a segment; must be cheap. `first`: it is the first of its direction, so the
   * beginning of a word is enough; else only what leaves no doubt is. `cut`: the rest of it was not captured.
   */
  probe(
    direction: Direction,
    first: boolean,
    cut: boolean,
    data: Uint8Array,
    start: number,
    end: number,
  ): Probe;
  /** Reads `connection` from `offsets` on. `swapped`: the client is the end that TCP took for the server. */
  open(connection: ConnectionInfo, sink: ExchangeSink, offsets: Offsets, swapped: boolean): StreamListener;
}
