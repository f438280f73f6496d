import {
  AMPERSAND,
  BACKSLASH,
  HASH,
  hexPair,
  hexQuad,
  PERCENT,
  PLUS,
  SEMICOLON,
  SPACE,
  startsWith,
} from './octets.ts';
import type { Coding } from './scan.ts';

/**
 * A text with its coding undone, and for each octet where in the coded bytes it comes from. What cannot be
 * decoded stands for itself. Used again; grows to the longest text it has seen.
 */
export class Decoded {
  /** A Buffer like the bytes of messages: one kind of array keeps the finders fast. */
  bytes: Uint8Array = Buffer.alloc(256);
  /** `origin[i]` is the offset of what `bytes[i]` was written as; `origin[length]` is the end of the coded text. */
  origin = new Int32Array(257);
  length = 0;

  decode(coding: Coding, data: Uint8Array, start: number, end: number): void {
    // No coding here makes a text longer.
    if (this.bytes.length < end - start) {
      const size = Math.max(end - start, this.bytes.length * 2);
      this.bytes = Buffer.alloc(size);
      this.origin = new Int32Array(size + 1);
    }
    this.length = 0;
    if (coding === 'json') this.#json(data, start, end);
    else if (coding === 'entities') this.#entities(data, start, end);
    else this.#percent(data, start, end, coding === 'form');
    this.origin[this.length] = end;
  }

  /** RFC 3986 §2.1; with `plus` a `+` is a space (application/x-www-form-urlencoded). */
  #percent(data: Uint8Array, start: number, end: number, plus: boolean): void {
    for (let i = start; i < end; ) {
      const octet = data[i];
      const value = octet === PERCENT ? hexPair(data, i + 1, end) : -1;
      if (value >= 0) {
        this.#put(value, i);
        i += 3;
      } else {
        this.#put(plus && octet === PLUS ? SPACE : octet, i);
        i++;
      }
    }
  }

  /** RFC 8259 §7. */
  #json(data: Uint8Array, start: number, end: number): void {
    for (let i = start; i < end; ) {
      if (data[i] !== BACKSLASH || i + 1 >= end) {
        this.#put(data[i], i);
        i++;
        continue;
      }
      const letter = data[i + 1];
      const unit = letter === 0x75 ? hexQuad(data, i + 2, end) : -1;
      if (unit >= 0) {
        this.#putUnit(unit, i);
        i += 6;
      } else {
        this.#put(ESCAPES[letter] !== 0 ? ESCAPES[letter] : letter, i);
        i += 2;
      }
    }
  }

  /** The five entities of XML and character references (XML 1.0 §4.1, §4.6). */
  #entities(data: Uint8Array, start: number, end: number): void {
    for (let i = start; i < end; ) {
      const length = data[i] === AMPERSAND ? this.#entity(data, i, end) : 0;
      if (length === 0) this.#put(data[i], i);
      i += length === 0 ? 1 : length;
    }
  }

  /** Length of the entity at `at`, decoded; 0 if it is none. */
  #entity(data: Uint8Array, at: number, end: number): number {
    for (const [name, octet] of ENTITIES) {
      if (!startsWith(data, at, end, name)) continue;
      this.#put(octet, at);
      return name.length;
    }
    if (at + 2 >= end || data[at + 1] !== HASH) return 0;
    const hex = (data[at + 2] | 0x20) === 0x78;
    let i = at + (hex ? 3 : 2);
    const digits = i;
    let unit = 0;
    for (; i < end && i < digits + 8; i++) {
      const digit = Number.parseInt(String.fromCharCode(data[i]), hex ? 16 : 10);
      if (Number.isNaN(digit)) break;
      unit = unit * (hex ? 16 : 10) + digit;
    }
    if (i === digits || i >= end || data[i] !== SEMICOLON || unit > 0xffff) return 0;
    this.#putUnit(unit, at);
    return i + 1 - at;
  }

  #put(octet: number, origin: number): void {
    this.bytes[this.length] = octet;
    this.origin[this.length] = origin;
    this.length++;
  }

  /** As UTF-8; a surrogate by itself becomes three octets, which is all that finders need. */
  #putUnit(unit: number, origin: number): void {
    if (unit < 0x80) this.#put(unit, origin);
    else if (unit < 0x800) {
      this.#put(0xc0 | (unit >> 6), origin);
      this.#put(0x80 | (unit & 0x3f), origin);
    } else {
      this.#put(0xe0 | (unit >> 12), origin);
      this.#put(0x80 | ((unit >> 6) & 0x3f), origin);
      this.#put(0x80 | (unit & 0x3f), origin);
    }
  }
}

const ESCAPES = new Uint8Array(256);
for (const [letter, octet] of [
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
] as const) {
  ESCAPES[letter.charCodeAt(0)] = octet;
}

const ENTITIES = [
  ['&quot;', 0x22],
  ['&apos;', 0x27],
  ['&amp;', 0x26],
  ['&lt;', 0x3c],
  ['&gt;', 0x3e],
] as const;
