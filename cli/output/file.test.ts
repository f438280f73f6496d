import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OutputFile } from './file.ts';

let root: string;
let file: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'remora-file-'));
  file = join(root, 'out');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('it is there when it is whole, for its owner alone, and nothing else is', async () => {
  const output = await OutputFile.open(file, { replace: false });
  await output.write('one ');
  await output.write(Buffer.from('two'));
  expect(readdirSync(root)).not.toContain('out');
  await output.finish();
  await output.abandon();
  expect(readFileSync(file, 'utf8')).toBe('one two');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(root)).toEqual(['out']);
});

test('what is piped into it', async () => {
  const output = await OutputFile.open(file, { replace: false });
  await pipeline(Readable.from([Buffer.from('one '), Buffer.from('two')]), output.stream());
  await output.finish();
  await output.abandon();
  expect(readFileSync(file, 'utf8')).toBe('one two');
});

test('one that is given up leaves nothing', async () => {
  const output = await OutputFile.open(file, { replace: false });
  await output.write('half');
  await output.abandon();
  expect(readdirSync(root)).toEqual([]);
});

test('what is there is replaced only where that is wanted, also what came in the meantime', async () => {
  const late = await OutputFile.open(file, { replace: false });
  writeFileSync(file, 'old');
  await late.write('new');
  await expect(late.finish()).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  await late.abandon();
  await expect(OutputFile.open(file, { replace: false })).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  expect(readFileSync(file, 'utf8')).toBe('old');
  const output = await OutputFile.open(file, { replace: true });
  await output.write('new');
  await output.finish();
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(readdirSync(root)).toEqual(['out']);
});

test('a directory, and a place that is not there, are told', async () => {
  mkdirSync(file);
  await expect(OutputFile.open(file, { replace: true })).rejects.toMatchObject({ code: 'USAGE' });
  await expect(OutputFile.open(join(root, 'no', 'out'), { replace: true })).rejects.toMatchObject({
    code: 'NOT_WRITTEN',
    message: expect.stringContaining('ENOENT'),
  });
});

test('what is no file is written as it stands', async () => {
  const output = await OutputFile.open('/dev/null', { replace: false });
  await output.write('x');
  await output.finish();
  await output.abandon();
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
});
