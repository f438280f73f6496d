/** A zip file that is written as it grows, and does not grow without bound. */

import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** Of all texts together, before they are compressed. */
export const MAX_ARCHIVE = 64 * 1024 * 1024;
/** Of one text. Its end is the newest. */
export const MAX_ENTRY = 4 * 1024 * 1024;

const CUT = '(the beginning is left out)\n';

export class Archive {
  /** How many files it has, without those that are told of in `missing`. */
  files = 0;
  /** What is not in it, and why. */
  readonly missing: string[] = [];
  private readonly zip = new ZipFile();
  private readonly directory: string;
  private readonly time = new Date();
  private readonly written: Promise<void>;
  private bytes = 0;

  /** `directory` is the one that all files are in. */
  constructor(directory: string, output: Writable) {
    this.directory = directory;
    this.written = pipeline(this.zip.outputStream, output);
    // Told by `close`.
    this.written.catch(() => {});
  }

  /** The end of the text where it is too long; nothing where the archive is full. Both are noted. */
  add(path: string, text: string): void {
    let bytes = Buffer.from(text);
    if (bytes.length > MAX_ENTRY) {
      this.missing.push(`${path}: only the last ${MAX_ENTRY >> 20} MiB are in it`);
      const end = bytes.subarray(bytes.length - MAX_ENTRY);
      bytes = Buffer.concat([Buffer.from(CUT), end.subarray(end.indexOf('\n') + 1)]);
    }
    if (this.bytes + bytes.length > MAX_ARCHIVE) {
      this.missing.push(`${path}: the archive is full (${MAX_ARCHIVE >> 20} MiB)`);
      return;
    }
    this.put(path, bytes);
    this.files++;
  }

  /** Adds the last file, made of what is known at the end. Rejects where the archive cannot be written. */
  async close(path: string, text: string): Promise<void> {
    this.put(path, Buffer.from(text));
    this.zip.end();
    await this.written;
  }

  /** Something went wrong: nothing more will be written. */
  abandon(): void {
    (this.zip.outputStream as NodeJS.ReadableStream & { destroy(): void }).destroy();
  }

  private put(path: string, bytes: Buffer): void {
    this.bytes += bytes.length;
    this.zip.addBuffer(bytes, `${this.directory}/${path}`, { mtime: this.time, mode: 0o100600 });
  }
}
