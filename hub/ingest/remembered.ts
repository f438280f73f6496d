import type { Held } from './held.ts';
import type { Trace } from './observation.ts';

/** 2^14 sets of 8 keys. */
const SET_BITS = 14;
const SET_SIZE = 8;

/** Requests and answers that are remembered to find further observations of them: of 20,000 exchanges a second, those of 3 s. */
export const MAX_REMEMBERED = SET_SIZE << SET_BITS;

/** Columns of `#times` and `#hashes`: what makes a Trace. */
const TIMES = 4;
const HASHES = 4;

/**
 * Exchanges by the keys of their requests and answers (hash.ts). A set-associative cache in arrays of numbers: its memory is taken
 * once, and hundreds of thousands of short-lived exchanges leave no objects behind for the garbage collector. What a new
 * key pushes out is the oldest of its set.
 */
export class Remembered {
  readonly #keys = new Float64Array(MAX_REMEMBERED);
  readonly #held: (Held | undefined)[] = new Array(MAX_REMEMBERED).fill(undefined);
  readonly #nodes: string[] = new Array(MAX_REMEMBERED).fill('');
  readonly #times = new Float64Array(MAX_REMEMBERED * TIMES);
  readonly #hashes = new Int32Array(MAX_REMEMBERED * HASHES);
  /** Bit 2: translated; below it: randomSeqs. */
  readonly #flags = new Uint8Array(MAX_REMEMBERED);
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
    const times = place * TIMES;
    const hashes = place * HASHES;
    return {
      node: this.#nodes[place],
      requestKey: this.#times[times],
      responseKey: this.#times[times + 1],
      requestTime: this.#times[times + 2],
      responseTime: this.#times[times + 3],
      srcAddress: this.#hashes[hashes],
      srcSocket: this.#hashes[hashes + 1],
      dstAddress: this.#hashes[hashes + 2],
      dstSocket: this.#hashes[hashes + 3],
      randomSeqs: this.#flags[place] & 3,
      translated: this.#flags[place] > 3,
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
    this.#nodes[place] = trace.node;
    const times = place * TIMES;
    this.#times[times] = held.requestKey;
    this.#times[times + 1] = held.responseKey;
    this.#times[times + 2] = trace.requestTime;
    this.#times[times + 3] = trace.responseTime;
    const hashes = place * HASHES;
    this.#hashes[hashes] = trace.srcAddress;
    this.#hashes[hashes + 1] = trace.srcSocket;
    this.#hashes[hashes + 2] = trace.dstAddress;
    this.#hashes[hashes + 3] = trace.dstSocket;
    this.#flags[place] = trace.randomSeqs | (trace.translated ? 4 : 0);
    return pushedOut;
  }
}

/** Keys are hashes: any of their bits will do. */
function setOf(key: number): number {
  return key % (1 << SET_BITS);
}
