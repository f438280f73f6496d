import { Common, ConnectionLayout, ExchangeLayout, RecordKind, type RecordView } from '../../flow/record.ts';
import { addressHash, exchangeId, refusalKey, requestKey, responseKey, socketHash } from './hash.ts';
import { type Namer, type SeenEnd, Standing } from './namer.ts';

/** Whose worker an observation is of. */
export interface Observer {
  readonly node: string;
  readonly session: string;
}

/** What one worker tells of an exchange or a connection. */
export interface Sighting extends Observer {
  readonly id: string;
  /** Of its first byte, µs. */
  readonly time: number;
  readonly record: Uint8Array;
  readonly src: SeenEnd;
  readonly dst: SeenEnd;
}

/** By what an observation is found to be one of something that is known, and remembered. */
export interface Trace {
  readonly node: string;
  /** See hash.ts; 0: that part was not seen. */
  readonly requestKey: number;
  readonly responseKey: number;
  /** Of the first bytes, µs; NaN where that part was not seen. */
  readonly requestTime: number;
  readonly responseTime: number;
  /** How many of its two positions look like those of an operating system, which begins to count at a random number. */
  readonly randomSeqs: number;
  /** Hashes of addresses, and of addresses with their ports. */
  readonly srcAddress: number;
  readonly srcSocket: number;
  readonly dstAddress: number;
  readonly dstSocket: number;
  /** The server is behind the destination's address: it has another one there. */
  readonly translated: boolean;
}

export interface Observation extends Trace, Sighting {}

/** Below this it was a program that made the capture: it may have numbered all connections alike. */
const FIRST_RANDOM_SEQ = 1 << 20;

/** `record` is the one that `view` points at. */
export function observe(
  view: RecordView,
  record: Uint8Array,
  { node, session }: Observer,
  namer: Namer,
): Observation {
  const dst = namer.dst(view, node);
  const src = namer.src(view, node);
  const { time } = view;
  const isExchange = view.kind === RecordKind.exchange;
  const id = isExchange ? exchangeId(view) : `${session}-${view.connection}`;
  const request = isExchange ? requestKey(view) : 0;
  const response = isExchange ? responseKey(view) : refusalKey(view);
  return {
    id,
    node,
    session,
    time,
    record,
    src,
    dst,
    requestKey: request,
    responseKey: response,
    requestTime: request === 0 ? Number.NaN : time,
    responseTime: response === 0 ? Number.NaN : isExchange ? view.f64(ExchangeLayout.responseStart) : time,
    randomSeqs: isExchange
      ? countRandom(view)
      : Number(view.i32(ConnectionLayout.clientSeq) >>> 0 >= FIRST_RANDOM_SEQ),
    srcAddress: addressHash(view, Common.src),
    srcSocket: socketHash(view, Common.src, view.srcPort),
    dstAddress: addressHash(view, Common.dst),
    dstSocket: socketHash(view, Common.dst, view.dstPort),
    translated: dst.standing === Standing.onTheWay,
  };
}

function countRandom(view: RecordView): number {
  const request = view.hasRequest ? view.i32(ExchangeLayout.requestSeq) >>> 0 : 0;
  const response = view.hasResponse ? view.i32(ExchangeLayout.responseSeq) >>> 0 : 0;
  return Number(request >= FIRST_RANDOM_SEQ) + Number(response >= FIRST_RANDOM_SEQ);
}
