import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Encrypted at once: what that takes is used again for the next one, where memory for a whole segment would be new each time. */
const PIECE = 256 * 1024;
const FILE_NAME = /^packets-(.+)\.aes$/;

const MAGIC = 'RMPK';
const VERSION = 1;
/** Magic, version, length of the name; then the nonce, and the name. */
const NONCE = 6;
const NAME = NONCE + NONCE_BYTES;
/** Sessions have at most 64 characters, numbers 16. */
const MAX_NAME = 81;

/** What a file has beside the bytes of its segment, at most. */
export const FILE_OVERHEAD = NAME + MAX_NAME + TAG_BYTES;

export interface StoredFile {
  /** Of the segment: `SESSION-NUMBER`. */
  readonly name: string;
  readonly bytes: number;
  /** When it was written, ms. */
  readonly time: number;
}

/**
 * Segments in files of a directory that nobody else uses, a file each: a header that says which it is, the bytes in AES-256-GCM, the tag,
 * which holds for both. What a process leaves behind that dies is noise to whoever has not its key.
 *
 * Functions throw the errors of the file system.
 */
export class SegmentFiles {
  readonly #directory: string;
  readonly #key: Uint8Array;
  readonly #segmentBytes: number;
  /** Names of files that are not needed any more, and still there. */
  readonly #letGo: string[] = [];

  /** `key`: 32 bytes. No segment is larger than `segmentBytes`. */
  constructor(directory: string, key: Uint8Array, segmentBytes: number) {
    this.#directory = directory;
    this.#key = key;
    this.#segmentBytes = segmentBytes;
  }

  /** Nonces are random (NIST SP 800-38D §8.2.2): none is used twice with one key, whichever process has it. */
  write(name: string, bytes: Uint8Array): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const path = this.#path(name);
    const file = this.#overwritable(path) ?? openSync(path, 'wx', 0o600);
    try {
      const nonce = randomBytes(NONCE_BYTES);
      const header = headerOf(name, nonce);
      const cipher = createCipheriv(CIPHER, this.#key, nonce).setAAD(header);
      writeFileSync(file, header);
      for (let at = 0; at < bytes.length; at += PIECE)
        writeFileSync(file, cipher.update(bytes.subarray(at, at + PIECE)));
      cipher.final();
      writeFileSync(file, cipher.getAuthTag());
      ftruncateSync(file, header.length + bytes.length + TAG_BYTES);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Throws too if the file is not what was written under that name. The bytes are the caller's. */
  read(name: string): Uint8Array<ArrayBuffer> {
    const file = this.#contents(name);
    const start = NAME + name.length;
    const end = file.length - TAG_BYTES;
    if (end < start) throw new Error('the file is cut off');
    const nonce = file.subarray(NONCE, NAME);
    const header = headerOf(name, nonce);
    if (!file.subarray(0, start).equals(header)) throw new Error('the file is of something else');
    const decipher = createDecipheriv(CIPHER, this.#key, nonce).setAAD(header);
    decipher.setAuthTag(file.subarray(end));
    const bytes = Uint8Array.from(decipher.update(file.subarray(start, end)));
    decipher.final();
    return bytes;
  }

  remove(name: string): void {
    rmSync(this.#path(name), { force: true });
  }

  /** As `remove`, but the file stays for the next one to be written over it, which takes half as long as making one; or to be removed by `clear`. */
  letGo(name: string): void {
    this.#letGo.push(name);
  }

  clear(): void {
    for (const name of this.#letGo.splice(0)) this.remove(name);
  }

  /** All there are, of whichever process and key, oldest first. */
  list(): StoredFile[] {
    if (!existsSync(this.#directory)) return [];
    const files: StoredFile[] = [];
    for (const entry of readdirSync(this.#directory)) {
      const name = FILE_NAME.exec(entry)?.[1];
      if (name === undefined) continue;
      const stats = statSync(this.#path(name), { throwIfNoEntry: false });
      if (stats !== undefined) files.push({ name, bytes: stats.size, time: stats.mtimeMs });
    }
    return files.sort((a, b) => a.time - b.time);
  }

  /** Whatever `name` is: links lead nowhere, and no file is larger than what is written here. */
  #contents(name: string): Buffer {
    const file = openSync(this.#path(name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(file);
      if (!stats.isFile() || stats.size > this.#segmentBytes + FILE_OVERHEAD)
        throw new Error('the file is no segment');
      return readFileSync(file);
    } finally {
      closeSync(file);
    }
  }

  /** A file that was let go, open for writing at its new path; undefined if there is none. */
  #overwritable(path: string): number | undefined {
    const name = this.#letGo.pop();
    if (name === undefined) return undefined;
    try {
      renameSync(this.#path(name), path);
      return openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
    } catch {
      rmSync(path, { force: true });
      return undefined;
    }
  }

  #path(name: string): string {
    return join(this.#directory, `packets-${name}.aes`);
  }
}

/** Removes all files of segments there are in the directory, of whichever process; what else is in it stays. */
export function removeSegmentFiles(directory: string): void {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory)) {
    if (FILE_NAME.test(entry)) rmSync(join(directory, entry), { force: true });
  }
}

function headerOf(name: string, nonce: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from(MAGIC),
    Uint8Array.of(VERSION, name.length),
    nonce,
    Buffer.from(name, 'latin1'),
  ]);
}
