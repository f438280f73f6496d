import { expect, test } from 'vitest';
import { compileFilter } from '../../../flow/filter.ts';
import type { Flow } from '../../../flow/flow.ts';
import { jsonLeaves } from './json-leaves.ts';

const BODY = {
  total: 12.5,
  count: 3,
  paid: false,
  coupon: null,
  'x-id': 'a"b\\',
  in: 'x',
  items: [{ sku: 'A' }, { sku: 'B', tags: ['new'] }],
};
const flowOf = (text: string) =>
  ({ request: { method: 'GET', headers: [], body: { mime: '', text } } }) as unknown as Flow;

test('every value is found again by its condition, and only there', () => {
  const text = JSON.stringify(BODY);
  const leaves = jsonLeaves(text, 'request.json', 100)!;
  expect(leaves.map(({ path }) => path)).toEqual([
    ...['total', 'count', 'paid', 'coupon', '["x-id"]', '["in"]'],
    ...['items[0].sku', 'items[1].sku', 'items[1].tags[0]'],
  ]);
  for (const { clause } of leaves) {
    const filter = compileFilter(clause);
    expect(filter.matches(flowOf(text)), clause).toBe(true);
    expect(filter.matches(flowOf('{"other":1,"coupon":2}')), clause).toBe(false);
  }
});

test('no JSON has no values, and a large one is not read without end', () => {
  expect(jsonLeaves('{"a":', 'request.json', 10)).toBeUndefined();
  expect(jsonLeaves(JSON.stringify(Array(100).fill(1)), 'request.json', 10)).toHaveLength(10);
  expect(jsonLeaves('['.repeat(60_000) + ']'.repeat(60_000), 'request.json', 10)).toEqual([]);
  expect(jsonLeaves('"word"', 'response.json', 10)).toEqual([
    { path: '(all)', text: 'word', clause: 'response.json == "word"' },
  ]);
});
