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
  /** HTTP ended here: after CONNECT with 2xx or after 101, the bytes that follow belong to `protocol`. Returns who reads on. */
  upgraded(connection: ConnectionInfo, protocol: string): StreamListener;
}

/** What the first bytes of a direction look like. */
export type Probe = 'yes' | 'no' | 'more';

/** A protocol the worker can read. Dissectors are state machines: bytes and gaps in, exchanges out, no I/O. */
export interface Protocol {
  readonly name: string;
  /** Judges the first bytes seen of a direction; must be cheap. `more`: could still be either. */
  probe(direction: Direction, data: Uint8Array, start: number, end: number): Probe;
  open(connection: ConnectionInfo, sink: ExchangeSink): StreamListener;
}
