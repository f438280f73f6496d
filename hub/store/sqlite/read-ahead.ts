import { readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Asked for together, bytes: what the search comes to next is there before it, and disks are fast at it. */
const CHUNK = 32 * 1024 * 1024;
const PIECE = 8 * 1024 * 1024;
const PIECES_AT_ONCE = 2;
/** Of each chunk so much is read to see whether the kernel has it in memory: then it is there within so many ms. */
const SAMPLE = 64 * 1024;
const QUICK_MS = 0.2;
/** A search that is over sooner needs none of it, and would have to share the disk. */
const PATIENCE_MS = 100;

/** [start, end) of a file, bytes. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** A file that a search looks through, or the part of it that it needs. */
export interface Place {
  readonly path: string;
  readonly extent?: Extent | undefined;
}

/**
 * A search goes through a segment from its end to its start, a page at a time: the kernel reads ahead for those who go the other way. This
 * reads what is not in memory before it is looked at, in large pieces. Nothing comes of it but time: what cannot be read, the search will tell.
 */
export class ReadAhead {
  readonly #begin = performance.now() + PATIENCE_MS;
  readonly #begun = new Set<string>();
  #waiting: Place[] = [];
  /** What is read into it is not looked at. */
  #piece: Uint8Array | undefined;
  /** Files that the search is in, or comes to next: what is left of others need not be read. */
  #wanted: readonly string[] = [];

  /** Where the search is, and what comes next. */
  follow(here: Place, next: Place | undefined): void {
    if (performance.now() < this.#begin) return;
    const places = next === undefined ? [here] : [here, next];
    this.#wanted = places.map(({ path }) => path);
    const isReading = this.#waiting.length > 0;
    for (const place of places) {
      if (this.#begun.has(place.path)) continue;
      this.#begun.add(place.path);
      this.#waiting.push(place);
    }
    if (!isReading) void this.#read();
  }

  stop(): void {
    this.#wanted = [];
  }

  async #read(): Promise<void> {
    for (; this.#waiting.length > 0; this.#waiting.shift()) {
      await this.#readBackwards(this.#waiting[0]).catch(() => {});
    }
  }

  async #readBackwards({ path, extent }: Place): Promise<void> {
    if (!this.#wanted.includes(path)) return;
    const file = await open(path);
    try {
      const { start, end } = extent ?? { start: 0, end: (await file.stat()).size };
      for (let to = end; to > start && this.#wanted.includes(path); to -= CHUNK) {
        await this.#readChunk(file, Math.max(start, to - CHUNK), to);
      }
    } finally {
      await file.close();
    }
  }

  async #readChunk(file: FileHandle, from: number, to: number): Promise<void> {
    this.#piece ??= new Uint8Array(PIECE);
    const piece = this.#piece;
    if (isInMemory(file, piece, from)) return;
    let left = to;
    const readPieces = async () => {
      while (left > from) {
        const start = Math.max(from, left - PIECE);
        const size = left - start;
        left = start;
        await file.read(piece, 0, size, start);
      }
    };
    await Promise.all(Array.from({ length: PIECES_AT_ONCE }, readPieces));
  }
}

function isInMemory({ fd }: FileHandle, buffer: Uint8Array, at: number): boolean {
  const start = performance.now();
  readSync(fd, buffer, 0, SAMPLE, at);
  return performance.now() - start < QUICK_MS;
}
