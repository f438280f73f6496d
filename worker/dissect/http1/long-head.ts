import { decidesFraming } from './framing.ts';
import { COLON, CR, findLineFeed } from './octets.ts';

/** A field line that decides about framing and is longer than this is not one that any server would honour. */
const MAX_LINE = 256;

/**
 * Reads on in a head (or trailers) longer than what is kept: looks at each line just long enough to know the
 * end of the section and the fields that framing needs.
 */
export class LongHead {
  readonly line = Buffer.alloc(MAX_LINE);
  length = 0;
  /** The last line is whole. */
  whole = false;
  private overlong: boolean;

  /** `insideLine`: the first bytes to come are the rest of a line that does not count. */
  constructor(insideLine: boolean) {
    this.overlong = insideLine;
  }

  /** Takes bytes up to the end of the line. Returns the index after them. */
  take(data: Uint8Array, start: number, end: number): number {
    if (this.whole) {
      this.whole = false;
      this.overlong = false;
      this.length = 0;
    }
    const lf = findLineFeed(data, start, end);
    const next = lf < 0 ? end : lf + 1;
    if (this.length + next - start > MAX_LINE) this.overlong = true;
    if (!this.overlong) {
      this.line.set(data.subarray(start, next), this.length);
      this.length += next - start;
    }
    this.whole = lf >= 0;
    return next;
  }

  /** The line is the empty one that ends the section. */
  get isEmpty(): boolean {
    return !this.overlong && (this.length === 1 || (this.length === 2 && this.line[0] === CR));
  }

  get decidesFraming(): boolean {
    if (this.overlong) return false;
    const colon = this.line.indexOf(COLON);
    return colon > 0 && colon < this.length && decidesFraming(this.line, 0, colon);
  }
}
