import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MapLevel } from '../../../flow/api.ts';
import type { Endpoint } from '../../../flow/flow.ts';
import { arrival } from '../../../test/arrivals.ts';
import { Bucket } from '../rollup/bucket.ts';
import { encodeBucket } from '../rollup/codec.ts';
import { bucketStart, edgeKey } from '../rollup/rollup.ts';
import { Catalogue, segmentFile } from './catalogue.ts';
import { packCommit } from './commit-frame.ts';
import { openDatabase } from './database.ts';
import { Reader } from './reader.ts';
import { SEGMENT_MIGRATIONS } from './schema.ts';
import { Writer } from './writer.ts';

const T = bucketStart(1_700_000_000_000_000, 3_600_000_000);
const MINUTE = 60_000_000;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'remora-levels-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = () => new Writer({ dir, storageLimit: 1 << 30 }, () => {});

async function read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
  const reader = new Reader(dir);
  try {
    return await work(reader);
  } finally {
    reader.close();
  }
}

const edges = (level: MapLevel, from = T, to = T + MINUTE) =>
  read(async (reader) => {
    const map = await reader.map({ from, to, level });
    return map.edges.map((edge) => `${edge.from} → ${edge.to}: ${edge.count}`).sort();
  });

function pod(workload: string, n: number, node: string): Endpoint {
  const name = `${workload}-${n}`;
  return {
    ...{ ip: `10.0.${workload.length}.${n}`, port: 80, name: workload, namespace: 'shop' },
    ...{ workload, pod: name, service: `${workload}-svc`, node },
  };
}
const client = (ip: string): Endpoint => ({ ip, port: 4000, name: ip });

test('the same flows by workload, service, pod, namespace and node', async () => {
  const writer = open();
  const ways: [Endpoint, Endpoint][] = [
    [client('203.0.113.7'), pod('web', 1, 'n1')],
    [client('203.0.113.8'), pod('web', 2, 'n2')],
    [pod('web', 1, 'n1'), pod('cart', 1, 'n2')],
    [pod('web', 1, 'n1'), pod('cart', 2, 'n2')],
    [pod('web', 2, 'n2'), pod('cart', 2, 'n2')],
    [pod('cart', 2, 'n2'), { ip: '198.51.100.1', port: 443, name: 'api.example.com' }],
    [pod('cart', 2, 'n2'), { ip: '198.51.100.2', port: 443, name: 'api.example.com' }],
  ];
  const arrivals = ways.map(([src, dst], n) => arrival({ time: T + n, connection: n }, { src, dst }));
  writer.commit(packCommit({ arrivals, sessions: [] }));
  writer.close();

  expect(await edges('workload')).toEqual([
    '203.0.113.7 → shop/web: 1',
    '203.0.113.8 → shop/web: 1',
    'shop/cart → api.example.com: 2',
    'shop/web → shop/cart: 3',
  ]);
  expect(await edges('service')).toEqual([
    '203.0.113.7 → shop/web-svc: 1',
    '203.0.113.8 → shop/web-svc: 1',
    'shop/cart-svc → api.example.com: 2',
    'shop/web-svc → shop/cart-svc: 3',
  ]);
  expect(await edges('pod')).toEqual([
    '203.0.113.7 → shop/web-1: 1',
    '203.0.113.8 → shop/web-2: 1',
    'shop/cart-2 → api.example.com: 2',
    'shop/web-1 → shop/cart-1: 1',
    'shop/web-1 → shop/cart-2: 1',
    'shop/web-2 → shop/cart-2: 1',
  ]);
  // Who has no name is one node where the map is to be small.
  expect(await edges('namespace')).toEqual([
    'addresses → namespace/shop: 2',
    'namespace/shop → api.example.com: 2',
    'namespace/shop → namespace/shop: 3',
  ]);
  expect(await edges('node')).toEqual([
    'addresses → node/n1: 1',
    'addresses → node/n2: 1',
    'node/n1 → node/n2: 2',
    'node/n2 → api.example.com: 2',
    'node/n2 → node/n2: 1',
  ]);
  const pods = await read((reader) => reader.map({ from: T, to: T + MINUTE, level: 'pod' }));
  expect(pods.nodes.find(({ id }) => id === 'shop/cart-2')).toEqual({
    ...{ id: 'shop/cart-2', name: 'cart-2', kind: 'pod', namespace: 'shop' },
    ...{ ips: ['10.0.4.2'], served: 2, sent: 2, errors: 0 },
  });
});

test('rates are over the time for which there is data', async () => {
  const writer = open();
  const arrivals = Array.from({ length: 60 }, (_, n) => arrival({ time: T + n * 1e6, connection: n }));
  writer.commit(packCommit({ arrivals, sessions: [] }));
  writer.close();
  const map = await read((reader) =>
    reader.map({ from: T - 60 * MINUTE, to: T + MINUTE, level: 'workload' }),
  );
  expect(map).toMatchObject({ seconds: 60, edges: [{ rate: 1, count: 60 }] });
});

