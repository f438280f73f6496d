import { PassThrough, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { readZip } from '../../test/read-zip.ts';
import { Archive, MAX_ARCHIVE, MAX_ENTRY } from './archive.ts';

test('files are in one directory, in the order they were added, the last one included', async () => {
  const output = new PassThrough();
  const whole = buffer(output);
  const archive = new Archive('logs', output);
  archive.add('a/b.txt', 'one');
  archive.add('c.txt', 'größer');
  await archive.close('README.txt', 'last');
  expect([...(await readZip(await whole))]).toEqual([
    ['logs/a/b.txt', 'one'],
    ['logs/c.txt', 'größer'],
    ['logs/README.txt', 'last'],
  ]);
  expect(archive.files).toBe(2);
  expect(archive.missing).toEqual([]);
});

test('of a text that is too long the newest lines stay, whole, and it is said', async () => {
  const output = new PassThrough();
  const whole = buffer(output);
  const archive = new Archive('logs', output);
  const lines = Array.from({ length: 100_000 }, (_, i) => `line ${i} ${'x'.repeat(50)}\n`);
  archive.add('long.log', lines.join(''));
  await archive.close('README.txt', '');
  const text = (await readZip(await whole)).get('logs/long.log') ?? '';
  expect(text.length).toBeLessThanOrEqual(MAX_ENTRY + 100);
  expect(text).toMatch(/^\(the beginning is left out\)\nline \d+ x+\n/);
  expect(text.endsWith(lines.at(-1) as string)).toBe(true);
  expect(archive.missing).toEqual(['long.log: only the last 4 MiB are in it']);
});

test('a full archive takes nothing more, and says what', async () => {
  const output = new PassThrough();
  const whole = buffer(output);
  const archive = new Archive('logs', output);
  const text = `${'x'.repeat(MAX_ENTRY - 1)}\n`;
  const fits = Math.floor(MAX_ARCHIVE / text.length);
  for (let i = 0; i < fits + 2; i++) archive.add(`${i}.log`, text);
  await archive.close('README.txt', 'still there');
  const files = await readZip(await whole);
  expect(files.size).toBe(fits + 1);
  expect(files.get('logs/README.txt')).toBe('still there');
  expect(archive.missing).toEqual([fits, fits + 1].map((i) => `${i}.log: the archive is full (64 MiB)`));
});

test('a disk that is full ends it with its error', async () => {
  const full = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('no space'), { code: 'ENOSPC' })),
  });
  const archive = new Archive('logs', full);
  archive.add('a.txt', 'one');
  await expect(archive.close('README.txt', '')).rejects.toMatchObject({ code: 'ENOSPC' });
});
