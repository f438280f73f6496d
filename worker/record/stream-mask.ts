/** Written in place of an octet that is not shown. */
export const MASK = 0x2a;

/** More of a direction than this is not looked at, and so not shown, bytes. */
const MAX_STREAM = 64 * 1024 * 1024;
const FIRST_SIZE = 4096;

/**
 * The bytes of one direction of a connection, and which of them may be shown. Nothing is shown but what was found harmless: gaps, what no
 * dissector read, and copies that say something else than the stream stay hidden.
 */
export class StreamMask {
  #bytes = new Uint8Array(FIRST_SIZE);
  #shown = new Uint8Array(FIRST_SIZE);
  /** Stream offset behind the last byte known. */
  #end = 0;

  /** `data[start, end)` is what the stream holds from `offset` on. */
  put(offset: number, data: Uint8Array, start: number, end: number): void {
    const last = offset + end - start;
    if (last > MAX_STREAM) return;
    if (last > this.#bytes.length) this.#grow(last);
    this.#bytes.set(data.subarray(start, end), offset);
    if (last > this.#end) this.#end = last;
  }

  /** The octet at the offset; -1 where none is known. */
  at(offset: number): number {
    return offset < this.#end ? this.#bytes[offset] : -1;
  }

  /** Whether the stream holds `data[start, end)` at `offset`. */
  holds(offset: number, data: Uint8Array, start: number, end: number): boolean {
    if (offset < 0 || offset + end - start > this.#end) return false;
    for (let i = start; i < end; i++) if (this.#bytes[offset + i - start] !== data[i]) return false;
    return true;
  }

  show(start: number, end: number): void {
    this.#shown.fill(1, Math.max(start, 0), Math.min(end, this.#end));
  }

  hide(start: number, end: number): void {
    this.#shown.fill(0, Math.max(start, 0), Math.min(end, this.#end));
  }

  /**
   * What of `data[start, end)`, which was sent as the bytes from `offset` on, may not be shown: starts and ends, in order. A copy that
   * differs is not what was looked at.
   */
  hidden(data: Uint8Array, start: number, end: number, offset: number): number[] {
    const parts: number[] = [];
    let from = -1;
    for (let i = start; i < end; i++, offset++) {
      const isHarmless =
        offset >= 0 && offset < this.#end && this.#shown[offset] === 1 && this.#bytes[offset] === data[i];
      if (isHarmless === from < 0) continue;
      if (isHarmless) {
        parts.push(from, i);
        from = -1;
      } else {
        from = i;
      }
    }
    if (from >= 0) parts.push(from, end);
    return parts;
  }

  #grow(size: number): void {
    const length = Math.max(size, this.#bytes.length * 2);
    const bytes = new Uint8Array(length);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    const shown = new Uint8Array(length);
    shown.set(this.#shown);
    this.#shown = shown;
  }
}
