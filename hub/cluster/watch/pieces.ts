/** A text that comes in pieces of UTF-8, up to `limit` bytes: one that is longer is let go of, and is undefined. */
export class Pieces {
  readonly #limit: number;
  #pieces: Buffer[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  add(piece: Buffer): void {
    this.#size += piece.length;
    if (this.#size <= this.#limit) this.#pieces.push(piece);
    else this.#pieces = [];
  }

  /** The text so far; undefined if it was too long. What is added next is another one. */
  take(): string | undefined {
    const pieces = this.#pieces;
    const tooLong = this.#size > this.#limit;
    this.#pieces = [];
    this.#size = 0;
    if (tooLong) return undefined;
    return (pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)).toString();
  }
}
