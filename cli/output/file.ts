/** A file that appears under its name when it is whole, and is for its owner alone. */

import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Writable } from 'node:stream';
import { CliError, usageError } from '../errors.ts';

export class OutputFile {
  readonly handle: FileHandle;
  private readonly file: string;
  private readonly replace: boolean;
  /** undefined: what is no regular file (a pipe that Wireshark reads) is written as it stands. */
  private readonly partial: string | undefined;

  /** Rejects with CliError: FILE_EXISTS where it is there and may not be replaced. */
  static async open(file: string, { replace }: { replace: boolean }): Promise<OutputFile> {
    const there = await stat(file).catch(() => undefined);
    if (there?.isDirectory()) throw usageError(`${file} is a directory`, 'Give the name of a file: -w FILE.');
    if (there?.isFile() && !replace) throw exists(file);
    const isSpecial = there !== undefined && !there.isFile();
    const partial = isSpecial ? undefined : `${resolve(file)}.${process.pid}.part`;
    try {
      const handle = await open(partial ?? file, isSpecial ? 'w' : 'wx', 0o600);
      return new OutputFile(handle, file, replace, partial);
    } catch (cause) {
      throw notWritten(file, cause);
    }
  }

  private constructor(handle: FileHandle, file: string, replace: boolean, partial: string | undefined) {
    this.handle = handle;
    this.file = file;
    this.replace = replace;
    this.partial = partial;
  }

  /** Rejects with CliError where the disk is full. */
  async write(chunk: string | Uint8Array): Promise<void> {
    try {
      await this.handle.writeFile(chunk);
    } catch (cause) {
      throw this.explain(cause);
    }
  }

  /** For what is piped. A stream of the handle's own would keep it from being closed. */
  stream(): Writable {
    return new Writable({
      write: (chunk: Uint8Array, _encoding, done) => {
        this.write(chunk).then(() => done(), done);
      },
    });
  }

  /** What went wrong in writing it, as a CliError; other errors as they are. */
  explain(error: unknown): unknown {
    return (error as NodeJS.ErrnoException).syscall === undefined ? error : notWritten(this.file, error);
  }

  /** Gives it its name. Rejects with CliError. */
  async finish(): Promise<void> {
    const { partial, file } = this;
    try {
      await this.handle.close();
      if (partial === undefined) return;
      if (this.replace) await rename(partial, file);
      else await appear(partial, file);
    } catch (cause) {
      throw this.explain(cause);
    }
  }

  /** Leaves nothing behind. Does nothing to one that is finished. */
  async abandon(): Promise<void> {
    await this.handle.close().catch(() => {});
    if (this.partial !== undefined) await rm(this.partial, { force: true });
  }
}

/** Unlike a renaming, a link never takes the place of a file that has come in the meantime. */
async function appear(partial: string, file: string): Promise<void> {
  try {
    await link(partial, file);
    await rm(partial);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw exists(file);
    if (!NO_LINKS.has(code ?? '')) throw cause;
    await rename(partial, file);
  }
}

/** Some file systems (FAT, some network ones) have none. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

function exists(file: string): CliError {
  return new CliError('FILE_EXISTS', `${file} is there already`, {
    remedy: 'Give another name, or --force to replace it.',
  });
}

function notWritten(file: string, cause: unknown): CliError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new CliError('NOT_WRITTEN', `cannot write ${file} (${code ?? message})`, {
    remedy: 'Choose another place: -w FILE.',
    cause,
  });
}
