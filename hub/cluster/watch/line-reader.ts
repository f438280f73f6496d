import { Pieces } from './pieces.ts';

const LF = 0x0a;

/** Cuts a watch's answer into its events: one JSON text a line. */
export class LineReader {
  readonly #line: Pieces;
  readonly #onSkipped: () => void;

  /** `limit`: bytes of the longest line. `onSkipped`: one was longer, and is left out. */
  constructor(limit: number, onSkipped: () => void) {
    this.#line = new Pieces(limit);
    this.#onSkipped = onSkipped;
  }

  /** The lines that end in this chunk. */
  *push(chunk: Buffer): Generator<string> {
    let from = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      this.#line.add(chunk.subarray(from, end));
      from = end + 1;
      const line = this.#line.take();
      if (line === undefined) this.#onSkipped();
      else if (line.trim() !== '') yield line;
    }
    if (from < chunk.length) this.#line.add(chunk.subarray(from));
  }
}
