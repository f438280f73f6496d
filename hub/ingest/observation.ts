import { ExchangeLayout, RecordKind, type RecordView } from '../../flow/record.ts';
import { exchangeId, requestKey, responseKey } from './hash.ts';
import { type Namer, type SeenEnd, Standing } from './namer.ts';

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
  /** Its sequence numbers begin where operating systems begin: at random ones. */
  readonly plausible: boolean;
}

/** Whose worker an observation is of. */
export interface Observer {
  readonly node: string;
  readonly session: string;
}

/** Both ends below this is a capture made by a program, where all connections may be numbered alike. */
const PLAUSIBLE_SEQ = 1 << 20;

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
    plausible: isPlausible(view),
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
  plausible: false,
};

function isPlausible(view: RecordView): boolean {
  const request = view.hasRequest ? view.i32(ExchangeLayout.requestSeq) >>> 0 : 0;
  const response = view.hasResponse ? view.i32(ExchangeLayout.responseSeq) >>> 0 : 0;
  return request >= PLAUSIBLE_SEQ || response >= PLAUSIBLE_SEQ;
}

/** Whether both are the same connection at the same place: then they are two exchanges, each told once. */
export function isRepetition(a: Observation, b: Observation): boolean {
  return a.node === b.node && sameSocket(a.src, b.src) && sameSocket(a.dst, b.dst);
}

/** Whether the two can be one connection: followed to another node, or before and after address translation. */
export function isRelated(a: Observation, b: Observation): boolean {
  const sameSrc = sameSocket(a.src, b.src);
  const sameDst = sameSocket(a.dst, b.dst);
  if (sameSrc && sameDst) return true;
  const behind = a.dst.standing === Standing.onTheWay || b.dst.standing === Standing.onTheWay;
  // The destination was translated, and the client's socket stayed.
  if (sameSrc) return behind || a.plausible;
  if (!a.plausible) return false;
  // The source was translated: to another address.
  if (sameDst) return ipOf(a.src) !== ipOf(b.src);
  // Both were: on a node's port or a service, or for a pod that calls itself through its service.
  return behind || ipOf(a.src) === ipOf(b.dst) || ipOf(a.dst) === ipOf(b.src);
}

function ipOf({ endpoint }: SeenEnd): string {
  return endpoint.ip;
}

function sameSocket({ endpoint: a }: SeenEnd, { endpoint: b }: SeenEnd): boolean {
  return a.port === b.port && a.ip === b.ip;
}
