import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NAME = /^packets-\d+\.aes$/;

/**
 * Segments in files of a directory that nobody else uses, a file each: AES-256-GCM, the tag at the end. The key is made here and is nowhere
 * else, so that what a process leaves behind that dies is noise.
 *
 * Functions throw the errors of the file system.
 */
export class SegmentFiles {
  readonly #directory: string;
  readonly #key = randomBytes(32);

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** A number is written once, or again with the same bytes: it is the nonce. */
  write(number: number, bytes: Uint8Array): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const path = this.#path(number);
    const file = openSync(path, 'wx', 0o600);
    try {
      const cipher = createCipheriv(CIPHER, this.#key, nonce(number));
      writeFileSync(file, cipher.update(bytes));
      cipher.final();
      writeFileSync(file, cipher.getAuthTag());
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Throws too if the file is not what was written. The bytes are the caller's. */
  read(number: number): Uint8Array<ArrayBuffer> {
    const file = readFileSync(this.#path(number));
    const end = file.length - TAG_BYTES;
    const decipher = createDecipheriv(CIPHER, this.#key, nonce(number));
    decipher.setAuthTag(file.subarray(Math.max(end, 0)));
    const bytes = Uint8Array.from(decipher.update(file.subarray(0, end)));
    decipher.final();
    return bytes;
  }

  remove(number: number): void {
    rmSync(this.#path(number), { force: true });
  }

  /** Removes all files there are, of whichever process. */
  clear(): void {
    if (!existsSync(this.#directory)) return;
    for (const name of readdirSync(this.#directory)) {
      if (NAME.test(name)) rmSync(join(this.#directory, name), { force: true });
    }
  }

  #path(number: number): string {
    return join(this.#directory, `packets-${number}.aes`);
  }
}

/** 96 bits (NIST SP 800-38D §8.2.1): counts up, never the same twice with one key. */
function nonce(number: number): Uint8Array {
  const bytes = new Uint8Array(NONCE_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number), true);
  return bytes;
}
