import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { RecordKeyError } from './error.ts';

/** https://man7.org/linux/man-pages/man2/statfs.2.html: what is in these is in memory (or in swap) and on no disk of its own. */
const TMPFS_MAGIC = 0x01021994;
const RAMFS_MAGIC = 0x858458f6;

const NAME = 'key';
/** The first byte of the file; the key is behind it. */
const VERSION = 1;
const KEY_BYTES = 32;

const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

export interface KeptKey {
  readonly key: Uint8Array;
  /** There was none: nothing can have been encrypted with it. */
  readonly isNew: boolean;
}

/** Whether what is in the directory, or will be once it is made, is in memory alone. */
export function isInMemory(directory: string): boolean {
  for (let path = resolve(directory); ; path = dirname(path)) {
    try {
      const type = statfsSync(path).type >>> 0;
      return type === TMPFS_MAGIC || type === RAMFS_MAGIC;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || path === dirname(path)) return false;
    }
  }
}

/**
 * The key in a file of a directory that is in memory and that nobody else may look into. Directory and key are made where they are
 * missing, and stay when the process ends. Throws RecordKeyError.
 */
export function keepKey(directory: string): KeptKey {
  try {
    requireMemory(directory);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    makePrivate(directory);
    // Another file system may be mounted there than where it was looked at first.
    requireMemory(directory);
    const path = join(directory, NAME);
    const key = readKey(path);
    return key === undefined ? { key: writeKey(path), isNew: true } : { key, isNew: false };
  } catch (cause) {
    if (cause instanceof RecordKeyError) throw cause;
    const why = `${directory} cannot be used: ${(cause as Error).message}`;
    throw new RecordKeyError('KEY_UNWRITABLE', why, { cause });
  }
}

/** What is encrypted with the key is noise from now on. The directory goes too, unless something else is in it. */
export function forgetKey(directory: string): void {
  rmSync(join(directory, NAME), { force: true });
  try {
    rmdirSync(directory);
  } catch {
    // It was not made, is a mount, or is not empty.
  }
}

function requireMemory(directory: string): void {
  if (isInMemory(directory)) return;
  throw new RecordKeyError(
    'KEY_NOT_IN_MEMORY',
    `${directory} is on a disk, where no key may be: give a directory of a tmpfs`,
  );
}

/** Whoever may write to a directory on the way could put another one in its place: all are ours or root's, as sshd wants it. */
function makePrivate(directory: string): void {
  for (let path = realpathSync(dirname(resolve(directory))); ; path = dirname(path)) {
    const { uid, mode } = lstatSync(path);
    if (uid !== 0 && uid !== ownId()) throw notPrivate(path, 'belongs to another user');
    if ((mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0)
      throw notPrivate(path, 'can be changed by others');
    if (path === dirname(path)) break;
  }
  const stats = lstatSync(directory);
  if (!stats.isDirectory()) throw notPrivate(directory, 'is no directory');
  if (stats.uid !== ownId()) throw notPrivate(directory, 'belongs to another user');
  // An emptyDir of Kubernetes begins open to all.
  if ((stats.mode & OTHERS) !== 0) chmodSync(directory, 0o700);
}

/** undefined: there is none, or half of one. */
function readKey(path: string): Uint8Array | undefined {
  const file = openKey(path);
  if (file === undefined) return undefined;
  try {
    requireOwn(path, fstatSync(file));
    // One more than there should be, so that a longer file is seen to be one.
    const bytes = new Uint8Array(KEY_BYTES + 2);
    const isWhole = readSync(file, bytes) === KEY_BYTES + 1 && bytes[0] === VERSION;
    return isWhole ? bytes.slice(1, KEY_BYTES + 1) : undefined;
  } finally {
    closeSync(file);
  }
}

function openKey(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP') throw notPrivate(path, 'is a symbolic link');
    throw cause;
  }
}

function requireOwn(path: string, stats: Stats): void {
  if (!stats.isFile()) throw notPrivate(path, 'is no file');
  if (stats.uid !== ownId()) throw notPrivate(path, 'belongs to another user');
  if ((stats.mode & OTHERS) !== 0) throw notPrivate(path, 'can be read by others');
}

/** It is there whole or not at all, also when the process is killed meanwhile. */
function writeKey(path: string): Uint8Array {
  const key = randomBytes(KEY_BYTES);
  const begun = `${path}.${randomBytes(8).toString('hex')}`;
  writeFileSync(begun, Buffer.concat([Uint8Array.of(VERSION), key]), { flag: 'wx', mode: 0o600 });
  renameSync(begun, path);
  return key;
}

/** Of this process; 0 where there are no such numbers. */
function ownId(): number {
  return process.geteuid?.() ?? 0;
}

function notPrivate(path: string, why: string): RecordKeyError {
  return new RecordKeyError('KEY_NOT_PRIVATE', `${path} ${why}: the key in it would not be ours alone`);
}
