import { constants } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { HubError } from '../errors.ts';

/** In bytes. A file that would grow larger becomes the old one, in the place of that before it. */
export const AUDIT_LIMITS = { auditFileBytes: 8 * 1024 * 1024 } as const;

const NAME = 'audit.log';
const OLD_NAME = `${NAME}.1`;
const NEWLINE = 10;
/** What is written goes to the end of the file itself, and not to where a link leads. */
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;
const OWNER_ONLY = 0o600;

/** What was given out that is not redacted, to whom: `audit.log` in the data directory, a JSON object a line. */
export class AuditLog {
  readonly #path: string;
  readonly #oldPath: string;
  readonly #limit: number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(directory: string, limit: number = AUDIT_LIMITS.auditFileBytes) {
    this.#path = join(directory, NAME);
    this.#oldPath = join(directory, OLD_NAME);
    this.#limit = limit;
  }

  /** Resolves when the line is on the disk. Rejects with HubError AUDIT_UNWRITABLE. */
  async append(entry: Readonly<Record<string, unknown>>): Promise<void> {
    const line = Buffer.from(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
    const written = this.#last.then(() => this.#write(line));
    this.#last = written.catch(() => {});
    try {
      await written;
    } catch (cause) {
      throw new HubError('AUDIT_UNWRITABLE', (cause as Error).message, cause);
    }
  }

  async #write(line: Uint8Array): Promise<void> {
    let file = await open(this.#path, FLAGS, OWNER_ONLY);
    try {
      const { size } = await file.stat();
      if (size > 0 && size + line.length > this.#limit) {
        await file.close();
        await rename(this.#path, this.#oldPath);
        file = await open(this.#path, FLAGS, OWNER_ONLY);
      }
      await file.chmod(OWNER_ONLY);
      if (!(await endsWithLine(file))) await file.appendFile('\n');
      await file.appendFile(line);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

/** Not where a disk was full in the middle of the line before. */
async function endsWithLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === NEWLINE;
}
