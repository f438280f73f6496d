/** Names of up to 61 octets, 1 MiB of them; of that only what is used is ever touched. */
export const STRIDE = 64;
const SLOTS = 16384;
export const SLOT_MASK = SLOTS - 1;
export const DEPTH_STEP = 131;
/** What follows the name of a JSON member. */
const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const AFTER_NAME = 2;

/**
 * Short runs of octets with what was decided of them, so that one seen before costs a comparison. A slot is taken
 * over by the next run with the same hash. Each slot also knows which run came after it the last time: messages of
 * one kind have their names in one order, and to confirm a guess is cheaper than to look a name up.
 */
export class NameMemo {
  /** Each slot: the length of the name (0: free), then the name, then `":`. */
  readonly names = new Uint8Array(SLOTS * STRIDE);
  readonly nameWords = new DataView(this.names.buffer);
  readonly verdicts = new Uint8Array(SLOTS);
  /** Slot of the name that followed; 0: none. */
  readonly next = new Uint16Array(SLOTS);
  /** Slot of the name that is the last one so far. */
  last = 0;

  /** The slot of a name: its own, or free, or another's; 0 if the name is too long to be kept. */
  static slotOf(data: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length >= STRIDE - AFTER_NAME || length <= 0) return 0;
    const edges = data[start] | (data[start + (length >> 1)] << 8) | (data[end - 1] << 16) | (length << 24);
    const inner = data[start + (length >> 2)] | (data[end - 1 - (length >> 2)] << 8);
    const mixed = Math.imul(edges, 0x9e3779b1) + Math.imul(inner, 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & (SLOTS - 1) || 1;
  }

  /** Whether the slot has this name. */
  holds(slot: number, data: Uint8Array, start: number, end: number): boolean {
    const { names } = this;
    const from = slot * STRIDE + 1 - start;
    if (names[from + start - 1] !== end - start) return false;
    for (let i = start; i < end; i++) if (names[from + i] !== data[i]) return false;
    return true;
  }

  /**
   * The slot of the JSON name at `start`, if it is known and ends with a quote and a colon before `end`; else 0.
   */
  find(data: Uint8Array, start: number, end: number): number {
    const limit = Math.min(end - AFTER_NAME, start + STRIDE);
    let nameEnd = start;
    while (nameEnd < limit && data[nameEnd] !== QUOTE && data[nameEnd] !== BACKSLASH) nameEnd++;
    if (nameEnd >= limit || data[nameEnd] !== QUOTE || data[nameEnd + 1] !== COLON) return 0;
    const slot = NameMemo.slotOf(data, start, nameEnd);
    return slot !== 0 && this.holds(slot, data, start, nameEnd) ? slot : 0;
  }

  put(slot: number, data: Uint8Array, start: number, end: number, verdict: number): void {
    const { names } = this;
    let at = slot * STRIDE;
    names[at++] = end - start;
    for (let i = start; i < end; i++) names[at++] = data[i];
    names[at++] = QUOTE;
    names[at] = COLON;
    this.verdicts[slot] = verdict;
    this.next[slot] = 0;
  }

  /**
   * The slot after `last` if its name and then a quote stand at `start`; 0 if the guess is wrong. That the quote
   * is there means that the name ends there.
   */
  guess(depth: number, data: Uint8Array, start: number, end: number): number {
    const guess = this.next[(this.last + depth * DEPTH_STEP) & SLOT_MASK];
    const { names } = this;
    const from = guess * STRIDE;
    const length = names[from];
    if (length === 0 || start + length >= end) return 0;
    for (let i = 0; i < length; i++) if (names[from + 1 + i] !== data[start + i]) return 0;
    return data[start + length] === QUOTE ? guess : 0;
  }

  lengthOf(slot: number): number {
    return this.names[slot * STRIDE];
  }
}
