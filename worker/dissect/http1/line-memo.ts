import type { Message } from '../message.ts';
import { decidesFraming } from './framing.ts';

/** Lines of up to 256 octets, line end included, 256 KiB of them; of that only what is used is ever touched. */
const STRIDE = 256;
const SLOTS = 1024;
const SLOT_MASK = SLOTS - 1;
/** How often a slot is given to another line: what is known by a number is known by it for ever. */
const MAX_GENERATIONS = 1 << 20;
/** Least octets of a line: a name, a colon, CRLF. */
const LEAST = 4;

/** What can come before a line: one of the lines, or a beginning of a head. */
const CONTEXTS = 4096;
const CONTEXT_MASK = CONTEXTS - 1;
/** The context behind a line that is not known, counted from the one before it. */
const STEP = 1277;

/**
 * Field lines that were seen before. Most lines of a head are sent again and again, in one order: each remembers which
 * one followed it, so that to recognise the next costs a comparison. A line is remembered when it comes for the second
 * time, so that values that are new each time push nothing out.
 *
 * Each line has a number, by which others can remember what they found in it. No two lines ever have the same one.
 */
export class LineMemo {
  /** By slot: the length of the line, 0 if free. */
  readonly lengths = new Int32Array(SLOTS);
  /** By slot, offsets in the line: the end of the name, the beginning and the end of the value. */
  private readonly nameEnds = new Int32Array(SLOTS);
  private readonly valueStarts = new Int32Array(SLOTS);
  private readonly valueEnds = new Int32Array(SLOTS);
  /** By slot: as in `Message.lines`. */
  private readonly numbers = new Int32Array(SLOTS);
  private readonly lines = new Uint8Array(SLOTS * STRIDE);
  private readonly words = new DataView(this.lines.buffer);
  private readonly generations = new Int32Array(SLOTS);
  /** By slot: the hash of the last line there that was not known. */
  private readonly candidates = new Int32Array(SLOTS);
  /** By context: the slot of the line that followed the last time. */
  private readonly next = new Int16Array(CONTEXTS).fill(-1);

  /** The context at the beginning of a head that begins like this: for one kind of messages, always the same. */
  static begin(status: number, methodEnd: number): number {
    return SLOTS + (status === 0 ? methodEnd : status & SLOT_MASK);
  }

  /** The context behind a line that is not known. */
  static after(context: number): number {
    return (context + STEP) & CONTEXT_MASK;
  }

  /** The slot of the line that stands at `at` in `words`, before `limit`, if it is the one that is to be expected; else -1. */
  guess(context: number, words: DataView, at: number, limit: number): number {
    const slot = this.next[context];
    if (slot < 0) return -1;
    const length = this.lengths[slot];
    if (at + length > limit) return -1;
    const own = this.words;
    const from = slot * STRIDE;
    // Eight octets at a time, as numbers: lines hold no NUL, so none that is equal to another has other octets.
    const last = length - 8;
    for (let i = 0; i < last; i += 8) {
      if (own.getFloat64(from + i, true) !== words.getFloat64(at + i, true)) return -1;
    }
    if (last >= 0) {
      return own.getFloat64(from + last, true) === words.getFloat64(at + last, true) ? slot : -1;
    }
    if (own.getInt32(from, true) !== words.getInt32(at, true)) return -1;
    return own.getInt32(from + length - 4, true) === words.getInt32(at + length - 4, true) ? slot : -1;
  }

  /**
   * The slot of the line `source[start, end)`, which is `name: value CRLF` and came in `context`; -1 if it is not known, or
   * not yet. `words` is `source` as words; the other offsets are those of the line's parts.
   */
  look(
    context: number,
    source: Uint8Array,
    words: DataView,
    start: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
    end: number,
  ): number {
    const length = end - start;
    if (length > STRIDE || length < LEAST) return -1;
    const hash = hashOf(words, start, length);
    const slot = hash & SLOT_MASK;
    if (!this.holds(slot, source, start, length)) {
      if (this.candidates[slot] !== hash || this.generations[slot] === MAX_GENERATIONS) {
        this.candidates[slot] = hash;
        return -1;
      }
      this.put(slot, source, start, length);
      if (decidesFraming(source, start, nameEnd)) this.numbers[slot] = -this.numbers[slot];
      this.nameEnds[slot] = nameEnd - start;
      this.valueStarts[slot] = valueStart - start;
      this.valueEnds[slot] = valueEnd - start;
    }
    this.next[context] = slot;
    return slot;
  }

  /** Adds the line in `slot`, which begins at `start` in the message. */
  addField(message: Message, slot: number, start: number): void {
    message.addField(
      start,
      start + this.nameEnds[slot],
      start + this.valueStarts[slot],
      start + this.valueEnds[slot],
      this.numbers[slot],
    );
  }

  private holds(slot: number, source: Uint8Array, start: number, length: number): boolean {
    if (this.lengths[slot] !== length) return false;
    const from = slot * STRIDE;
    for (let i = 0; i < length; i++) if (this.lines[from + i] !== source[start + i]) return false;
    return true;
  }

  private put(slot: number, source: Uint8Array, start: number, length: number): void {
    const from = slot * STRIDE;
    for (let i = 0; i < length; i++) this.lines[from + i] = source[start + i];
    this.lengths[slot] = length;
    this.generations[slot]++;
    this.numbers[slot] = this.generations[slot] * SLOTS + slot;
  }
}

/** Of all octets: lines that differ in a serial number only are to be told apart. `length` is at least 4. */
function hashOf(words: DataView, at: number, length: number): number {
  const last = at + length - 4;
  let hash = words.getInt32(last, true);
  for (let i = at; i < last; i += 4) {
    hash = Math.imul(hash ^ words.getInt32(i, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
