import { expect, test } from 'vitest';
import type { MapEdge, MapLevel, MapNode, ServiceMap } from '../../../flow/api.ts';
import { FIELDS } from '../../../flow/fields.ts';
import { compileFilter } from '../../../flow/filter.ts';
import { findByFilter, findByName, isFilter, unknownOfEdges, withFinding } from './find.ts';

const node = (id: string, kind: MapNode['kind'] = 'workload'): MapNode => {
  const [namespace, name] = id.includes('/') ? id.split('/') : [undefined, id];
  return {
    ...{ id, name: name!, kind, ips: [], served: 10, sent: 10, errors: 1 },
    ...(namespace && { namespace }),
  };
};
const edge = (from: string, to: string, more: Partial<MapEdge> = {}): MapEdge => ({
  ...{ from, to, protocol: 'http', count: 5, errors: 0, rate: 1 },
  ...{ p50: 1, p95: 20, p99: 30, bytes: 0, lostBytes: 0 },
  ...more,
});
const MAP: ServiceMap = {
  ...{ from: '', to: '', level: 'workload' as MapLevel, seconds: 60 },
  nodes: [
    ...[node('shop/cart'), node('shop/orders'), node('pay/payments')],
    ...[node('api.example.com', 'external'), node('n1', 'node')],
  ],
  edges: [
    edge('shop/cart', 'shop/orders'),
    edge('shop/orders', 'pay/payments', { errors: 1, p95: 1200 }),
    edge('pay/payments', 'api.example.com'),
    edge('n1', 'shop/cart', { protocol: 'probe' }),
  ],
};
const found = (filter: string): string[] => [...findByFilter(MAP, compileFilter(filter)).edges];
const keys = (...at: number[]): string[] =>
  at.map((n) => [...findByFilter({ ...MAP, edges: [MAP.edges[n]!] }, { matches: () => true }).edges][0]!);

test.each([
  ['src.name == "cart"', [0]],
  ['dst.service.name == "orders" && src.pod.namespace == "shop"', [0]],
  ['dst.workload.startsWith("pay")', [1]],
  ['error', [1]],
  ['slow || elapsed_time > 1000000', [1]],
  ['external', [2]],
  ['probe', [3]],
  ['src.node == "n1"', [3]],
  ['"pay" in namespaces', [1, 2]],
  ['src.namespace == dst.namespace && !probe', [0]],
])('%s', (filter, at) => {
  expect(found(filter)).toEqual(keys(...at));
});

test('what is found are the edges, and their ends', () => {
  expect([...findByFilter(MAP, compileFilter('error')).nodes].sort()).toEqual([
    'pay/payments',
    'shop/orders',
  ]);
});

test('a part of a name finds nodes, and all that they do', () => {
  const { nodes, edges } = findByName(MAP, ' ORDERS ');
  expect([...nodes]).toEqual(['shop/orders']);
  expect([...edges]).toEqual(keys(0, 1));
});

test('only what was found, or all but that', () => {
  const orders = findByName(MAP, 'orders');
  expect(withFinding(MAP, orders, 'only').nodes.map(({ id }) => id)).toEqual([
    ...['shop/cart', 'shop/orders', 'pay/payments'],
  ]);
  const rest = withFinding(MAP, orders, 'hidden');
  expect(rest.nodes.map(({ id }) => id)).toEqual([...['shop/cart', 'pay/payments', 'api.example.com', 'n1']]);
  expect(rest.nodes[0]!.sent).toBe(5);
});

test('names are told from filters', () => {
  for (const name of ['cart', 'shop/cart', 'api.example.com', '10.0.0.1', 'not-error'])
    expect(isFilter(name), name).toBe(false);
  for (const filter of ['external', 'src.name == "x"', '!probe', 'dst.name.startsWith("a")'])
    expect(isFilter(filter), filter).toBe(true);
});

test('what only flows have is named, and not taken for missing', () => {
  const isField = (path: string): boolean => FIELDS.some(({ name }) => name === path);
  expect(unknownOfEdges('error && path.startsWith("/a")', isField)).toBe('path');
  expect(unknownOfEdges('request.headers["x"] == "1"', isField)).toBe('request.headers');
  expect(unknownOfEdges('src.pod.namespace == "path" && slow', isField)).toBeUndefined();
});
