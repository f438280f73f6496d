import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { Terminal } from '../output/terminal.ts';
import { SearchProgress } from './search-progress.ts';

function written(isTTY: boolean, use: (progress: SearchProgress) => void): string {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  const progress = new SearchProgress(new Terminal(stream as unknown as WriteStream, {}, false), 0);
  use(progress);
  progress.close();
  return String(stream.read() ?? '');
}

const SINCE = '2026-11-21T14:02:11.123456Z';
const long = (progress: SearchProgress) => {
  progress.looked(64_000, SINCE, 700);
  progress.looked(64_100, SINCE, 1400);
};

test('after a second a terminal is told how far a search is, and the line goes when it is done', () => {
  const text = written(true, long);
  expect(text).toContain('looked through 128,100 flows, back to 2026-11-21T14:02:11Z');
  expect(text.endsWith('\r\x1b[2K')).toBe(true);
  expect(written(true, (progress) => progress.looked(10, null, 1400))).toContain('looked through 10 flows');
});

test('what a hub answers cannot act on the terminal', () => {
  const text = written(true, (progress) => progress.looked(1, '\u001b[31m', 1400));
  expect(text).toContain('back to \\u001b[31m');
});

test('nothing of a search that is soon done, nor where there is no terminal', () => {
  expect(written(true, (progress) => progress.looked(64_000, SINCE, 700))).toBe('');
  expect(written(false, long)).toBe('');
});
