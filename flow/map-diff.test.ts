import { expect, test } from 'vitest';
import type { MapEdge, MapNode, ServiceMap } from './api.ts';
import { compareMaps, edgeKey, failsMore, pair } from './map-diff.ts';

const edge = (to: string, change: Partial<MapEdge> = {}): MapEdge => ({
  ...{ from: 'web', to, protocol: 'http', count: 100, rate: 1, errors: 0, p50: 5, p95: 20, p99: 30 },
  ...{ bytes: 1000, lostBytes: 0 },
  ...change,
});
const mapOf = (...edges: MapEdge[]): ServiceMap => ({
  ...{ from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:01:00Z', level: 'workload', seconds: 60 },
  nodes: [...new Set(edges.flatMap(({ from, to }) => [from, to]))].map(
    (id): MapNode => ({ id, name: id, kind: 'workload', ips: [], served: 1, sent: 1, errors: 0 }),
  ),
  edges,
});
const changeOf = (before: MapEdge, now: MapEdge) =>
  compareMaps(mapOf(before), mapOf(now)).changes.get(edgeKey(now))?.change;

test('edges that are new, gone, more failing, slower and the same', () => {
  const before = mapOf(edge('gone'), edge('same'), edge('slow'), edge('bad'));
  const now = mapOf(
    edge('same', { count: 900, rate: 9 }),
    edge('slow', { p95: 60 }),
    edge('bad', { errors: 1, p95: 90 }),
    edge('new'),
  );
  const { map, changes } = compareMaps(before, now);
  expect(map.edges.map((one) => [one.to, changes.get(edgeKey(one))?.change])).toEqual([
    ['same', 'same'],
    ['slow', 'slower'],
    ['bad', 'failing'],
    ['new', 'new'],
    ['gone', 'gone'],
  ]);
  // What is gone can be seen, and counts for nothing.
  expect(map.nodes.find(({ id }) => id === 'gone')).toMatchObject({ served: 0 });
  expect(map.edges.at(-1)).toMatchObject({ count: 0, rate: 0, p95: null });
  expect(changes.get(edgeKey(edge('gone')))?.before?.count).toBe(100);
});

test('little is not slower: a few ms, a few requests, an unknown time', () => {
  expect(changeOf(edge('a', { p95: 2 }), edge('a', { p95: 6 }))).toBe('same');
  expect(changeOf(edge('a', { p95: 100 }), edge('a', { p95: 140 }))).toBe('same');
  expect(changeOf(edge('a', { p95: 100 }), edge('a', { p95: 160 }))).toBe('slower');
  expect(changeOf(edge('a', { count: 3 }), edge('a', { p95: 900 }))).toBe('same');
  expect(changeOf(edge('a', { p95: null }), edge('a', { p95: 900 }))).toBe('same');
});

test('any errors are more than none; else it takes some points', () => {
  expect(failsMore(0, 0.1)).toBe(true);
  expect(failsMore(1, 6)).toBe(false);
  expect(failsMore(1, 6.1)).toBe(true);
  expect(failsMore(50, 0)).toBe(false);
});

test('a key that comes twice now is held against once', () => {
  expect(pair(['a'], ['a', 'a'], (one) => one)).toEqual({ added: ['a'], gone: [], kept: [['a', 'a']] });
});
