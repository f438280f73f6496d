import { createGunzip, type Gunzip } from 'node:zlib';
import type { ByteSource } from './bytes.ts';
import { CaptureError } from './error.ts';

/** First two bytes of a gzip file (RFC 1952 §2.3.1). */
export const GZIP_MAGIC = 0x1f8b;

/**
 * How much is decompressed at a time. Of a piece in which the decompressor finds damage it gives nothing:
 * small pieces lose little.
 */
const PIECE = 4 << 10;

/**
 * The decompressed bytes of a gzip file of any number of members. `position` and `size` are those of the
 * file.
 */
export class GunzipBytes implements ByteSource {
  readonly #source: ByteSource;
  readonly #gunzip: Gunzip;
  readonly #ready: Uint8Array[] = [];
  #error: Error | undefined;
  #ended = false;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#gunzip = createGunzip({ chunkSize: 256 << 10 });
    this.#gunzip.on('data', (chunk: Uint8Array) => this.#ready.push(chunk));
    this.#gunzip.on('end', () => {
      this.#ended = true;
    });
    this.#gunzip.on('error', (error) => {
      this.#error = error;
    });
  }

  get position(): number {
    return this.#source.position;
  }

  get size(): number | undefined {
    return this.#source.size;
  }

  async read(into: Uint8Array, from: number, to: number): Promise<number> {
    while (this.#ready.length === 0) {
      if (this.#error !== undefined) throw this.#damage(this.#error);
      if (this.#ended) return 0;
      await this.#feed();
    }
    const chunk = this.#ready[0]!;
    const length = Math.min(chunk.length, to - from);
    into.set(chunk.subarray(0, length), from);
    if (length === chunk.length) this.#ready.shift();
    else this.#ready[0] = chunk.subarray(length);
    return length;
  }

  async close(): Promise<void> {
    this.#gunzip.destroy();
    await this.#source.close();
  }

  async #feed(): Promise<void> {
    const piece = new Uint8Array(PIECE);
    const length = await this.#source.read(piece, 0, PIECE);
    const gunzip = this.#gunzip;
    // After an error there is no callback, and no end: whichever comes first.
    await new Promise<void>((resolve) => {
      const done = () => {
        gunzip.off('error', done);
        resolve();
      };
      gunzip.once('error', done);
      if (length > 0) gunzip.write(piece.subarray(0, length), done);
      else gunzip.once('end', done).end();
    });
  }

  #damage(cause: Error): CaptureError {
    const cutOff = (cause as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    return new CaptureError(
      cutOff ? 'CAPTURE_TRUNCATED' : 'CAPTURE_DAMAGED',
      cutOff
        ? `cut off: the compressed data stop at byte ${this.position} of the file`
        : `damaged: the compressed data before byte ${this.position} of the file cannot be decompressed`,
      { cause },
    );
  }
}
