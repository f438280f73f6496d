import type { Held } from './held.ts';
import type { Trace } from './observation.ts';

/** 2^14 sets of 8 keys. */
const SET_BITS = 14;
const SET_SIZE = 8;

/** Requests and answers that are remembered to find further observations of them: of 20,000 exchanges a second, those of 3 s. */
export const MAX_REMEMBERED = SET_SIZE << SET_BITS;

/** What is remembered of one, as numbers: 64 bytes, one or two lines of a cache. */
const DOUBLES = 8;
const DOUBLE = { requestKey: 0, responseKey: 1, requestTime: 2, responseTime: 3 } as const;
/** Whole numbers follow: as indexes of 32 bits. */
const INTS = 2 * DOUBLES;
const INT = {
  srcAddress: 8,
  srcSocket: 9,
  dstAddress: 10,
  dstSocket: 11,
  randomSeqs: 12,
  translated: 13,
} as const;

/**
 * Exchanges by the keys of their requests and answers (hash.ts). A set-associative cache in arrays of numbers: its memory is taken
 * once, and hundreds of thousands of short-lived exchanges leave little behind for the garbage collector. What a new
 * key pushes out is the oldest of its set.
 */
export class Remembered {
  readonly #keys = new Float64Array(MAX_REMEMBERED);
  readonly #held: (Held | undefined)[] = new Array(MAX_REMEMBERED).fill(undefined);
  readonly #doubles = new Float64Array(MAX_REMEMBERED * DOUBLES);
  readonly #ints = new Int32Array(this.#doubles.buffer);
  /** Of each set: the place that is taken next. */
  readonly #next = new Uint8Array(MAX_REMEMBERED / SET_SIZE);

  /** The place of a key, or -1. */
  find(key: number): number {
    const start = setOf(key) * SET_SIZE;
    for (let place = start; place < start + SET_SIZE; place++) if (this.#keys[place] === key) return place;
    return -1;
  }

  held(place: number): Held {
    return this.#held[place]!;
  }

  /** What is remembered of its first observation. */
  trace(place: number): Trace {
    const doubles = place * DOUBLES;
    const ints = place * INTS;
    return {
      node: this.held(place).node,
      requestKey: this.#doubles[doubles + DOUBLE.requestKey],
      responseKey: this.#doubles[doubles + DOUBLE.responseKey],
      requestTime: this.#doubles[doubles + DOUBLE.requestTime],
      responseTime: this.#doubles[doubles + DOUBLE.responseTime],
      srcAddress: this.#ints[ints + INT.srcAddress],
      srcSocket: this.#ints[ints + INT.srcSocket],
      dstAddress: this.#ints[ints + INT.dstAddress],
      dstSocket: this.#ints[ints + INT.dstSocket],
      randomSeqs: this.#ints[ints + INT.randomSeqs],
      translated: this.#ints[ints + INT.translated] === 1,
    };
  }

  /** Gives back what was pushed out. */
  set(key: number, held: Held, trace: Trace): Held | undefined {
    let place = this.find(key);
    let pushedOut: Held | undefined;
    if (place < 0) {
      const set = setOf(key);
      place = set * SET_SIZE + this.#next[set];
      this.#next[set] = (this.#next[set] + 1) % SET_SIZE;
      pushedOut = this.#held[place];
      this.#keys[place] = key;
    }
    this.#held[place] = held;
    const doubles = place * DOUBLES;
    this.#doubles[doubles + DOUBLE.requestKey] = held.requestKey;
    this.#doubles[doubles + DOUBLE.responseKey] = held.responseKey;
    this.#doubles[doubles + DOUBLE.requestTime] = trace.requestTime;
    this.#doubles[doubles + DOUBLE.responseTime] = trace.responseTime;
    const ints = place * INTS;
    this.#ints[ints + INT.srcAddress] = trace.srcAddress;
    this.#ints[ints + INT.srcSocket] = trace.srcSocket;
    this.#ints[ints + INT.dstAddress] = trace.dstAddress;
    this.#ints[ints + INT.dstSocket] = trace.dstSocket;
    this.#ints[ints + INT.randomSeqs] = trace.randomSeqs;
    this.#ints[ints + INT.translated] = Number(trace.translated);
    return pushedOut;
  }
}

/** Keys are hashes: any of their bits will do. */
function setOf(key: number): number {
  return key & ((1 << SET_BITS) - 1);
}
