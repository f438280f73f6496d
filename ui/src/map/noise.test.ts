import { expect, test } from 'vitest';
import type { MapEdge, MapNode, ServiceMap } from '../../../flow/api.ts';
import { noisesOf, withoutNoise } from './noise.ts';

const node = (id: string, served: number, sent: number, errors = 0): MapNode => ({
  ...{ id, name: id, kind: 'workload', ips: [], served, sent, errors },
});
const edge = (from: string, to: string, protocol: string, count: number, errors = 0): MapEdge => ({
  ...{ from, to, protocol, count, errors, rate: count, p50: 1, p95: 1, p99: 1, bytes: 0, lostBytes: 0 },
});

const MAP: ServiceMap = {
  ...{ from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:01:00Z', level: 'workload', seconds: 60 },
  nodes: [node('node1', 0, 13), node('web', 30, 20, 4), node('db', 25, 0, 1), node('idle', 5, 0)],
  edges: [
    edge('node1', 'web', 'http', 3),
    edge('node1', 'web', 'probe', 7, 3),
    edge('web', 'db', 'http', 20, 1),
    edge('node2', 'db', 'probe', 5),
    edge('node1', 'idle', 'probe', 5),
  ],
};

test('probes are gone, with what they were counted for, and nodes that only probed or were probed', () => {
  const { nodes, edges } = withoutNoise(MAP, ['probes']);
  expect(edges.map(({ from, to }) => [from, to])).toEqual([
    ['node1', 'web'],
    ['web', 'db'],
  ]);
  expect(nodes).toEqual([node('node1', 0, 1), node('web', 23, 20, 1), node('db', 20, 0, 1)]);
});

test('the map itself stays as it is', () => {
  const before = structuredClone(MAP);
  withoutNoise(MAP, ['probes']);
  expect(MAP).toEqual(before);
});

test('which there are', () => {
  expect(noisesOf(MAP)).toEqual(['probes']);
  expect(noisesOf(withoutNoise(MAP, ['probes']))).toEqual([]);
});

test('name servers and who collects metrics are told by their names', () => {
  const nodes = [
    node('web', 5, 5),
    node('coredns', 5, 0),
    node('kube-prometheus-0', 0, 5),
    node('cart', 5, 0),
  ];
  const edges = [
    edge('web', 'coredns', 'http', 5),
    edge('kube-prometheus-0', 'web', 'http', 5),
    edge('web', 'cart', 'http', 5),
    edge('web', 'gone', 'dns', 5),
  ];
  const map = { ...MAP, nodes, edges };
  expect(noisesOf(map)).toEqual(['dns', 'monitoring']);
  expect(withoutNoise(map, ['dns']).edges.map(({ to }) => to)).toEqual(['web', 'cart']);
  expect(withoutNoise(map, ['dns', 'monitoring']).nodes.map(({ id }) => id)).toEqual(['web', 'cart']);
  expect(withoutNoise(map, [])).toBe(map);
});
