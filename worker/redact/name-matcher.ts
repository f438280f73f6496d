import { DIGITS, LOWER_CASE, UPPER_CASE } from './octets.ts';

/** What a matching pattern says of a name; or-ed where several match. */
export interface NamePattern {
  /** Lower case, no separators. */
  readonly text: string;
  /** `inside`: anywhere in the name; `whole`: from the beginning of a word to the end of one; `exact`: is the name. */
  readonly match: 'inside' | 'whole' | 'exact';
  readonly verdict: number;
}

/** A longer name is not judged: the caller decides what it thinks of such names. */
export const MAX_NAME = 1024;

const SEPARATOR = 0;
const LOWER = 1;
const UPPER = 2;
const NUMBER = 3;
const SHAPE = new Uint8Array(256).fill(LOWER, 0x80);
for (const letter of LOWER_CASE) SHAPE[letter.charCodeAt(0)] = LOWER;
for (const letter of UPPER_CASE) SHAPE[letter.charCodeAt(0)] = UPPER;
for (const digit of DIGITS) SHAPE[digit.charCodeAt(0)] = NUMBER;

/** A name as the patterns see it: `X-Api_Key` is `xapikey`. */
export function normalizeName(name: string): string {
  const octets = new TextEncoder().encode(name).filter((octet) => SHAPE[octet] !== SEPARATOR);
  return new TextDecoder().decode(octets).toLowerCase();
}

/**
 * Matches a name against many patterns in one pass over its bytes, however many there are: an Aho-Corasick
 * automaton that runs over the name with case and separators taken out, beside marks of where its words begin.
 */
export class NameMatcher {
  /** Column of the transition table by octet; 0: in no pattern. */
  readonly #symbols = new Uint8Array(256);
  readonly #width: number;
  readonly #next: Uint16Array;
  /** Verdicts of the pattern that ends in a state, by kind of match, and its length. */
  readonly #inside: Uint8Array;
  readonly #whole: Uint8Array;
  readonly #exact: Uint8Array;
  readonly #length: Uint16Array;
  /** The nearest shorter state in which a pattern ends, 0: none; and whether this state or a shorter one ends any. */
  readonly #shorter: Uint16Array;
  readonly #ends: Uint8Array;
  /** 1 where a word begins, by position in the name without separators. */
  readonly #wordStart = new Uint8Array(MAX_NAME + 1);

  constructor(patterns: readonly NamePattern[]) {
    const texts = patterns.map((pattern) => new TextEncoder().encode(pattern.text));
    let width = 1;
    let states = 1;
    for (const text of texts) {
      states += text.length;
      for (const octet of text) if (this.#symbols[octet] === 0) this.#symbols[octet] = width++;
    }
    for (const letter of UPPER_CASE) {
      this.#symbols[letter.charCodeAt(0)] = this.#symbols[letter.charCodeAt(0) | 0x20];
    }
    this.#width = width;
    this.#next = new Uint16Array(states * width);
    this.#inside = new Uint8Array(states);
    this.#whole = new Uint8Array(states);
    this.#exact = new Uint8Array(states);
    this.#length = new Uint16Array(states);
    this.#shorter = new Uint16Array(states);
    this.#ends = new Uint8Array(states);
    let free = 1;
    patterns.forEach((pattern, index) => {
      let state = 0;
      for (const octet of texts[index]) {
        const edge = state * width + this.#symbols[octet];
        if (this.#next[edge] === 0) this.#next[edge] = free++;
        state = this.#next[edge];
      }
      const verdicts = { inside: this.#inside, whole: this.#whole, exact: this.#exact }[pattern.match];
      verdicts[state] |= pattern.verdict;
      this.#length[state] = texts[index].length;
      this.#ends[state] = 1;
    });
    this.#link();
  }

  /** Breadth first: a missing edge becomes that of the longest proper suffix. */
  #link(): void {
    const width = this.#width;
    const suffixes = new Uint16Array(this.#length.length);
    const queue = [0];
    for (const state of queue) {
      for (let symbol = 1; symbol < width; symbol++) {
        const edge = state * width + symbol;
        const target = this.#next[edge];
        const suffix = state === 0 ? 0 : this.#next[suffixes[state] * width + symbol];
        if (target === 0) {
          this.#next[edge] = suffix;
          continue;
        }
        suffixes[target] = suffix;
        this.#shorter[target] = this.#length[suffix] !== 0 ? suffix : this.#shorter[suffix];
        this.#ends[target] |= this.#ends[suffix];
        queue.push(target);
      }
    }
  }

  /**
   * The verdicts of all patterns that match `data[start, end)`, at most MAX_NAME octets; with `last` only of
   * those that end where the name ends.
   */
  match(data: Uint8Array, start: number, end: number, last: boolean): number {
    const wordStart = this.#wordStart;
    let state = 0;
    let length = 0;
    let found = 0;
    let before = SEPARATOR;
    for (let i = start; i < end; i++) {
      const shape = SHAPE[data[i]];
      if (shape !== SEPARATOR) {
        const begins =
          (shape !== before && !(before === UPPER && shape === LOWER)) ||
          (shape === UPPER && i + 1 < end && SHAPE[data[i + 1]] === LOWER);
        wordStart[length] = begins ? 1 : 0;
        if (!last && this.#ends[state] !== 0) found |= this.#endings(state, length, begins, false);
        state = this.#next[state * this.#width + this.#symbols[data[i]]];
        length++;
      }
      before = shape;
    }
    return this.#ends[state] === 0 ? found : found | this.#endings(state, length, true, true);
  }

  #endings(state: number, length: number, wordEnd: boolean, nameEnd: boolean): number {
    let found = 0;
    for (; state !== 0; state = this.#shorter[state]) {
      const from = length - this.#length[state];
      found |= this.#inside[state];
      if (wordEnd && this.#wordStart[from] === 1) found |= this.#whole[state];
      if (nameEnd && from === 0) found |= this.#exact[state];
    }
    return found;
  }
}
