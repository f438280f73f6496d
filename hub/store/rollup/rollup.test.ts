import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bucket } from './bucket.ts';
import { decodeBucket, encodeBucket } from './codec.ts';
import { MapBuilder } from './map-builder.ts';
import { nodeOf, OTHERS_NODE } from './node.ts';
import { planStretches } from './plan.ts';
import {
  bucketStart,
  edgeDst,
  edgeKey,
  edgeProtocol,
  edgeSrc,
  LEVELS,
  MAX_EDGES,
  MAX_NODES,
  MAX_PROTOCOLS,
  OTHERS,
} from './rollup.ts';

const node = fc.integer({ min: 0, max: MAX_NODES - 1 });
const protocol = fc.integer({ min: 0, max: MAX_PROTOCOLS - 1 });

test('an edge is told by its key', () => {
  fc.assert(
    fc.property(node, node, protocol, (src, dst, kind) => {
      const key = edgeKey(src, dst, kind);
      expect(Number.isSafeInteger(key)).toBe(true);
      expect([edgeSrc(key), edgeDst(key), edgeProtocol(key)]).toEqual([src, dst, kind]);
    }),
  );
});

test('a bucket is the same after the database', () => {
  const flow = fc.record({
    key: fc.maxSafeNat(),
    error: fc.boolean(),
    bytes: fc.integer({ min: 0, max: 2 ** 40 }),
    elapsed: fc.oneof(fc.integer({ min: 0, max: 2 ** 31 }), fc.constant(Number.NaN)),
  });
  fc.assert(
    fc.property(fc.array(flow, { maxLength: 200 }), (flows) => {
      const bucket = new Bucket();
      for (const { key, error, bytes, elapsed } of flows) bucket.add(key, error, bytes, 3, elapsed);
      expect(rowsOf(decodeBucket(encodeBucket(bucket)))).toEqual(rowsOf(bucket));
    }),
  );
});

function rowsOf({ keys, totals }: Bucket) {
  const { count, errors, bytes, lostBytes } = totals;
  const rows = keys.map((key, row) => ({
    key,
    ...{ count: count[row], errors: errors[row], bytes: bytes[row], lostBytes: lostBytes[row] },
    latencies: [...totals.latenciesOf(row)],
  }));
  return rows.sort((a, b) => a.key - b.key);
}

test('what is added bucket by bucket is what is added at once', () => {
  const flow = fc.record({ edge: fc.nat(40), elapsed: fc.nat(1e6), bucket: fc.nat(4) });
  fc.assert(
    fc.property(fc.array(flow, { maxLength: 200 }), (flows) => {
      const whole = new Bucket();
      const parts = Array.from({ length: 5 }, () => new Bucket());
      for (const { edge, elapsed, bucket } of flows) {
        const key = edgeKey(edge % 7, edge, 1);
        for (const one of [whole, parts[bucket]]) one.add(key, elapsed % 3 === 0, elapsed, 1, elapsed);
      }
      const sum = new Bucket();
      for (const part of parts) sum.merge(part);
      expect(rowsOf(sum)).toEqual(rowsOf(whole));
    }),
  );
});

test('cut-off bytes of a bucket end the reading and nothing else', () => {
  const bucket = new Bucket();
  for (let i = 0; i < 50; i++) bucket.add(i * 1000, false, i, 0, i);
  const bytes = encodeBucket(bucket);
  for (let end = 0; end < bytes.length; end++) decodeBucket(bytes.subarray(0, end));
});

test('a bucket has a bounded number of edges; what is beyond is counted for others', () => {
  const bucket = new Bucket();
  for (let i = 0; i < MAX_EDGES + 500; i++) bucket.add(edgeKey(i + 1, 5, 1), false, 1, 0, 1);
  expect(bucket.size).toBe(MAX_EDGES + 1);
  expect(bucket.totals.count[bucket.row(edgeKey(OTHERS, 5, 1))]).toBe(500);
  for (let i = 0; i < 5 * MAX_EDGES; i++) bucket.add(edgeKey(1, i + 10, 1), false, 1, 0, 1);
  expect(bucket.size).toBeLessThanOrEqual(2 * MAX_EDGES + 1);
  expect(bucket.totals.count.reduce((total, count) => total + count)).toBe(6 * MAX_EDGES + 500);
});

test('stretches cover the range once, without holes, in buckets no longer than they may be', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 51 }),
      fc.integer({ min: 1, max: 40 * 86_400_000_000 }),
      fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 2 * 86_400_000_000 })),
      (from, length, longest) => {
        const stretches = planStretches(from, from + length, longest);
        let at = bucketStart(from, LEVELS[0]);
        for (const stretch of stretches) {
          expect(stretch.from).toBe(at);
          expect(stretch.from % LEVELS[stretch.level]).toBe(0);
          expect(stretch.to % LEVELS[stretch.level]).toBe(0);
          if (stretch.level > 0) expect(LEVELS[stretch.level]).toBeLessThanOrEqual(longest);
          at = stretch.to;
        }
        expect(at).toBeGreaterThanOrEqual(from + length);
        expect(at - (from + length)).toBeLessThan(LEVELS[0]);
      },
    ),
  );
});

test('a map of forty days is read from few buckets, wherever it begins and ends', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 51 }),
      fc.integer({ min: 1, max: 40 * 86_400_000_000 }),
      (from, length) => {
        const counts = planStretches(from, from + length).map(
          (one) => (one.to - one.from) / LEVELS[one.level],
        );
        expect(counts.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(40 + 2 * (5 + 9 + 5 + 23));
      },
    ),
  );
});

test('a map is put together from edges', () => {
  const builder = new MapBuilder('workload', 0, 200e6);
  const cart = nodeOf({
    ip: '10.0.0.1',
    port: 1,
    name: 'cart',
    namespace: 'shop',
    workload: 'cart',
    pod: 'cart-1',
  });
  const found = () => builder.row(builder.node(cart), builder.node(OTHERS_NODE), builder.protocol('http'));
  const row = found();
  expect(found()).toBe(row);
  builder.totals.add(row, true, 100, 7, 2000);
  builder.addIp(builder.node(cart), '10.0.0.1');
  builder.addIp(builder.node(cart), '10.0.0.1');
  const map = builder.build();
  expect(map.nodes[0]).toEqual({
    id: 'shop/cart',
    name: 'cart',
    kind: 'workload',
    namespace: 'shop',
    ips: ['10.0.0.1'],
    sent: 1,
    served: 0,
    errors: 0,
  });
  expect(map.nodes[1]).toMatchObject({ id: 'others', served: 1, errors: 1 });
  expect(map.edges[0]).toMatchObject({
    from: 'shop/cart',
    to: 'others',
    count: 1,
    rate: 1 / 200,
    lostBytes: 7,
  });
});

test('what an endpoint is on the map', () => {
  const ip = '10.0.0.1';
  expect(nodeOf({ ip, port: 1, name: ip })).toMatchObject({ id: ip, kind: 'address' });
  expect(nodeOf({ ip, port: 1, name: 'cart.local' })).toMatchObject({ id: 'cart.local', kind: 'external' });
  expect(nodeOf({ ip, port: 1, name: 'x', namespace: 'a', service: 's' })).toMatchObject({
    id: 'a/s',
    kind: 'service',
  });
  expect(nodeOf({ ip, port: 1, name: 'n1', node: 'n1' })).toMatchObject({ id: 'node/n1', kind: 'node' });
  expect(nodeOf({ ip, port: 1, name: 'p', namespace: 'a', pod: 'p', node: 'n1' })).toMatchObject({
    id: 'a/p',
    kind: 'workload',
  });
});
