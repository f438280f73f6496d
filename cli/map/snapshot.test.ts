import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../../flow/flow.ts';
import { colorsFor } from '../output/terminal.ts';
import { formatDiff } from './formats.ts';
import {
  diffSnapshots,
  errorShare,
  formatSnapshot,
  isNews,
  parseSnapshot,
  snapshotLines,
} from './snapshot.ts';
import { MAX_ENDPOINTS, MapCollector, type MappedExchange, type TrafficMap } from './traffic-map.ts';

const end = (name: string): Endpoint => ({
  ip: '10.0.0.1',
  port: 80,
  name,
  namespace: 'shop',
  workload: name,
});

function exchange(from: string, to: string, change: Partial<MappedExchange> = {}): MappedExchange {
  return { src: end(from), dst: end(to), method: 'GET', path: '/', status: 200, elapsedMs: 10, ...change };
}

function mapOf(...exchanges: MappedExchange[]): TrafficMap {
  const collector = new MapCollector();
  for (const one of exchanges) collector.add(one);
  return collector.build();
}
const lines = (...exchanges: MappedExchange[]) => snapshotLines(mapOf(...exchanges));
const many = (count: number, one: MappedExchange) => Array.from({ length: count }, () => one);

describe('the map', () => {
  test('counts by edge and endpoint, sorted, identifiers folded', () => {
    const { nodes, edges } = mapOf(
      exchange('web', 'orders', { path: '/orders/17', elapsedMs: 20 }),
      exchange('web', 'cart'),
      exchange('web', 'orders', { path: '/orders/18', status: 500, elapsedMs: 20 }),
      exchange('web', 'orders', { path: '/orders', method: 'POST', status: 0, elapsedMs: null }),
    );
    expect(nodes.map(({ id }) => id)).toEqual(['shop/cart', 'shop/orders', 'shop/web']);
    expect(edges.map(({ from, to, requests, errors }) => [from, to, requests, errors])).toEqual([
      ['shop/web', 'shop/cart', 1, 0],
      ['shop/web', 'shop/orders', 3, 2],
    ]);
    expect(edges[1]?.endpoints).toMatchObject([
      { method: 'POST', path: '/orders', requests: 1, errors: 1, p50: null },
      { method: 'GET', path: '/orders/{id}', requests: 2, errors: 1 },
    ]);
    expect(edges[1]?.endpoints[1]?.p50).toBeCloseTo(20, -0.5);
  });

  test('is of another level where one is asked for', () => {
    const collector = new MapCollector('pod');
    const pod = (name: string) => ({ ...end('cart'), pod: name });
    collector.add({ ...exchange('web', 'cart'), dst: pod('cart-1') });
    collector.add({ ...exchange('web', 'cart'), dst: pod('cart-2') });
    expect(collector.build().nodes.map(({ id, kind }) => `${kind} ${id}`)).toEqual([
      'pod shop/cart-1',
      'pod shop/cart-2',
      'workload shop/web',
    ]);
  });

  test('an answer whose request was not seen is on the edge, and no error and no endpoint', () => {
    const [edge] = mapOf(exchange('web', 'cart', { method: '', path: '', status: 0 })).edges;
    expect(edge).toMatchObject({ requests: 1, errors: 0, endpoints: [] });
  });

  test('is bounded, and says what that cost', () => {
    const collector = new MapCollector();
    for (let i = 0; i < MAX_ENDPOINTS + 10; i++) {
      const word = i.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '');
      collector.add(exchange('web', 'cart', { path: `/${word}-word` }));
    }
    const [edge] = collector.build().edges;
    expect(edge?.endpoints.length).toBe(MAX_ENDPOINTS + 1);
    expect(collector.counters.beyondEndpoints).toBe(10);
    expect(edge?.endpoints.find(({ path }) => path === '…')?.requests).toBe(10);
  });
});

