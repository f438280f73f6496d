import { readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Read at once, bytes: between two reads a step of a search may take its time. */
const CHUNK = 16 * 1024 * 1024;
/** Of each chunk so much is read to see whether the kernel has it in memory: then it is there within so many ms. */
const SAMPLE = 256 * 1024;
const QUICK_MS = 0.2;
/** A search that is over sooner needs none of it, and would have to share the disk. */
const PATIENCE_MS = 100;

/**
 * A search goes through a segment from its end to its start, a page at a time: the kernel reads ahead for those who go the other way. This
 * reads what is not in memory before it is looked at, in large pieces. Nothing comes of it but time: what cannot be read, the search will tell.
 */
export class ReadAhead {
  readonly #begin = performance.now() + PATIENCE_MS;
  #path = '';
  #run = { isOver: true };

  /** The search is in this file, and no longer in the one before. */
  follow(path: string): void {
    if (path === this.#path || performance.now() < this.#begin) return;
    this.stop();
    this.#path = path;
    this.#run = { isOver: false };
    void readBackwards(path, this.#run).catch(() => {});
  }

  stop(): void {
    this.#run.isOver = true;
  }
}

async function readBackwards(path: string, run: { isOver: boolean }): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const chunk = new Uint8Array(Math.min(size, CHUNK));
    for (let at = Math.floor(size / CHUNK) * CHUNK; at >= 0 && !run.isOver; at -= CHUNK) {
      if (!isInMemory(file, chunk, at)) await file.read(chunk, 0, chunk.length, at);
    }
  } finally {
    await file.close();
  }
}

function isInMemory({ fd }: FileHandle, buffer: Uint8Array, at: number): boolean {
  const start = performance.now();
  readSync(fd, buffer, 0, Math.min(SAMPLE, buffer.length), at);
  return performance.now() - start < QUICK_MS;
}
