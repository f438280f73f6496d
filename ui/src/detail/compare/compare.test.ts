import { expect, test } from 'vitest';
import type { Flow } from '../../../../flow/flow.ts';
import { shopFlow } from '../../../../test/browser/shop.ts';
import { compareFlows } from './compare.ts';

const base = shopFlow(1, 1_700_000_000_000);
const json = (text: string): Flow => ({
  ...base,
  response: {
    ...{ status: 200, reason: 'OK', headers: [], bodySize: text.length },
    body: { mime: 'application/json', text },
  },
});

test('a flow is the same as itself', () => {
  const { sections, bodies } = compareFlows(base, base);
  for (const { pairs } of sections) expect(pairs.every(({ same }) => same)).toBe(true);
  for (const { lines } of bodies) expect(lines.every(({ same }) => same)).toBe(true);
});

test('JSON is compared value by value, however it is laid out', () => {
  const { bodies } = compareFlows(json('{"a":1,"b":[2]}'), json('{ "a": 1,\n "b": [ 3 ] }'));
  const { lines } = bodies.find(({ title }) => title === 'Response body')!;
  expect(lines.filter(({ same }) => !same).map(({ a, b }) => [a?.trim(), b?.trim()])).toEqual([['2', '3']]);
});

test('an answer that never came stands beside one that did', () => {
  const { response: _, elapsedMs: __, ...lost } = base;
  const { sections } = compareFlows(json('{}'), lost as Flow);
  const status = sections[0]!.pairs.find(({ name }) => name === 'Status');
  expect(status).toMatchObject({ a: '200 OK', b: 'no answer', same: false });
});