describe('a snapshot', () => {
  test('is the same text whatever the order and the number of calls', () => {
    const [a, b] = [exchange('web', 'cart'), exchange('web', 'orders', { path: '/orders/17', status: 500 })];
    const text = formatSnapshot(mapOf(a, b));
    expect(text).toBe(
      '# remora map, version 1\n# from\tto\tmethod\tpath\terrors\n' +
        'shop/web\tshop/cart\tGET\t/\t0%\nshop/web\tshop/orders\tGET\t/orders/{id}\t100%\n',
    );
    expect(formatSnapshot(mapOf(b, a, a, { ...b, path: '/orders/99' }))).toBe(text);
  });

  test('keeps every name and path, and each on its line', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(text, text, text, (name, method, path) => {
        const traffic = mapOf(exchange(name, 'cart', { method, path }));
        const written = formatSnapshot(traffic);
        expect(written.trimEnd().split('\n')).toHaveLength(3);
        expect(parseSnapshot(written, 'f')).toEqual(snapshotLines(traffic));
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['', /does not begin with/],
    ['a\tb\tGET\t/\t0%\n', /does not begin with/],
    ['# remora map, version 1\n\na\tb\tGET\t/\n', /^f:3: /],
    ['# remora map, version 1\na\tb\tGET\t/\tmany\n', /^f:2: /],
  ])('what is none is refused: %j', (text, message) => {
    expect(() => parseSnapshot(text, 'f')).toThrow(message);
  });

  test('a share of errors does not hide any, nor exaggerate', () => {
    const share = (errors: number, requests: number) => errorShare({ errors, requests });
    expect([share(0, 9), share(1, 1000), share(1, 100), share(999, 1000), share(5, 5)]).toEqual([
      '0%',
      '<1%',
      '1%',
      '99%',
      '100%',
    ]);
  });
});

describe('what is new', () => {
  const before = lines(exchange('web', 'cart'), ...many(10, exchange('web', 'orders')));

  test('nothing, with other numbers of calls', () => {
    const diff = diffSnapshots(before, lines(...many(3, exchange('web', 'cart')), exchange('web', 'orders')));
    expect(isNews(diff)).toBe(false);
    expect(formatDiff(diff, colorsFor(process.stdout, { NO_COLOR: '1' }))).toBe(
      'Nothing new, and nothing gone.\n',
    );
  });

  test('an edge, once, and not its endpoints; an endpoint; errors where there were none', () => {
    const now = lines(
      exchange('cart', 'ledger', { path: '/a' }),
      exchange('cart', 'ledger', { path: '/b' }),
      exchange('web', 'orders', { path: '/new' }),
      ...many(999, exchange('web', 'cart')),
      exchange('web', 'cart', { status: 503 }),
    );
    const diff = diffSnapshots(before, now);
    expect(isNews(diff)).toBe(true);
    expect(formatDiff(diff, colorsFor(process.stdout, { NO_COLOR: '1' }))).toBe(`New edges:
  shop/cart → shop/ledger

New endpoints:
  shop/web → shop/orders  GET /new

More errors:
  shop/web → shop/cart  GET /  0% → <1%

Not seen this time:
  shop/web → shop/orders  GET /
`);
  });

  test('what is gone is no failure', () => {
    const diff = diffSnapshots(before, []);
    expect(diff.gone).toHaveLength(2);
    expect(isNews(diff)).toBe(false);
  });

  test('some more errors are within what differs from run to run', () => {
    const failing = (count: number) => [
      ...many(100 - count, exchange('web', 'cart')),
      ...many(count, exchange('web', 'cart', { status: 500 })),
    ];
    const ten = lines(...failing(10));
    expect(isNews(diffSnapshots(ten, lines(...failing(15))))).toBe(false);
    expect(isNews(diffSnapshots(ten, lines(...failing(16))))).toBe(true);
    expect(isNews(diffSnapshots(ten, lines(...failing(0))))).toBe(false);
  });
});
