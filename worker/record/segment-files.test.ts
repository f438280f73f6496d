import { randomBytes } from 'node:crypto';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FILE_OVERHEAD, removeSegmentFiles, SegmentFiles } from './segment-files.ts';

const NAME = 'session-a-7';
const BYTES = Buffer.from('a secret that is not redacted'.repeat(40));
const KEY = randomBytes(32);

let directory = '';
let files: SegmentFiles;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'remora-files-'));
  files = new SegmentFiles(directory, KEY, 4096);
});
afterEach(() => rmSync(directory, { recursive: true }));

const pathOf = (name: string) => join(directory, `packets-${name}.aes`);

test('what is written is read again, by whoever has the key', () => {
  files.write(NAME, BYTES);
  expect(Buffer.from(new SegmentFiles(directory, KEY, 4096).read(NAME)).equals(BYTES)).toBe(true);
  const file = readFileSync(pathOf(NAME));
  expect(file.includes('secret')).toBe(false);
  expect(file.length).toBeLessThanOrEqual(BYTES.length + FILE_OVERHEAD);
  expect(() => new SegmentFiles(directory, randomBytes(32), 4096).read(NAME)).toThrow();
});

test('however long it is, also where its pieces end', () => {
  const piece = 256 * 1024;
  const large = new SegmentFiles(directory, KEY, 4 * piece);
  for (const length of [0, 1, piece - 1, piece, piece + 1, 3 * piece + 7]) {
    const bytes = randomBytes(length);
    large.write(NAME, bytes);
    expect(Buffer.compare(large.read(NAME), bytes)).toBe(0);
    large.remove(NAME);
  }
});

test('the same segment, written again with the same key, has nothing in common with the first', () => {
  files.write(NAME, BYTES);
  const first = readFileSync(pathOf(NAME));
  files.remove(NAME);
  files.write(NAME, BYTES);
  const second = readFileSync(pathOf(NAME));
  const nonces = [first, second].map((file) => file.toString('hex', 6, 18));
  expect(nonces[0]).not.toBe(nonces[1]);
  const body = 18 + NAME.length;
  const same = first.subarray(body).filter((octet, at) => octet === second[body + at]).length;
  expect(same).toBeLessThan(50);
});

test('a file is believed only whole, unchanged, and under its own name', () => {
  files.write(NAME, BYTES);
  const whole = readFileSync(pathOf(NAME));
  for (let at = 0; at < whole.length; at += at < 40 ? 1 : 97) {
    const changed = Buffer.from(whole);
    changed[at]! ^= 1;
    writeFileSync(pathOf(NAME), changed);
    expect(() => files.read(NAME), `octet ${at}`).toThrow();
    truncateSync(pathOf(NAME), at);
    expect(() => files.read(NAME), `cut at ${at}`).toThrow();
  }
  writeFileSync(pathOf(NAME), whole);
  expect(files.read(NAME)).toHaveLength(BYTES.length);
  renameSync(pathOf(NAME), pathOf('session-a-8'));
  expect(() => files.read('session-a-8')).toThrow('of something else');
});

test('neither links nor files that are too large are read', () => {
  files.write(NAME, BYTES);
  symlinkSync(pathOf(NAME), pathOf('session-a-9'));
  expect(() => files.read('session-a-9')).toThrow('ELOOP');
  truncateSync(pathOf(NAME), 10_000_000);
  expect(() => files.read(NAME)).toThrow('no segment');
});

test('a file that was let go is written over by the next one, longer or shorter, and nothing of it is left', () => {
  for (const [first, second] of [
    [BYTES, BYTES.subarray(0, 7)],
    [BYTES.subarray(0, 7), BYTES],
  ] as const) {
    files.write(NAME, first);
    const { ino } = statSync(pathOf(NAME));
    files.letGo(NAME);
    files.write('session-a-8', second);
    expect(statSync(pathOf('session-a-8')).ino).toBe(ino);
    expect(readdirSync(directory)).toEqual(['packets-session-a-8.aes']);
    expect(Buffer.from(files.read('session-a-8')).equals(second)).toBe(true);
    expect(() => files.read(NAME)).toThrow('ENOENT');
    files.remove('session-a-8');
  }
});

test('files that were let go are removed where no others come in their place', () => {
  for (const name of ['session-a-1', 'session-a-2', 'session-a-3']) files.write(name, BYTES);
  files.letGo('session-a-1');
  files.letGo('session-a-2');
  files.write('session-a-4', BYTES);
  files.clear();
  expect(files.list().map(({ name }) => name)).toEqual(['session-a-3', 'session-a-4']);
});

test('a file that was let go and is gone, or has become a link, is not written over', () => {
  const mine = join(directory, 'mine.txt');
  writeFileSync(mine, 'mine');
  for (const meanwhile of [() => {}, () => symlinkSync(mine, pathOf(NAME))]) {
    files.write(NAME, BYTES);
    files.letGo(NAME);
    rmSync(pathOf(NAME));
    meanwhile();
    files.write('session-a-8', BYTES);
    expect(files.read('session-a-8')).toHaveLength(BYTES.length);
    expect(readFileSync(mine, 'utf8')).toBe('mine');
    files.remove('session-a-8');
  }
});

test('only files of segments are listed, and removed', () => {
  files.write(NAME, BYTES);
  writeFileSync(join(directory, 'notes.txt'), 'mine');
  writeFileSync(join(directory, 'packets-3.aes'), 'of an older version');
  expect(
    files
      .list()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['3', NAME]);
  removeSegmentFiles(directory);
  expect(readdirSync(directory)).toEqual(['notes.txt']);
  removeSegmentFiles(join(directory, 'nowhere'));
});
