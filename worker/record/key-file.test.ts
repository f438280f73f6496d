import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forgetKey, isInMemory, keepKey } from './key-file.ts';

const MEMORY = '/dev/shm';
const onTmpfs = test.runIf(isInMemory(MEMORY));

let root = '';
let directory = '';
beforeEach(() => {
  if (!isInMemory(MEMORY)) return;
  root = mkdtempSync(join(MEMORY, 'remora-key-'));
  directory = join(root, 'inner', 'key');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const refused = (code: string, reason: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(reason) });
const problem = (path = directory): unknown => {
  try {
    return keepKey(path);
  } catch (error) {
    return error;
  }
};

onTmpfs('a key is made once, for its owner alone, and found again', () => {
  const first = keepKey(directory);
  expect(first.isNew).toBe(true);
  expect(first.key).toHaveLength(32);
  const again = keepKey(directory);
  expect(again.isNew).toBe(false);
  expect(Buffer.from(again.key).equals(first.key)).toBe(true);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, 'key')).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(['key']);
  forgetKey(directory);
  expect(existsSync(directory)).toBe(false);
  expect(Buffer.from(keepKey(directory).key).equals(first.key)).toBe(false);
});

onTmpfs('a directory that is open to others, as a volume of Kubernetes is, is closed first', () => {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o777);
  expect(keepKey(directory).isNew).toBe(true);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

onTmpfs.each([
  ['half of it', Uint8Array.of(1, 2, 3)],
  ['nothing', new Uint8Array(0)],
  ['another version', Uint8Array.of(2, ...new Uint8Array(32))],
  ['more than a key', Uint8Array.of(1, ...new Uint8Array(40))],
])('a file with %s is no key: another one is made', (_what, bytes) => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, 'key'), bytes, { mode: 0o600 });
  const { key, isNew } = keepKey(directory);
  expect(isNew).toBe(true);
  expect(readFileSync(join(directory, 'key')).subarray(1).equals(key)).toBe(true);
});

onTmpfs('a key that is a link, or that others can read, is refused and left alone', () => {
  const elsewhere = join(root, 'elsewhere');
  keepKey(elsewhere);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  symlinkSync(join(elsewhere, 'key'), join(directory, 'key'));
  expect(problem()).toEqual(refused('KEY_NOT_PRIVATE', /key is a symbolic link/));
  expect(lstatSync(join(directory, 'key')).isSymbolicLink()).toBe(true);
  chmodSync(join(elsewhere, 'key'), 0o640);
  expect(problem(elsewhere)).toEqual(refused('KEY_NOT_PRIVATE', /can be read by others/));
});

onTmpfs('a directory that is a link, or that others could exchange, is refused', () => {
  const open = join(root, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  expect(problem(join(open, 'key'))).toEqual(refused('KEY_NOT_PRIVATE', /open can be changed by others/));
  mkdirSync(join(root, 'target'), { mode: 0o700 });
  symlinkSync(join(root, 'target'), join(root, 'link'));
  expect(problem(join(root, 'link'))).toEqual(refused('KEY_NOT_PRIVATE', /link is no directory/));
  expect(readdirSync(join(root, 'target'))).toEqual([]);
});

test('a directory on a disk is refused, and none is made there', () => {
  const here = join(import.meta.dirname, 'no-such-directory', 'key');
  expect(isInMemory(here)).toBe(false);
  expect(problem(here)).toEqual(refused('KEY_NOT_IN_MEMORY', /on a disk/));
  expect(existsSync(join(import.meta.dirname, 'no-such-directory'))).toBe(false);
});
