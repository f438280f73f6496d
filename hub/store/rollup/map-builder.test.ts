import { expect, test } from 'vitest';
import { MapBuilder } from './map-builder.ts';
import type { NodeIdentity } from './node.ts';

const address = (ip: string): NodeIdentity => ({ id: ip, name: ip, kind: 'address', namespace: '' });
const named = (name: string): NodeIdentity => ({ id: name, name, kind: 'external', namespace: '' });

function rowIn(builder: MapBuilder, from: NodeIdentity, to: NodeIdentity): number {
  return builder.row(builder.node(from), builder.node(to), builder.protocol('http'));
}

function build(edges: [NodeIdentity, NodeIdentity][], ips: [NodeIdentity, string][]) {
  const builder = new MapBuilder('workload', 0, 60_000_000);
  for (const [from, to] of edges) {
    const row = rowIn(builder, from, to);
    builder.totals.add(row, false, 100, 0, 1000);
  }
  for (const [node, ip] of ips) builder.addIp(builder.node(node), ip);
  return builder.build();
}

test('what was counted under an address goes to the one node that has it', () => {
  const map = build(
    [
      [address('10.0.0.1'), named('cart')],
      [named('front'), named('cart')],
      [address('10.0.0.9'), address('10.0.0.1')],
    ],
    [
      [address('10.0.0.1'), '10.0.0.1'],
      [named('front'), '10.0.0.1'],
      [named('cart'), '10.0.0.2'],
    ],
  );
  expect(map.nodes.map(({ id }) => id).sort()).toEqual(['10.0.0.9', 'cart', 'front']);
  expect(map.edges).toMatchObject([
    { from: 'front', to: 'cart', count: 2, bytes: 200 },
    { from: '10.0.0.9', to: 'front', count: 1 },
  ]);
  expect(map.nodes.find(({ id }) => id === 'front')).toMatchObject({ sent: 2, served: 1 });
});

test('an address that two nodes have had stays an address', () => {
  const map = build(
    [
      [address('10.0.0.1'), named('cart')],
      [named('front'), named('cart')],
    ],
    [
      [named('front'), '10.0.0.1'],
      [named('cart'), '10.0.0.1'],
    ],
  );
  expect(map.nodes.map(({ id }) => id).sort()).toEqual(['10.0.0.1', 'cart', 'front']);
});
