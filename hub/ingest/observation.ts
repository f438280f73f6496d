import { ExchangeLayout, RecordKind, type RecordView } from '../../flow/record.ts';
import { exchangeId, requestKey, responseKey } from './hash.ts';
import type { Namer, SeenEnd } from './namer.ts';

/** A record as one worker made it: where it was seen, who the ends are as seen there, and what it has in common with others. */
export interface Observation {
  readonly id: string;
  readonly node: string;
  readonly session: string;
  readonly src: SeenEnd;
  readonly dst: SeenEnd;
  /** Given up when it is committed. */
  record: Uint8Array;
  /** See hash.ts; 0: that part was not seen. */
  readonly requestKey: number;
  readonly responseKey: number;
  /** Of the first bytes, µs; NaN where that part was not seen. */
  readonly requestTime: number;
  readonly responseTime: number;
  /** µs; NaN unless both parts were seen. */
  readonly serverSpan: number;
  readonly elapsed: number;
  readonly gapBytes: number;
  readonly completeness: number;
  /** How many of its two positions look like those of an operating system, which begins to count at a random number. */
  readonly randomSeqs: number;
}

/** Whose worker an observation is of. */
export interface Observer {
  readonly node: string;
  readonly session: string;
}

/** Below this it was a program that made the capture: it may have numbered all connections alike. */
const FIRST_RANDOM_SEQ = 1 << 20;

/** `record` is the one that `view` points at. */
export function observe(view: RecordView, record: Uint8Array, observer: Observer, namer: Namer): Observation {
  const { node, session } = observer;
  const dst = namer.dst(view, node);
  const src = namer.src(view, node);
  if (view.kind !== RecordKind.exchange) {
    return { ...NO_EXCHANGE, id: `${session}-${view.connection}`, node, session, src, dst, record };
  }
  const request = requestKey(view);
  const response = responseKey(view);
  return {
    id: exchangeId(view),
    node,
    session,
    src,
    dst,
    record,
    requestKey: request,
    responseKey: response,
    requestTime: request === 0 ? Number.NaN : view.time,
    responseTime: response === 0 ? Number.NaN : view.f64(ExchangeLayout.responseStart),
    serverSpan: view.serverSpan,
    elapsed: view.elapsed,
    gapBytes: view.gapBytes,
    completeness: view.completeness,
    randomSeqs: countRandom(view),
  };
}

const NO_EXCHANGE = {
  requestKey: 0,
  responseKey: 0,
  requestTime: Number.NaN,
  responseTime: Number.NaN,
  serverSpan: Number.NaN,
  elapsed: Number.NaN,
  gapBytes: 0,
  completeness: 0,
  randomSeqs: 0,
};

function countRandom(view: RecordView): number {
  const request = view.hasRequest ? view.i32(ExchangeLayout.requestSeq) >>> 0 : 0;
  const response = view.hasResponse ? view.i32(ExchangeLayout.responseSeq) >>> 0 : 0;
  return Number(request >= FIRST_RANDOM_SEQ) + Number(response >= FIRST_RANDOM_SEQ);
}
