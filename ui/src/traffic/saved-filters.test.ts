import { expect, test } from 'vitest';
import { compileFilter } from '../../../flow/filter.ts';
import { asText, MOST_SAVED, parse, READY, withFilter } from './saved-filters.ts';

test('what is written as text is read again, colons of filters and all', () => {
  const filters = [
    { name: 'orders, slow', filter: 'dst.name == "orders:8080" && slow' },
    { name: 'Zürich', filter: 'host == "a"' },
  ];
  expect(parse(asText(filters))).toEqual(filters);
  expect(parse(`words\r\n: x\nempty:\n\n a  b : slow \r\na b: error`)).toEqual([
    { name: 'a b', filter: 'error' },
  ]);
});

test('a name stands for one filter, and they are not kept without end', () => {
  const first = withFilter([], { name: 'x: y', filter: 'slow' });
  expect(withFilter(first, { name: 'x y', filter: 'error' })).toEqual([{ name: 'x y', filter: 'error' }]);
  expect(withFilter(first, { name: ' ', filter: 'error' })).toEqual(first);
  const many = Array.from({ length: 2 * MOST_SAVED }, (_, n) => `f${n}: slow`).join('\n');
  expect(parse(many)).toHaveLength(MOST_SAVED);
});

test('the ready ones are filters', () => {
  for (const { filter } of READY) expect(() => compileFilter(filter), filter).not.toThrow();
});
