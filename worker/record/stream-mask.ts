/** Written in place of an octet that is not shown. */
export const MASK = 0x2a;

/** Most connections are short, and many are read at a time. */
const FIRST_SIZE = 256;

/** Bytes that follow one another in the stream. */
interface Run {
  /** In the stream, of its first byte. */
  readonly offset: number;
  /** Where that byte is kept. */
  readonly index: number;
}

/**
 * The bytes of one direction of a connection, and which of them may be shown. Nothing is shown but what was found harmless: gaps, what no
 * dissector read, and copies that say something else than the stream stay hidden. It takes twice the memory of the bytes, and none for gaps.
 */
export class StreamMask {
  #bytes = Buffer.alloc(FIRST_SIZE);
  #shown = new Uint8Array(FIRST_SIZE);
  #length = 0;
  readonly #runs: Run[] = [];
  /** Stream offset behind the last byte known. */
  #end = 0;
  /** The run in which something was looked for last. */
  #last = 0;

  /** `data[start, end)` is what the stream holds from `offset` on, which is not before what was put last. */
  put(offset: number, data: Uint8Array, start: number, end: number): void {
    if (start === end) return;
    if (this.#runs.length === 0 || offset !== this.#end) this.#runs.push({ offset, index: this.#length });
    const length = this.#length + end - start;
    if (length > this.#bytes.length) this.#grow(length);
    this.#bytes.set(data.subarray(start, end), this.#length);
    this.#length = length;
    this.#end = offset + end - start;
  }

  /** The octet at the offset; -1 where none is known. */
  at(offset: number): number {
    const index = this.#indexOf(offset);
    return index < 0 ? -1 : this.#bytes[index];
  }

  /** Whether the stream holds `data[start, end)` at `offset`. */
  holds(offset: number, data: Uint8Array, start: number, end: number): boolean {
    for (let at = start; at < end; ) {
      const index = this.#indexOf(offset + at - start);
      if (index < 0) return false;
      const length = Math.min(end - at, this.#indexBehind(this.#last) - index);
      if (this.#bytes.compare(data, at, at + length, index, index + length) !== 0) return false;
      at += length;
    }
    return true;
  }

  show(start: number, end: number): void {
    this.#mark(start, end, 1);
  }

  hide(start: number, end: number): void {
    this.#mark(start, end, 0);
  }

  /**
   * What of `data[start, end)`, which was sent as the bytes from `offset` on, may not be shown: starts and ends, in order. A copy that
   * differs is not what was looked at.
   */
  hidden(data: Uint8Array, start: number, end: number, offset: number): number[] {
    const parts: number[] = [];
    const bytes = this.#bytes;
    const shown = this.#shown;
    let from = -1;
    for (let i = start; i < end; ) {
      let index = this.#indexOf(offset + i - start);
      const last = index < 0 ? i + 1 : Math.min(end, i + this.#indexBehind(this.#last) - index);
      for (; i < last; i++, index++) {
        const isHarmless = index >= 0 && shown[index] === 1 && bytes[index] === data[i];
        if (isHarmless === from < 0) continue;
        if (isHarmless) parts.push(from, i);
        from = isHarmless ? -1 : i;
      }
    }
    if (from >= 0) parts.push(from, end);
    return parts;
  }

  #mark(start: number, end: number, value: number): void {
    for (let run = Math.max(this.#runAt(start), 0); run < this.#runs.length; run++) {
      const { offset, index } = this.#runs[run];
      if (offset >= end) return;
      const first = index + Math.max(start - offset, 0);
      const last = Math.min(index + end - offset, this.#indexBehind(run));
      if (first < last) this.#shown.fill(value, first, last);
    }
  }

  /** Where the byte at the offset is kept, which is in the run `#last`; -1 where none is. */
  #indexOf(offset: number): number {
    const run = this.#runAt(offset);
    if (run < 0) return -1;
    const index = this.#runs[run].index + offset - this.#runs[run].offset;
    return index < this.#indexBehind(run) ? index : -1;
  }

  #indexBehind(run: number): number {
    return run + 1 < this.#runs.length ? this.#runs[run + 1].index : this.#length;
  }

  /** The last run that begins at the offset or before it; -1: none does. */
  #runAt(offset: number): number {
    const runs = this.#runs;
    const known = this.#last;
    if (known < runs.length && runs[known].offset <= offset) {
      if (known + 1 === runs.length || offset < runs[known + 1].offset) return known;
    }
    let low = 0;
    let high = runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (runs[middle].offset <= offset) low = middle + 1;
      else high = middle;
    }
    if (low > 0) this.#last = low - 1;
    return low - 1;
  }

  #grow(size: number): void {
    const length = Math.max(size, this.#bytes.length * 2);
    const bytes = Buffer.alloc(length);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    const shown = new Uint8Array(length);
    shown.set(this.#shown);
    this.#shown = shown;
  }
}
