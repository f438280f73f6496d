/** How the bytes of a span are written in a flow. */
export const Replacement = {
  /** `[REDACTED]` */
  plain: 0,
  /** `"[REDACTED]"`: a JSON value that was not a string. */
  quoted: 1,
  /** `\"[REDACTED]\"`: the same in JSON that is itself in a JSON string. */
  escaped: 2,
} as const;

/**
 * Ranges of a buffer that hold secrets, in ascending order, never overlapping. What finds secrets yields
 * spans and changes nothing; what applies them either writes the replacement (flows) or masks bytes in
 * place with the same length (packets). Used again after `clear`.
 */
export class Spans {
  count = 0;
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  kinds = new Uint8Array(64);

  clear(): void {
    this.count = 0;
  }

  /** `start` must not be before the end of the last span; a range that touches or overlaps the last one extends it. */
  add(start: number, end: number, kind: number): void {
    const last = this.count - 1;
    if (last >= 0 && start < this.ends[last]) {
      if (end > this.ends[last]) this.ends[last] = end;
      return;
    }
    if (this.count === this.starts.length) this.grow();
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.kinds[this.count] = kind;
    this.count++;
  }

  private grow(): void {
    const size = this.starts.length * 2;
    this.starts = copyInto(new Int32Array(size), this.starts);
    this.ends = copyInto(new Int32Array(size), this.ends);
    const kinds = new Uint8Array(size);
    kinds.set(this.kinds);
    this.kinds = kinds;
  }
}

function copyInto(target: Int32Array<ArrayBuffer>, source: Int32Array): Int32Array<ArrayBuffer> {
  target.set(source);
  return target;
}
