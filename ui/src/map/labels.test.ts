import { expect, test } from 'vitest';
import type { MapEdge, MapNode } from '../../../flow/api.ts';
import { coverageText, edgeLabel, nodeLabel } from './labels.ts';

const node: MapNode = {
  id: 'a',
  name: 'orders',
  kind: 'workload',
  ips: [],
  served: 600,
  sent: 10,
  errors: 0,
};
const edge = { rate: 12.3, p95: 43, errors: 0, count: 100 } as MapEdge;

test('a node tells its rate, and its errors in words', () => {
  expect(nodeLabel(node, 60)).toBe('orders\n10/s');
  expect(nodeLabel({ ...node, errors: 12 }, 60)).toBe('orders\n10/s  ▲ 2.0%');
  expect(nodeLabel({ ...node, served: 0, sent: 60 }, 60)).toBe('orders\n1.0/s');
});

test('over a long range the number is told, not a rate of next to nothing', () => {
  expect(nodeLabel(node, 1e9)).toBe('orders\n600 in all');
  expect(edgeLabel({ ...edge, rate: 0.0001, p95: null })).toBe('100 in all');
});

test('names are captured text', () => {
  expect(nodeLabel({ ...node, name: 'a\u202e\nb' }, 60)).toBe('a⟨U+202E⟩␊b\n10/s');
  expect(nodeLabel({ ...node, name: 'x'.repeat(500) }, 60).length).toBeLessThan(40);
});

test('an edge tells rate, p95 and errors, as far as there are any', () => {
  expect(edgeLabel(edge)).toBe('12/s\np95 43.0 ms');
  expect(edgeLabel({ ...edge, p95: null, errors: 1 })).toBe('12/s  ▲ 1.0%');
});

test('how much of an edge was seen; what is missing is never rounded away', () => {
  const seen = (lostBytes: number) => coverageText({ bytes: 1_000_000, lostBytes });
  expect([0, 1, 1000, 250_000, 1_000_000, 5_000_000].map(seen)).toEqual([
    '100%',
    '>99.9%',
    '99.9%',
    '75%',
    '0%',
    '0%',
  ]);
});
