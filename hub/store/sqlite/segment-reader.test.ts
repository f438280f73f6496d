import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SEGMENT_MIGRATIONS } from './schema.ts';
import { SegmentReader } from './segment-reader.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'remora-segment-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A segment of flows with these times, in the order of their arrival; its first row is `first`. */
function segmentOf(times: readonly number[], first = 1): SegmentReader {
  const file = join(dir, 'segment.db');
  const db = new Sqlite(file);
  for (const migrate of SEGMENT_MIGRATIONS) migrate(db);
  const insert = db.prepare(
    `INSERT INTO flows VALUES (?, ?, 0, ?, 1, 1, 1, 1, 1, 1, 1, 'GET', '', '/', 200, 5, 0, 0, 0, 0)`,
  );
  db.transaction(() => {
    for (const [n, time] of times.entries()) insert.run(first + n, time, n);
    db.prepare('UPDATE state SET flows = ?').run(times.length);
  })();
  db.close();
  return new SegmentReader(file);
}

/** Fifty more or less. */
const about = (count: number) => expect.closeTo(count, -2);
const at = (time: number) => ({ time, high: 0, low: 0 });

test('how many flows there are in a range of time is told, whether they are many or few', () => {
  const segment = segmentOf(
    Array.from({ length: 50_000 }, (_, n) => 1000 + n),
    7_000_001,
  );
  expect(segment.count(at(99_999), 0)).toBe(50_000);
  expect(segment.count(at(41_000), 1000)).toEqual(about(40_000));
  expect(segment.count(at(41_000), 0)).toEqual(about(40_000));
  expect(segment.count(at(99_999), 11_000)).toEqual(about(40_000));
  expect(segment.count(at(31_000), 11_000)).toEqual(about(20_000));
  expect(segment.count(at(11_100), 11_000)).toBe(100);
  expect(segment.count(at(1000), 0)).toBe(0);
  expect(segment.count(at(99_999), 60_000)).toBe(0);
  segment.close();
});

test('flows that came late are counted with the others of their time', () => {
  const inOrder = Array.from({ length: 30_000 }, (_, n) => 10 * n);
  const late = Array.from({ length: 500 }, (_, n) => 100_000 + 10 * n + 1);
  const segment = segmentOf([...inOrder, ...late]);
  // The newest flow before 105,000 is one of those that came last.
  const before = at(105_000);
  expect(segment.count(before, 100_000)).toBe(1000);
  expect(segment.count(at(299_000), 105_000)).toEqual(about(19_400));
  expect(segment.count(at(300_001), 50_000)).toBeGreaterThanOrEqual(25_000);
  expect(segment.count(at(300_001), 50_000)).toBeLessThanOrEqual(25_500);
  segment.close();
});

test('how far back so many flows go is told by their rows', () => {
  const segment = segmentOf(Array.from({ length: 20_000 }, (_, n) => 1000 + n));
  expect(segment.timeBack(at(11_000), 0, 1000)).toBe(10_000);
  expect(segment.timeBack(at(11_000), 10_500, 1000)).toBeUndefined();
  expect(segment.timeBack(at(99_999), 0, 20_001)).toBeUndefined();
  segment.close();
});
