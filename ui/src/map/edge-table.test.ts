import { expect, test } from 'vitest';
import { largeMap } from '../../../test/browser/mock-map.ts';
import { edgeRows, SORTS, type SortKey } from './edge-table.ts';
import { findByName } from './find.ts';

const map = largeMap(30, 60);

test.each(Object.keys(SORTS) as SortKey[])('sorted by %s, up and down', (key) => {
  const values = (down: boolean): (string | number)[] =>
    edgeRows(map, key, down, undefined).map((row) => SORTS[key](row));
  const up = values(false);
  expect(up).toEqual([...up].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  expect(values(true)).toEqual([...up].reverse());
});

test('only those that were found', () => {
  const rows = edgeRows(map, 'rate', true, findByName(map, 'SERVICE-0003').edges);
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.length).toBeLessThan(60);
  expect(rows.every(({ edge }) => /0003$/.test(edge.from) || /0003$/.test(edge.to))).toBe(true);
});
