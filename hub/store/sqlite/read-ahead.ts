import { readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Read at once, bytes: between two reads a step of a search may take its time. */
const CHUNK = 4 * 1024 * 1024;
/** Of each chunk so much is read to see whether the kernel has it in memory: then it is there within so many ms. */
const SAMPLE = 256 * 1024;
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
  #chunk: Uint8Array | undefined;
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
      this.#chunk ??= new Uint8Array(CHUNK);
      for (let to = end; to > start && this.#wanted.includes(path); to -= CHUNK) {
        const from = Math.max(start, to - CHUNK);
        if (!isInMemory(file, this.#chunk, from)) await file.read(this.#chunk, 0, to - from, from);
      }
    } finally {
      await file.close();
    }
  }
}

function isInMemory({ fd }: FileHandle, buffer: Uint8Array, at: number): boolean {
  const start = performance.now();
  readSync(fd, buffer, 0, SAMPLE, at);
  return performance.now() - start < QUICK_MS;
}
