import { Common, RECORD_VERSION } from './layout.ts';

const FIRST_SIZE = 256 * 1024;

/**
 * Writes records one behind the other into a growing buffer. Use: `begin`, then the setters (offsets of layout.ts)
 * and the variable parts at `end` (after `reserve`, moving `end` on), then `commit`. What was begun and not
 * committed is overwritten by the next `begin`.
 */
export class RecordWriter {
  /** Committed records in `[0, committed)`. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_SIZE);
  /** `bytes` by words. */
  words: DataView = new DataView(this.bytes.buffer);
  committed = 0;
  /** How many records those are. */
  count = 0;
  /** Where the next variable part goes. */
  end = 0;

  /** `fixedEnd` is the end of the kind's fixed part, which is zeroed. */
  begin(kind: number, fixedEnd: number): void {
    this.end = this.committed;
    this.reserve(fixedEnd);
    this.end = this.committed + fixedEnd;
    this.bytes.fill(0, this.committed, this.end);
    this.bytes[this.committed + Common.version] = RECORD_VERSION;
    this.bytes[this.committed + Common.kind] = kind;
  }

  /** Makes room for `length` bytes at `end`. `bytes` may be another buffer afterwards. */
  reserve(length: number): void {
    if (this.end + length > this.bytes.length) this.#grow(this.end + length);
  }

  u8(at: number, value: number): void {
    this.bytes[this.committed + at] = value;
  }
  u16(at: number, value: number): void {
    this.words.setUint16(this.committed + at, value, true);
  }
  u32(at: number, value: number): void {
    this.words.setUint32(this.committed + at, value, true);
  }
  i32(at: number, value: number): void {
    this.words.setInt32(this.committed + at, value, true);
  }
  f64(at: number, value: number): void {
    this.words.setFloat64(this.committed + at, value, true);
  }
  /** Four 32-bit words, written in network order. */
  address(at: number, word0: number, word1: number, word2: number, word3: number): void {
    const view = this.words;
    const from = this.committed + at;
    view.setInt32(from, word0, false);
    view.setInt32(from + 4, word1, false);
    view.setInt32(from + 8, word2, false);
    view.setInt32(from + 12, word3, false);
  }
  /** Appends an octet to the variable parts. */
  appendU8(value: number): void {
    this.reserve(1);
    this.bytes[this.end++] = value;
  }
  /** Appends a u16 to the variable parts. */
  appendU16(value: number): void {
    this.reserve(2);
    this.words.setUint16(this.end, value, true);
    this.end += 2;
  }
  /** Appends bytes to the variable parts. */
  append(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    const bytes = this.bytes;
    let to = this.end;
    for (let from = start; from < end; from++) bytes[to++] = source[from];
    this.end = to;
  }

  commit(): void {
    this.words.setUint32(this.committed + Common.length, this.end - this.committed, true);
    this.committed = this.end;
    this.count++;
  }

  /** The committed records where they lie: valid until the next `begin`. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.committed);
  }

  /** Makes it empty again. */
  clear(): void {
    this.committed = 0;
    this.count = 0;
  }

  /** The committed records as a copy of their own; the writer is empty afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    const records = this.written.slice();
    this.clear();
    return records;
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.end));
    this.bytes = grown;
    this.words = new DataView(grown.buffer);
  }
}
