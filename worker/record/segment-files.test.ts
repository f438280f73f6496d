import { randomBytes } from 'node:crypto';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
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
