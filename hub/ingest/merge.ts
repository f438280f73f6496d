import { Held } from './held.ts';
import type { Observation, Trace } from './observation.ts';
import { canBeOne, isRepetition } from './relation.ts';
import { MAX_REMEMBERED, Remembered } from './remembered.ts';

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
   * Takes an observation. Returns it as something new that can be joined until it is sealed, or undefined where its exchange is known:
   * then it has joined one that is not sealed yet, or came too late for one that is.
   */
  add(observation: Observation): Held | undefined;
}

/** Places where one exchange is seen. What is seen more often is no exchange but a capture that numbers all alike. */
const MAX_OBSERVATIONS = 16;

/**
 * An exchange is known by its request or by its answer: what one worker missed of it another one may have seen. Positions in
 * the stream and the beginning of the head say that it is the same, and the addresses that it can be: 32 bits alone are too few.
 */
export class FingerprintMerger implements Merger {
  readonly holdMs: number;
  readonly limits: Record<string, number>;
  readonly counters = {
    /** Joined one that waits. */
    mergedFlows: 0,
    /** Came after theirs was committed, and were dropped. */
    mergedLate: 0,
    /** Remembered no longer while they could still have been joined: more came at once than is remembered. */
    mergeForgotten: 0,
    /** Like another one, but with another answer or with ends that have nothing to do with each other: kept apart. */
    mergeAmbiguous: 0,
  };
  readonly #remembered = new Remembered();

  /** `holdMs` 0: observations are merged while they wait to be committed; one that comes later is dropped. */
  constructor(holdMs: number) {
    this.holdMs = holdMs;
    this.limits = {
      mergeHoldMs: holdMs,
      mergeRemembered: MAX_REMEMBERED,
      mergeObservations: MAX_OBSERVATIONS,
    };
  }

  add(observation: Observation): Held | undefined {
    const byRequest = this.#find(observation.requestKey, observation);
    const byResponse = this.#find(observation.responseKey, observation);
    const known = byRequest ?? byResponse;
    if (known === undefined) {
      const held = new Held(observation);
      this.#remember(held);
      return held;
    }
    const target = byResponse === undefined ? known : this.#united(known, byResponse);
    if (target.sealed) {
      this.counters.mergedLate++;
    } else {
      this.counters.mergedFlows++;
      target.add(observation);
      this.#remember(target);
    }
    return undefined;
  }

  #find(key: number, observation: Observation): Held | undefined {
    const place = key === 0 ? -1 : this.#remembered.find(key);
    if (place < 0) return undefined;
    const held = this.#remembered.held(place);
    const traces = held.sealed ? [this.#remembered.trace(place)] : held.observations;
    if (isSame(traces, observation)) return held;
    this.counters.mergeAmbiguous++;
    return undefined;
  }

  /** A request and an answer that were two so far turn out to be one exchange. */
  #united(a: Held, b: Held): Held {
    if (a === b || a.sealed || b.sealed) return a.sealed ? b : a;
    this.counters.mergedFlows++;
    a.absorb(b);
    return a;
  }

  #remember(held: Held): void {
    this.#rememberAs(held.requestKey, held);
    this.#rememberAs(held.responseKey, held);
  }

  #rememberAs(key: number, held: Held): void {
    if (key === 0) return;
    const pushedOut = this.#remembered.set(key, held, held.observations[0]);
    if (pushedOut?.sealed === false) this.counters.mergeForgotten++;
  }
}

function isSame(known: readonly Trace[], observation: Observation): boolean {
  if (known.length >= MAX_OBSERVATIONS) return false;
  if (known.some((one) => differs(one.requestKey, observation.requestKey))) return false;
  if (known.some((one) => differs(one.responseKey, observation.responseKey))) return false;
  return (
    known.some((one) => canBeOne(one, observation)) && !known.some((one) => isRepetition(one, observation))
  );
}

/** Both were seen, and are not the same. */
function differs(a: number, b: number): boolean {
  return a !== 0 && b !== 0 && a !== b;
}
