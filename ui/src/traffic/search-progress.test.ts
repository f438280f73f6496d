import { expect, test } from 'vitest';
import { dateTime } from '../lib/format.ts';
import { progressText } from './search-progress.ts';

const since = '2026-11-21T14:02:11Z';
const back = `flows, back to ${dateTime(since)}`;

test.each([
  [3_211_000, 10_000_000, `Looked through 3.2 M of 10.0 M ${back}`],
  [64_100, 99_999, `Looked through 64,100 of 99,999 ${back}`],
  [120_000_000, 240_000_000, `Looked through 120 M of 240 M ${back}`],
  [500, 400, `Looked through 500 ${back}`],
  [500, undefined, `Looked through 500 ${back}`],
])('%i of %s', (scanned, stored, text) => {
  expect(progressText({ scanned, since }, stored)).toBe(text);
});