test('latencies over time, of one edge and of all that a node serves', async () => {
  const writer = open();
  const [web, cart, orders] = [pod('web', 1, 'n1'), pod('cart', 1, 'n2'), pod('orders', 1, 'n2')];
  const flow = (n: number, src: Endpoint, dst: Endpoint, time: number, elapsed: number) =>
    arrival({ time, connection: n, elapsed, status: elapsed > 1e6 ? 500 : 200 }, { src, dst });
  const arrivals = [
    flow(1, web, orders, T, 1000),
    flow(2, web, orders, T + 19 * MINUTE, 2_000_000),
    flow(3, cart, orders, T + 19 * MINUTE, 1000),
    flow(4, orders, cart, T + 19 * MINUTE, 50),
  ];
  writer.commit(packCommit({ arrivals, sessions: [] }));
  writer.close();
  const range = { from: T, to: T + 20 * MINUTE };
  const [edge, node] = await read(async (reader) => [
    await reader.latencies({ ...range, level: 'workload', src: 'shop/web', dst: 'shop/orders' }),
    await reader.latencies({ ...range, level: 'pod', dst: 'shop/orders-1' }),
  ]);
  expect(edge.stretches.map(({ count, errors }) => [count, errors])).toEqual([
    [1, 0],
    ...Array.from({ length: 18 }, () => [0, 0]),
    [1, 1],
  ]);
  const inBand = (us: number) => edge.bands.findIndex((upTo) => us / 1000 < upTo);
  expect(edge.stretches[0].latencies[inBand(1000)]).toBe(1);
  expect(edge.stretches[19].latencies[inBand(2_000_000)]).toBe(1);
  expect(edge.bands.length).toBeLessThan(16);
  expect(node.stretches[19]).toMatchObject({ count: 2, errors: 1 });
});

test('a segment of more nodes than names are kept of has all their addresses', async () => {
  const NODES = 20_500;
  const catalogue = new Catalogue(dir);
  const { id } = catalogue.addSegment(0, 1);
  catalogue.close();
  const db = openDatabase(segmentFile(dir, id), SEGMENT_MIGRATIONS, 'new', 1 << 20);
  const number = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)';
  db.prepare(`${number} INSERT INTO nodes SELECT i, 'w' || i, 'w' || i, 'workload', '' FROM n`).run(NODES);
  db.prepare(
    `${number} INSERT INTO endpoints (id, ip, name, namespace, pod, service, workload, node, map_node, place)
     SELECT i, 'ip-' || i, '', '', '', '', '', '', i, i FROM n`,
  ).run(NODES);
  const save = db.prepare('INSERT INTO rollups VALUES (0, ?, ?)');
  for (let first = 1, start = T; first <= NODES; first += 8000, start += 10_000_000) {
    const bucket = new Bucket();
    for (let n = first; n < Math.min(NODES + 1, first + 8000); n++)
      bucket.add(edgeKey(n, 1, 1), false, 1, 0, 1);
    save.run(start, encodeBucket(bucket));
  }
  db.close();
  open().close();
  const { nodes } = await read((reader) => reader.map({ from: T, to: T + MINUTE / 2, level: 'workload' }));
  expect(nodes).toHaveLength(NODES);
  expect(nodes.filter(({ ips }) => ips.length !== 1)).toHaveLength(0);
});

test('roll-ups of an older version are there at all levels, as workloads, and in all lengths of buckets', async () => {
  const catalogue = new Catalogue(dir);
  const { id } = catalogue.addSegment(0, 1);
  catalogue.close();
  const old = openDatabase(segmentFile(dir, id), SEGMENT_MIGRATIONS.slice(0, 2), 'old', 1 << 20);
  old.exec(`
    INSERT INTO nodes VALUES (1, 'shop/web', 'web', 'workload', 'shop'), (2, 'shop/cart', 'cart', 'workload', 'shop');
    INSERT INTO protocols VALUES (1, 'http');
    INSERT INTO endpoints VALUES (1, '10.0.0.1', 'web', 'shop', 'web-1', '', 'web', 'n1', 1);
  `);
  const save = old.prepare('INSERT INTO rollups VALUES (?, ?, ?)');
  for (const [level, length] of [10_000_000, MINUTE, 60 * MINUTE].entries()) {
    const buckets = new Map<number, Bucket>();
    for (let n = 0; n < 40; n++) {
      const start = bucketStart(T + n * MINUTE, length);
      const bucket = buckets.get(start) ?? new Bucket();
      buckets.set(start, bucket);
      bucket.add(edgeKey(1, 2, 1), false, 10, 0, 1000);
    }
    for (const [start, bucket] of buckets) save.run(level, start, encodeBucket(bucket));
  }
  old.close();
  const writer = open();
  writer.commit(
    packCommit({
      arrivals: [
        arrival({ time: T, connection: 1 }, { src: pod('web', 1, 'n1'), dst: pod('cart', 1, 'n2') }),
      ],
      sessions: [],
    }),
  );
  writer.close();
  for (const [minutes, count] of [
    [10, 10],
    [40, 40],
    [60 * 4, 40],
    [60 * 24, 40],
    [60 * 24 * 30, 40],
  ] as const) {
    const to = T + minutes * MINUTE;
    expect(await edges('workload', T, to)).toEqual([`shop/web → shop/cart: ${count + 1}`]);
    expect(await edges('pod', T, to)).toEqual([
      `shop/web → shop/cart: ${count}`,
      'shop/web-1 → shop/cart-1: 1',
    ]);
  }
});
