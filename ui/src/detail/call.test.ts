import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FlowRow } from '../../../flow/api.ts';
import { compileFilter } from '../../../flow/filter.ts';
import type { Endpoint, Flow } from '../../../flow/flow.ts';
import { formatTime } from '../../../flow/time.ts';
import { callFilter, callIds, nest } from './call.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

function withHeaders(sent: [string, string][], answered: [string, string][] = []): Flow {
  return { request: { headers: sent }, response: { headers: answered } } as unknown as Flow;
}

describe('ids', () => {
  test.each([
    ['Traceparent', `00-${TRACE}-b7ad6b7169203331-01`],
    ['b3', `${TRACE}-b7ad6b7169203331-1`],
    ['X-B3-TraceId', TRACE],
    ['uber-trace-id', `${TRACE}:b7ad6b7169203331:0:1`],
    ['uber-trace-id', `${TRACE}%3Ab7ad6b7169203331%3A0%3A1`],
  ])('the trace of %s: %s', (name, value) => {
    expect(callIds(withHeaders([[name, value]]))).toEqual({ trace: TRACE.slice(1) });
  });

  test('an id of 64 bits is the same, padded or not', () => {
    const short = callIds(withHeaders([['b3', '8448eb211c80319c-b7ad6b7169203331']]));
    const padded = callIds(
      withHeaders([['traceparent', `00-${'0'.repeat(16)}8448eb211c80319c-b7ad6b7169203331-01`]]),
    );
    expect(short).toEqual({ trace: '8448eb211c80319c' });
    expect(padded).toEqual(short);
  });

  test.each([
    ['traceparent', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
    ['traceparent', 'rubbish'],
    ['b3', '0'],
    ['uber-trace-id', '[REDACTED]'],
    ['x-request-id', '1'],
    ['x-request-id', 'a [REDACTED] one'],
    ['x-request-id', 'x'.repeat(201)],
  ])('none in %s: %s', (name, value) => {
    expect(callIds(withHeaders([[name, value]]))).toBeUndefined();
  });

  test('a request id is taken from the answer where the request had none', () => {
    expect(callIds(withHeaders([], [['X-Request-Id', 'f00dcafe-1']]))).toEqual({ request: 'f00dcafe-1' });
    expect(callIds({} as Flow)).toBeUndefined();
  });

  test('the filter finds the same call under each of the headers, and no other', () => {
    const filter = compileFilter(callFilter({ trace: TRACE.slice(1), request: 'say "hi" \\' }));
    const found = (sent: [string, string][], answered: [string, string][] = []) =>
      filter.matches(withHeaders(sent, answered));
    expect(found([['traceparent', `00-${TRACE}-aaaaaaaaaaaaaaaa-00`]])).toBe(true);
    expect(found([['b3', `${TRACE}-aaaaaaaaaaaaaaaa`]])).toBe(true);
    expect(found([['x-b3-traceid', TRACE]])).toBe(true);
    expect(found([['uber-trace-id', `${TRACE.slice(1)}:1:0:1`]])).toBe(true);
    expect(found([['x-request-id', 'say "hi" \\']])).toBe(true);
    expect(found([], [['x-request-id', 'say "hi" \\']])).toBe(true);
    expect(found([['traceparent', `00-1${TRACE.slice(2)}0-aaaaaaaaaaaaaaaa-00`]])).toBe(false);
    expect(found([['x-request-id', 'say']])).toBe(false);
    expect(found([])).toBe(false);
  });
});

const end = (workload: string, pod = `${workload}-0`): Endpoint => ({
  ip: `ip of ${pod}`,
  port: 80,
  name: workload,
  namespace: 'shop',
  pod,
  workload,
});

/** `from > to`, ms from the start, length in ms (null: no answer). */
function hop(path: string, start: number, elapsedMs: number | null, change: Partial<FlowRow> = {}): FlowRow {
  const [from = '', to = ''] = path.split(' > ');
  return {
    id: `${path} at ${start}`,
    time: formatTime(1_700_000_000_000_000 + start * 1000),
    node: 'node-a',
    src: end(from),
    dst: end(to),
    elapsedMs,
    ...change,
  } as FlowRow;
}

const drawn = (rows: FlowRow[]): string[] =>
  nest(rows).map(({ row, depth }) => `${'  '.repeat(depth)}${row.id}`);

describe('who was called because of whom', () => {
  test('from what came in to the last hop, in whatever order they are found', () => {
    const rows = [
      hop('orders > payments', 22, 10),
      hop('web > cart', 5, 10),
      hop('shopper > web', 0, 100),
      hop('orders > stock', 35, 5),
      hop('web > orders', 20, 60),
    ];
    expect(drawn(rows)).toEqual([
      'shopper > web at 0',
      '  web > cart at 5',
      '  web > orders at 20',
      '    orders > payments at 22',
      '    orders > stock at 35',
    ]);
    expect(nest(rows).map(({ start }) => Math.round(start))).toEqual([0, 5, 20, 22, 35]);
  });

  test('what a second try led to stands under the second try', () => {
    expect(
      drawn([hop('web > orders', 0, 20), hop('web > orders', 30, 20), hop('orders > stock', 32, 4)]),
    ).toEqual(['web > orders at 0', 'web > orders at 30', '  orders > stock at 32']);
  });

  test('of two at once, the one that ends after it', () => {
    expect(
      drawn([hop('web > orders', 0, 50), hop('web > orders', 1, 5), hop('orders > stock', 2, 40)]),
    ).toEqual(['web > orders at 0', '  orders > stock at 2', 'web > orders at 1']);
  });

  test('what goes on after the answer, and what has none, is still caused by it', () => {
    expect(drawn([hop('web > orders', 0, 5), hop('orders > mail', 4, 900)])).toEqual([
      'web > orders at 0',
      '  orders > mail at 4',
    ]);
    expect(drawn([hop('web > orders', 0, null), hop('orders > stock', 400, null)])).toEqual([
      'web > orders at 0',
      '  orders > stock at 400',
    ]);
  });

  test('another pod of the same workload did not make the call', () => {
    expect(
      drawn([hop('web > orders', 0, 50), hop('orders > stock', 5, 5, { src: end('orders', 'orders-1') })]),
    ).toEqual(['web > orders at 0', 'orders > stock at 5']);
  });

  test('where a pod is not known, its service does', () => {
    const service: Endpoint = {
      ip: '10.96.0.7',
      port: 80,
      name: 'orders',
      namespace: 'shop',
      service: 'orders',
    };
    expect(
      drawn([
        hop('web > orders', 0, 50, { dst: service }),
        hop('orders > stock', 5, 5, { src: { ...end('orders'), service: 'orders' } }),
      ]),
    ).toEqual(['web > orders at 0', '  orders > stock at 5']);
  });

  test('clocks of two nodes may differ a little, that of one node does not', () => {
    const cause = hop('web > orders', 3, 50);
    expect(drawn([cause, hop('orders > stock', 0, 5, { node: 'node-b' })])).toEqual([
      'web > orders at 3',
      '  orders > stock at 0',
    ]);
    expect(drawn([cause, hop('orders > stock', 0, 5)])).toEqual(['orders > stock at 0', 'web > orders at 3']);
  });

  test('whatever the rows, each stands there once, and nothing turns in a circle', () => {
    const names = ['a', 'b', 'c'];
    const row = fc
      .record({
        from: fc.constantFrom(...names),
        to: fc.constantFrom(...names),
        start: fc.integer({ min: 0, max: 12 }),
        ms: fc.option(fc.integer({ min: 0, max: 12 })),
        node: fc.constantFrom('node-a', 'node-b'),
      })
      .map(({ from, to, start, ms, node }) => hop(`${from} > ${to}`, start, ms, { node }));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        const hops = nest(rows);
        expect(hops.map((one) => one.row).sort(byId)).toEqual([...rows].sort(byId));
        for (const [at, one] of hops.entries())
          expect(one.depth).toBeLessThanOrEqual((hops[at - 1]?.depth ?? -1) + 1);
      }),
    );
  });
});

const byId = (a: FlowRow, b: FlowRow): number =>
  JSON.stringify(a) < JSON.stringify(b) ? -1 : JSON.stringify(a) > JSON.stringify(b) ? 1 : 0;
