import type { Endpoint } from '../../../flow/flow.ts';
import { RecordView } from '../../../flow/record.ts';
import type { Held } from '../held.ts';
import type { Observation } from '../observation.ts';
import type { Leg } from './sidecar.ts';

/** By how much the times of two interfaces of one node can be in the wrong order, µs. */
const DISORDER = 1000;
/** The same of the clocks of two nodes. */
const CLOCK_DIFFERENCE = 5_000_000;

/** Version, trace id, parent id, flags (https://www.w3.org/TR/trace-context/): proxies set another parent id. */
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-/;

/** What of an exchange that waits tells whether it is one way of a longer one. */
export class Passage {
  readonly held: Held;
  readonly leg: Leg;
  readonly src: Endpoint;
  readonly dst: Endpoint;
  /** Of the request's first byte, µs. */
  readonly time: number;
  /** Method and target: proxies change neither. */
  readonly request: string;
  readonly #requestId: string;
  readonly #traceId: string;

  constructor(held: Held) {
    const { record, src, dst, requestTime } = held.ofRequest;
    const view = new RecordView().at(record, 0);
    this.held = held;
    this.leg = held.leg;
    this.src = src.endpoint;
    this.dst = dst.endpoint;
    this.time = requestTime;
    this.request = `${view.method} ${view.target}`;
    this.#requestId = view.requestField('x-request-id');
    this.#traceId = TRACEPARENT.exec(view.requestField('traceparent'))?.[1] ?? '';
  }

  /** The client's rather than the one that the first proxy adds. */
  get id(): string {
    return this.#traceId || this.#requestId;
  }

  /** Whether both bear the same id; undefined where they do not both bear one. */
  hasIdOf(other: Passage): boolean | undefined {
    const ids = [
      [this.#requestId, other.#requestId],
      [this.#traceId, other.#traceId],
    ].filter(([own, others]) => own !== '' && others !== '');
    return ids.length === 0 ? undefined : ids.every(([own, others]) => own === others);
  }

  /**
   * Whether the other one began after this and ended before it, as one node saw both; undefined where no node did and they are near
   * enough in time.
   */
  contains(other: Passage): boolean | undefined {
    let isNear = false;
    for (const outer of this.held.observations) {
      for (const inner of other.held.observations) {
        if (outer.node === inner.node) return isWithin(inner, outer);
        isNear ||= Math.abs(inner.requestTime - outer.requestTime) < CLOCK_DIFFERENCE;
      }
    }
    return isNear ? undefined : false;
  }
}

function isWithin(inner: Observation, outer: Observation): boolean {
  if (inner.requestTime < outer.requestTime - DISORDER) return false;
  // Where one of the answers was not seen (NaN), nothing speaks against it.
  return !(inner.responseTime > outer.responseTime + DISORDER);
}
