import { expect, test } from 'vitest';
import type { MapNode } from '../../../flow/api.ts';
import { compileFilter } from '../../../flow/filter.ts';
import { edgeClause } from './flow-filters.ts';

const node = (name: string, namespace?: string): MapNode => ({
  id: name,
  name,
  kind: 'workload',
  ...(namespace === undefined ? {} : { namespace }),
  ips: [],
  served: 0,
  sent: 0,
  errors: 0,
});

test('the filter of an edge is one the hub takes', () => {
  const clause = edgeClause(node('web', 'shop'), node('10.0.0.1'));
  expect(clause).toBe('src.name == "web" && src.namespace == "shop" && dst.name == "10.0.0.1"');
  expect(() => compileFilter(clause)).not.toThrow();
  expect(() => compileFilter(edgeClause(node('a" || true || "'), node('\u202e\\\n')))).not.toThrow();
});
