import { expect, test } from 'vitest';
import { compileFilter } from '../../../flow/filter.ts';
import type { Flow } from '../../../flow/flow.ts';
import { clauseFor, endpointClause, excluding } from './facets.ts';

const endpoint = { count: 1, errors: 0, p50: null, p95: null, p99: null };
const flow = (path: string) =>
  ({
    dst: { ip: '', port: 1, name: 'a"b' },
    request: { method: 'GET', path, headers: [] },
  }) as unknown as Flow;

test('a value becomes a condition, and its opposite', () => {
  expect(clauseFor('status_code', '503')).toBe('status_code == 503');
  expect(clauseFor('dst.name', 'a"b')).toBe('dst.name == "a\\"b"');
  expect(clauseFor('completeness', 'gap')).toBe('"gap" in completeness');
  expect(clauseFor('dst.name', '…')).toBeUndefined();
  const without = compileFilter(excluding(clauseFor('dst.name', 'a"b')!));
  expect(without.matches(flow('/'))).toBe(false);
});

test.each([
  ['/users/{id}/a.b', '/users/17/a.b', '/users/17/aXb'],
  ['/a/b/c/d/e/f/g/h/i/j/k/…', '/a/b/c/d/e/f/g/h/i/j/k/l/m', '/a/b/c'],
  ['/plain', '/plain', '/plain/x'],
])('the flows of an endpoint %s are found again', (template, yes, no) => {
  const filter = compileFilter(endpointClause({ ...endpoint, server: 'a"b', method: 'GET', template })!);
  expect(filter.matches(flow(yes))).toBe(true);
  expect(filter.matches(flow(no))).toBe(false);
});

test('what stands for all others is no condition', () => {
  expect(endpointClause({ ...endpoint, server: '…', method: '', template: '' })).toBeUndefined();
});
