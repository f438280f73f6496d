import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alignLines, alignPairs } from './align.ts';

test('headers stand beside each other by name, repeated ones in order', () => {
  expect(
    alignPairs(
      [
        ['Accept', 'a'],
        ['Via', '1'],
        ['via', '2'],
        ['X-Old', 'x'],
      ],
      [
        ['via', '1'],
        ['accept', 'b'],
        ['X-New', 'y'],
      ],
    ),
  ).toEqual([
    { name: 'Accept', a: 'a', b: 'b', same: false },
    { name: 'Via', a: '1', b: '1', same: true },
    { name: 'via', a: '2', same: false },
    { name: 'X-Old', a: 'x', same: false },
    { name: 'X-New', b: 'y', same: false },
  ]);
});

test('a line that changed stands beside what it became; one more stands alone', () => {
  expect(alignLines(['{', 'a: 1', 'b: 2', '}'], ['{', 'a: 9', 'b: 2', 'c: 3', '}'])).toEqual([
    { a: '{', b: '{', same: true },
    { a: 'a: 1', b: 'a: 9', same: false },
    { a: 'b: 2', b: 'b: 2', same: true },
    { b: 'c: 3', same: false },
    { a: '}', b: '}', same: true },
  ]);
});

test('whatever the texts are, each side is there whole and in order, and what is called the same is', () => {
  const lines = fc.array(fc.constantFrom('', 'a', 'b', 'c', '{'), { maxLength: 40 });
  fc.assert(
    fc.property(lines, lines, (a, b) => {
      const rows = alignLines(a, b);
      const side = (of: 'a' | 'b') => rows.flatMap((row) => row[of] ?? []);
      expect([side('a'), side('b')]).toEqual([a, b]);
      expect(rows.filter((row) => row.same && row.a !== row.b)).toEqual([]);
      if (a.join() === b.join() && a.length === b.length) expect(rows.every(({ same }) => same)).toBe(true);
    }),
  );
});

test('texts of many lines that differ throughout take no time without end', () => {
  const a = Array.from({ length: 20_000 }, (_, n) => `a${n}`);
  const b = Array.from({ length: 20_000 }, (_, n) => `b${n}`);
  expect(alignLines(a, b)).toHaveLength(20_000);
});
