import { Held } from './held.ts';
import type { Observation } from './observation.ts';
import { canBeOne, isRepetition } from './relation.ts';

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

/** Requests and answers that are remembered to find further observations of them: of 20,000 exchanges a second, those of 5 s. */
export const MAX_REMEMBERED = 200_000;
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
  /** Two generations: when the newer one is full, the older one is forgotten as a whole. */
  #newer = new Map<number, Held>();
  #older = new Map<number, Held>();

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
    if (target.sealed) this.counters.mergedLate++;
    else this.counters.mergedFlows++;
    target.add(observation);
    this.#remember(target);
    return undefined;
  }

  #find(key: number, observation: Observation): Held | undefined {
    if (key === 0) return undefined;
    const held = this.#newer.get(key) ?? this.#older.get(key);
    if (held === undefined || isSame(held, observation)) return held;
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
    if (held.requestKey !== 0) this.#newer.set(held.requestKey, held);
    if (held.responseKey !== 0) this.#newer.set(held.responseKey, held);
    if (this.#newer.size < MAX_REMEMBERED / 2) return;
    for (const one of this.#older.values()) if (!one.sealed) this.counters.mergeForgotten++;
    this.#older = this.#newer;
    this.#newer = new Map();
  }
}

function isSame(held: Held, observation: Observation): boolean {
  const { observations } = held;
  if (observations.length >= MAX_OBSERVATIONS) return false;
  if (differs(held.requestKey, observation.requestKey)) return false;
  if (differs(held.responseKey, observation.responseKey)) return false;
  return (
    observations.some((one) => canBeOne(one, observation)) &&
    !observations.some((one) => isRepetition(one, observation))
  );
}

/** Both were seen, and are not the same. */
function differs(a: number, b: number): boolean {
  return a !== 0 && b !== 0 && a !== b;
}
