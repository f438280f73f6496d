import { readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { CaptureError } from './error.ts';

/** Where the bytes of a capture file come from. */
export interface ByteSource {
  /** Bytes taken from the disk or the pipe so far. */
  readonly position: number;
  /** Size on the disk; undefined for pipes. */
  readonly size: number | undefined;
  /** Reads at least one byte into `into[from, to)` and says how many; 0 at the end. */
  read(into: Uint8Array, from: number, to: number): Promise<number>;
  /** The same at once. Only where there is nobody to wait for: with a file on a disk. */
  readNow?(into: Uint8Array, from: number, to: number): number;
  close(): Promise<void>;
}

/** Opens a file on the disk, or whatever else can be opened by a path (a named pipe). */
export async function openBytes(path: string): Promise<ByteSource> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const stat = await handle.stat();
    if (stat.isDirectory()) {
      throw new CaptureError('CAPTURE_NOT_READABLE', `${path} is a directory: name a capture file`);
    }
    return stat.isFile() ? new DiskBytes(path, handle, stat.size) : new HandleBytes(path, handle, undefined);
  } catch (error) {
    await handle?.close();
    throw readError(path, error);
  }
}

/** Bytes of whatever was opened by its path. */
class HandleBytes implements ByteSource {
  position = 0;
  readonly size: number | undefined;
  protected readonly path: string;
  protected readonly handle: FileHandle;

  constructor(path: string, handle: FileHandle, size: number | undefined) {
    this.path = path;
    this.handle = handle;
    this.size = size;
  }

  async read(into: Uint8Array, from: number, to: number): Promise<number> {
    const { bytesRead } = await this.handle.read(into, from, to - from, null).catch((error) => {
      throw readError(this.path, error);
    });
    this.position += bytesRead;
    return bytesRead;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** Bytes of a file on a disk. To ask a thread of Node's for them takes longer than to read them. */
class DiskBytes extends HandleBytes {
  readNow(into: Uint8Array, from: number, to: number): number {
    try {
      const length = readSync(this.handle.fd, into, from, to - from, null);
      this.position += length;
      return length;
    } catch (error) {
      throw readError(this.path, error);
    }
  }
}

/** Bytes of standard input. */
export class StreamBytes implements ByteSource {
  position = 0;
  readonly size: number | undefined = undefined;
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(stream: Readable) {
    this.#stream = stream;
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async read(into: Uint8Array, from: number, to: number): Promise<number> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#chunks.next().catch((error) => {
        throw readError('standard input', error);
      });
      if (done) return 0;
      this.#chunk = value;
    }
    const length = Math.min(this.#chunk.length, to - from);
    into.set(this.#chunk.subarray(0, length), from);
    this.#chunk = this.#chunk.subarray(length);
    this.position += length;
    return length;
  }

  async close(): Promise<void> {
    this.#stream.destroy();
  }
}

/** Bytes that were read to see what they are, then the rest of the source they came from. */
export class PeekedBytes implements ByteSource {
  readonly #source: ByteSource;
  #peeked: Uint8Array;

  constructor(peeked: Uint8Array, source: ByteSource) {
    this.#peeked = peeked;
    this.#source = source;
  }

  get position(): number {
    return this.#source.position - this.#peeked.length;
  }

  get size(): number | undefined {
    return this.#source.size;
  }

  async read(into: Uint8Array, from: number, to: number): Promise<number> {
    if (this.#peeked.length === 0) return this.#source.read(into, from, to);
    const length = Math.min(this.#peeked.length, to - from);
    into.set(this.#peeked.subarray(0, length), from);
    this.#peeked = this.#peeked.subarray(length);
    return length;
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}

function readError(path: string, error: unknown): CaptureError {
  if (error instanceof CaptureError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') {
    return new CaptureError('CAPTURE_NOT_FOUND', `there is no file ${path}`, { cause: error });
  }
  const hint = code === 'EACCES' ? ': you may not read it' : `: ${(error as Error).message}`;
  return new CaptureError('CAPTURE_NOT_READABLE', `cannot read ${path}${hint}`, { cause: error });
}
