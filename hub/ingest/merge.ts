import type { Endpoint } from '../../flow/flow.ts';
import { ExchangeLayout, RecordKind, RecordView } from '../../flow/record.ts';
import type { Arrival } from '../store/store.ts';
import { exchangeKey } from './hash.ts';

/**
 * Finds observations of the same exchange: made by workers on several nodes, or on one node before and after address translation.
 * All of them become one arrival.
 */
export interface Merger {
  /** How long arrivals are kept from being committed, ms, so that observations of other workers can still join them. */
  readonly holdMs: number;
  readonly counters: Record<string, number>;
  readonly limits: Record<string, number>;
  /**
   * Takes an observation. Returns it as a new arrival that can be joined until it is sealed, or undefined where its exchange is known:
   * then it has joined an arrival that is not sealed yet, or came too late for one that is.
   */
  add(arrival: Arrival, view: RecordView): Held | undefined;
}

/** An arrival that waits to be committed, and what is remembered of it afterwards. */
export class Held {
  readonly node: string;
  readonly time: number;
  readonly srcIp: string;
  readonly dstIp: string;
  observations = 1;
  #arrival: Arrival | undefined;

  constructor(arrival: Arrival, time: number) {
    this.#arrival = arrival;
    this.node = arrival.node;
    this.time = time;
    this.srcIp = arrival.src.ip;
    this.dstIp = arrival.dst.ip;
  }

  get sealed(): boolean {
    return this.#arrival === undefined;
  }

  /** Gives the arrival to be committed; it cannot be changed any more. */
  seal(): Arrival {
    const arrival = this.#arrival!;
    this.#arrival = undefined;
    return arrival;
  }

  /** Adds a further observation. The id stays that of the first. */
  join(other: Arrival, otherView: RecordView): void {
    const mine = this.#arrival!;
    const view = new RecordView().at(mine.record, 0);
    const better = completer(view, otherView) ? other : mine;
    const [first, last] = otherView.time < this.time ? [other, mine] : [mine, other];
    this.observations++;
    this.#arrival = {
      ...better,
      id: mine.id,
      // Closest to the client the source is not yet translated, closest to the server the destination is.
      src: first.src,
      dst: withService(last.dst, first.dst),
      observations: this.observations,
    };
  }
}

/** Exchanges that are remembered to find further observations of them. */
export const MAX_REMEMBERED = 50_000;
/** How far apart the clocks' times of two observations may be, µs: on one node, and on two. */
const SPREAD = 20_000;
const SPREAD_OF_NODES = 2_000_000;
/** One exchange is seen on few devices and nodes. What is seen more often is no exchange but a capture that numbers all alike. */
const MAX_OBSERVATIONS = 8;
/** Operating systems begin at random numbers; both ends below this is a capture made by a program. */
const PLAUSIBLE_SEQ = 1 << 20;

export class FingerprintMerger implements Merger {
  readonly holdMs: number;
  readonly limits: Record<string, number>;
  readonly counters = { mergedFlows: 0, mergedLate: 0, mergeForgotten: 0 };
  /** Two generations: when the newer one is full, the older one is forgotten as a whole. */
  #newer = new Map<number, Held>();
  #older = new Map<number, Held>();

  /** `holdMs` 0: observations are merged while they wait to be committed; one that comes later is dropped. */
  constructor(holdMs: number) {
    this.holdMs = holdMs;
    this.limits = { mergeHoldMs: holdMs, mergeRemembered: MAX_REMEMBERED };
  }

  add(arrival: Arrival, view: RecordView): Held | undefined {
    const held = new Held(arrival, view.time);
    if (view.kind !== RecordKind.exchange || !hasPlausibleSequence(view)) return held;
    const key = exchangeKey(view);
    const known = this.#newer.get(key) ?? this.#older.get(key);
    if (known === undefined || !isSame(known, held)) {
      this.#remember(key, held);
      return held;
    }
    if (known.sealed) {
      known.observations++;
      this.counters.mergedLate++;
    } else {
      known.join(arrival, view);
      this.counters.mergedFlows++;
    }
    return undefined;
  }

  #remember(key: number, held: Held): void {
    this.#newer.set(key, held);
    if (this.#newer.size < MAX_REMEMBERED / 2) return;
    for (const one of this.#older.values()) if (!one.sealed) this.counters.mergeForgotten++;
    this.#older = this.#newer;
    this.#newer = new Map();
  }
}

function isSame(a: Held, b: Held): boolean {
  if (Math.abs(a.time - b.time) > (a.node === b.node ? SPREAD : SPREAD_OF_NODES)) return false;
  if (a.observations >= MAX_OBSERVATIONS) return false;
  // Translation changes one end, or for a pod that calls itself through its service both: one address is always left.
  return a.srcIp === b.srcIp || a.dstIp === b.dstIp || a.srcIp === b.dstIp || a.dstIp === b.srcIp;
}

function hasPlausibleSequence(view: RecordView): boolean {
  const request = view.hasRequest ? view.i32(ExchangeLayout.requestSeq) >>> 0 : 0;
  const response = view.hasResponse ? view.i32(ExchangeLayout.responseSeq) >>> 0 : 0;
  return request >= PLAUSIBLE_SEQ || response >= PLAUSIBLE_SEQ;
}

/** Whether the other record lacks less than this one. */
function completer(view: RecordView, other: RecordView): boolean {
  if (view.gapBytes !== other.gapBytes) return other.gapBytes < view.gapBytes;
  return view.completeness !== 0 && other.completeness === 0;
}

/** The address before translation is that of a service: what names it there is kept. */
function withService(dst: Endpoint, before: Endpoint): Endpoint {
  if (dst.service !== undefined || before.service === undefined) return dst;
  return { ...dst, service: before.service };
}
