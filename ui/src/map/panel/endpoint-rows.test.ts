import { expect, test } from 'vitest';
import type { EndpointSummary, Summary } from '../../../../flow/api.ts';
import { endpointRows, sortEndpoints } from './endpoint-rows.ts';

const endpoint = (template: string, change: Partial<EndpointSummary> = {}): EndpointSummary => ({
  ...{ server: 'cart', method: 'GET', template, count: 10, errors: 0, p50: 1, p95: 2, p99: 3 },
  ...change,
});
const summary = (endpoints: EndpointSummary[], since = '2026-03-01T12:00:00Z'): Summary => ({
  ...{
    from: '2026-03-01T12:00:00Z',
    to: '2026-03-01T12:05:00Z',
    since: '2026-03-01T12:00:00Z',
    partial: false,
  },
  detailed: { count: 0, since },
  ...{ count: 0, scanned: 0, errors: 0, p50: null, p95: null, p99: null },
  ...{ timeline: [], latencies: [], facets: [], endpoints },
});

test('rates are over the time there is data for, and that was looked through', () => {
  const of = (seconds: number, since?: string) =>
    endpointRows(summary([endpoint('/', { count: 600 })], since), '', seconds)[0]!.rate;
  expect(of(300)).toBe(2);
  expect(of(60)).toBe(10);
  expect(of(300, '2026-03-01T12:04:30Z')).toBe(20);
});

test('the filter of an endpoint adds to that of its edge what is not there', () => {
  const edge = 'src.name == "web" && dst.name == "cart" && dst.namespace == "shop"';
  const [one, others] = endpointRows(
    summary([endpoint('/users/{id}'), endpoint('', { server: '…', method: '' })]),
    edge,
    60,
  );
  expect(one!.filter).toBe(`${edge} && method == "GET" && path.matches("^/users/[^/]+$")`);
  expect(others!.filter).toBeUndefined();
});

test('sorted either way, equal ones by their names', () => {
  const rows = endpointRows(
    summary([
      endpoint('/b'),
      endpoint('/a'),
      endpoint('/slow', { p99: 900 }),
      endpoint('/none', { p99: null }),
    ]),
    '',
    60,
  );
  const sorted = (by: 'name' | 'rate' | 'p99', down: boolean) =>
    sortEndpoints(rows, by, down).map(({ template }) => template);
  expect(sorted('p99', true)).toEqual(['/slow', '/a', '/b', '/none']);
  expect(sorted('p99', false)).toEqual(['/none', '/a', '/b', '/slow']);
  expect(sorted('rate', true)).toEqual(['/a', '/b', '/none', '/slow']);
  expect(sorted('name', false)).toEqual(['/a', '/b', '/none', '/slow']);
});
