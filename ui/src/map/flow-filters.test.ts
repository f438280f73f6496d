import { expect, test } from 'vitest';
import type { MapNode } from '../../../flow/api.ts';
import { compileFilter } from '../../../flow/filter.ts';
import { mapNode as node } from '../../../test/map-parts.ts';
import { edgeClause, endClause } from './flow-filters.ts';

test('each kind of node has flows that the hub can find', () => {
  const filter = (change: Partial<MapNode>) => endClause('dst', { ...node('cart', 'shop'), ...change });
  expect(filter({ kind: 'pod' })).toBe('dst.pod.name == "cart" && dst.namespace == "shop"');
  expect(filter({ kind: 'service' })).toBe('dst.service.name == "cart" && dst.namespace == "shop"');
  expect(filter({ kind: 'namespace' })).toBe('dst.namespace == "cart"');
  expect(filter({ kind: 'node' })).toBe('dst.node == "cart"');
  expect(filter({ id: 'addresses', kind: 'address' })).toBe('dst.name == dst.ip');
  for (const kind of ['pod', 'service', 'namespace', 'node'] as const)
    expect(() => compileFilter(filter({ kind }))).not.toThrow();
  expect(() => compileFilter(filter({ id: 'addresses' }))).not.toThrow();
});

test('the filter of an edge is one the hub takes', () => {
  const clause = edgeClause(node('web', 'shop'), node('10.0.0.1'));
  expect(clause).toBe('src.name == "web" && src.namespace == "shop" && dst.name == "10.0.0.1"');
  expect(() => compileFilter(clause)).not.toThrow();
  expect(() => compileFilter(edgeClause(node('a" || true || "'), node('\u202e\\\n')))).not.toThrow();
});
