/** A filter means the same over history, where SQLite decides as much of it as it can, and flow by flow. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileFilter } from '../../../flow/filter.ts';
import type { Endpoint, Flow } from '../../../flow/flow.ts';
import { pathTemplate } from '../../../flow/path-template.ts';
import { RecordView, toFlow } from '../../../flow/record.ts';
import { parseTime } from '../../../flow/time.ts';
import { arrival } from '../../../test/arrivals.ts';
import type { Arrival } from '../store.ts';
import { makeNextIndex } from './full-indexes.ts';
import { SEGMENT_MIGRATIONS } from './schema.ts';
import { SegmentReader } from './segment-reader.ts';
import { SqliteStore } from './sqlite-store.ts';
import { needsOf, timeBounds, whereOf } from './where.ts';

const T = 1_700_000_000_000_000;
const COUNT = 1500;

const METHODS = ['GET', 'POST', 'CONNECT', 'ÄÖ'];
const TARGETS = [
  '/',
  '/api/items',
  '/api/items?id=3',
  '/api%25_x',
  '/ÄÖ😀',
  'http://shop/full?q=/api',
  'shop:443',
  '*',
];
const HEADERS = [
  '',
  'X-Team: red\r\nX-TEAM: blue\r\n',
  'X-Team: grün ist\r\n',
  'x-team: orders\r\n  shop\r\n',
];
const HOSTS = ['shop', '', '[::1]:80', 'orders'];
const STATUSES = [0, 200, 404, 499, 500, 503];
const ENDS: Partial<Endpoint>[] = [
  { name: 'cart', namespace: 'shop', pod: 'cart-1', workload: 'cart', node: 'node-a' },
  {
    name: 'orders',
    namespace: 'shop',
    pod: 'orders-1',
    workload: 'orders',
    service: 'orders',
    node: 'node-b',
  },
  { name: 'orders', namespace: 'other', service: 'orders' },
  { name: '192.0.2.1' },
];

const pick = <T>(of: readonly T[], n: number): T => of[n % of.length];

function make(n: number): Arrival {
  const shuffled = (n * 2_654_435_761) >>> 0;
  const one = arrival({
    time: T + n * 777,
    connection: n,
    method: pick(METHODS, shuffled >>> 3),
    target: pick(TARGETS, shuffled >>> 5),
    host: pick(HOSTS, shuffled >>> 7),
    requestHeaders: pick(HEADERS, shuffled >>> 11),
    status: pick(STATUSES, shuffled >>> 9),
    elapsed: pick([0, 200_000, 999_999.6, 1_000_000, 1_000_000.6, 2_500_000], shuffled >>> 13),
    srcPort: 40_000 + (n % 7),
    responseBody: pick(['{"n":1}', 'words', 'ÄÖ orders, shop'], n),
  });
  return {
    ...one,
    node: pick(['node-a', 'node-b'], shuffled >>> 17),
    src: { ...one.src, ...pick(ENDS, shuffled >>> 19) },
    dst: { ...one.dst, ...pick(ENDS, shuffled >>> 23) },
  };
}

let dir: string;
let store: SqliteStore;
const flows: Flow[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'remora-search-'));
  // Small segments, so that searches cross several.
  store = await SqliteStore.open({ dir, storageLimit: 2 ** 30, segmentBytes: 256 * 1024 }, () => {});
  for (let n = 0; n < COUNT; n += 500) {
    const arrivals = Array.from({ length: 500 }, (_, i) => make(n + i));
    await store.commit({ arrivals, sessions: [] });
    for (const { id, record, node, session, src, dst } of arrivals) {
      flows.unshift(toFlow(new RecordView().at(record, 0), { id, node, session, src, dst }));
    }
  }
}, 60_000);
afterAll(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Page by page, each with little time. */
async function search(filter: string, limit: number, budgetMs: number): Promise<string[]> {
  const ids: string[] = [];
  let before: string | null = null;
  do {
    const page = await store.flows({ filter, limit, budgetMs, ...(before !== null && { before }) });
    ids.push(...page.rows.map((row) => row.id));
    before = page.next;
  } while (before !== null);
  return ids;
}

function inRange(time: string, from: number, to: number): boolean {
  const us = parseTime(time);
  return us >= from && us < to;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

const text = fc.constantFrom(
  ...['2xx', '4xx'],
  '',
  '/',
  '/api',
  'api%',
  '_',
  'ÄÖ',
  '😀',
  'orders',
  'shop',
  'a',
  'GET',
  'get',
  'node-a',
  'x',
  'red, blue',
  'grün ist',
  'orders shop',
  'words',
  '10.0.0.2:8080',
);
const quoted = text.map((one) => JSON.stringify(one));
const textField = fc.constantFrom(
  ...[
    'method',
    'path',
    'path_template',
    'status_class',
    'host',
    'url',
    'node_name',
    'protocol',
    'response.body',
  ],
  ...['request.headers["X-Team"]', 'map_get(request.headers, "x-team")'],
  ...[
    'src.name',
    'dst.name',
    'src.namespace',
    'dst.pod.name',
    'dst.pod.namespace',
    'src.service.name',
    'dst.workload',
    'src.node',
  ],
);
const numberField = fc.constantFrom(
  'status_code',
  'elapsed_time',
  'src.port',
  'dst.port',
  'redacted',
  'response_body_size',
);
const number = fc.constantFrom('0', '200', '499.5', '500', '-1', '8080', '40003', '1000000', '1000001');
const compare = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
const moment = fc
  .integer({ min: -5, max: 1200 })
  .map((ms) => `timestamp("${new Date(T / 1000 + ms).toISOString()}")`);
const id = fc.nat(COUNT + 50).map((n) => JSON.stringify(flows[n]?.id ?? `${n}`));
const leaf = fc.oneof(
  id.map((given) => `id == ${given}`),
  fc.array(id, { maxLength: 5 }).map((list) => `id in [${list.join(', ')}]`),
  fc.tuple(textField, compare, quoted).map((parts) => parts.join(' ')),
  fc.tuple(quoted, compare, textField).map((parts) => parts.join(' ')),
  fc
    .tuple(textField, fc.constantFrom('contains', 'startsWith', 'endsWith', 'matches'), quoted)
    .map(([of, name, given]) =>
      name === 'matches' ? `${of}.matches("^/a.*s$")` : `${of}.${name}(${given})`,
    ),
  fc
    .tuple(textField, fc.array(quoted, { maxLength: 3 }))
    .map(([of, list]) => `${of} in [${list.join(', ')}]`),
  fc.tuple(numberField, compare, number).map((parts) => parts.join(' ')),
  fc.tuple(number, compare, numberField).map((parts) => parts.join(' ')),
  fc.tuple(fc.constant('timestamp'), compare, moment).map((parts) => parts.join(' ')),
  fc.constantFrom(
    'http',
    'dns',
    'error',
    'slow',
    'incomplete',
    'external',
    'true',
    'false',
    'response.json.n == 1',
  ),
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc
      .tuple(tie('expression'), fc.constantFrom('&&', '||'), tie('expression'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie('expression').map((inner) => `!(${inner})`),
    fc.tuple(leaf, leaf, leaf).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
  ),
}));

test('any filter finds the same flows in history as flow by flow', async () => {
  await fc.assert(
    fc.asyncProperty(
      expression,
      fc.constantFrom(1000, 177),
      fc.constantFrom(3, 1000),
      async (filter, limit, budgetMs) => {
        let compiled: ReturnType<typeof compileFilter>;
        try {
          compiled = compileFilter(filter);
        } catch {
          return; // e.g. double < int, which the language does not have
        }
        const expected = flows.filter((flow) => compiled.matches(flow)).map((flow) => flow.id);
        expect(await search(filter, limit, budgetMs)).toEqual(expected);
      },
    ),
    { numRuns: 80 },
  );
}, 120_000);

test.each(['', 'status_code >= 500', 'dst.name == "orders" && response.json.n == 1', 'method == "NONE"'])(
  'a summary of "%s" counts what a search finds',
  async (filter) => {
    const [from, to] = [T + 777 * 100 + 5, T + 777 * 1400];
    const compiled = compileFilter(filter);
    const range = flows.filter(({ time }) => inRange(time, from, to));
    const passed = range.filter((flow) => compiled.matches(flow));
    const summary = await store.summary({ filter, from, to, budgetMs: 60_000 });
    expect(summary).toMatchObject({ count: passed.length, scanned: range.length, partial: false });
    expect(summary.detailed).toEqual({ count: passed.length, since: summary.from });
    expect(summary.errors).toBe(passed.filter((flow) => compileFilter('error').matches(flow)).length);
    const timeline = summary.timeline.flatMap(({ counts }) => counts);
    expect(sum(timeline)).toBe(passed.length);
    expect(sum(summary.latencies.map(({ count }) => count))).toBe(
      passed.filter((flow) => flow.elapsedMs !== undefined).length,
    );
    for (const { field, values } of summary.facets.filter(({ field }) => field !== 'path')) {
      for (const { value, count } of values) {
        const literal = field === 'status_code' ? value : JSON.stringify(value);
        const same = compileFilter(
          field === 'completeness' ? `${literal} in completeness` : `${field} == ${literal}`,
        );
        expect(count, `${field} ${value}`).toBe(passed.filter((flow) => same.matches(flow)).length);
      }
    }
    for (const { server, method, template, count, p99 } of summary.endpoints) {
      const served = passed.filter(
        ({ dst, request }) =>
          dst.name === server && request?.method === method && pathTemplate(request.path) === template,
      );
      expect(count).toBe(served.length);
      const latencies = served.flatMap(({ elapsedMs }) => elapsedMs ?? []).sort((a, b) => a - b);
      // Right to within 5 %, and then rounded to three digits.
      if (latencies.length === 0) expect(p99).toBeNull();
      else expect(Math.abs(p99! / latencies[Math.ceil(latencies.length * 0.99) - 1] - 1)).toBeLessThan(0.06);
    }
  },
);

const ORDERS: Record<string, (n: number, count: number) => number> = {
  'the newest first': (n, count) => count - n,
  'those of two clocks in turns': (n, count) => (n % 2 === 0 ? n : n + 10 * count),
  'without any order': (n, count) => (Math.imul(n, 2_654_435_761) >>> 0) % (3 * count),
  'many of the same time': (n) => Math.floor(n / 3000),
};

test.each(Object.keys(ORDERS))(
  'flows that came %s are found, each once and the newest first',
  async (order) => {
    const count = 10_000;
    const path = mkdtempSync(join(tmpdir(), 'remora-order-'));
    const other = await SqliteStore.open({ dir: path, storageLimit: 2 ** 30 }, () => {});
    try {
      const times: number[] = [];
      for (let begin = 0; begin < count; begin += 1000) {
        const arrivals = Array.from({ length: 1000 }, (_, i) => {
          const n = begin + i;
          const time = T + ORDERS[order](n, count) * 1000;
          const isFound = n % 97 === 0;
          if (isFound) times.push(time);
          return arrival({ time, connection: n, requestSeq: n, method: isFound ? 'POST' : 'GET' });
        });
        await other.commit({ arrivals, sessions: [] });
      }
      const found: { id: string; time: number }[] = [];
      let before: string | null = null;
      do {
        const page = await other.flows({
          ...{ filter: 'method == "POST"', limit: 30, budgetMs: 1 },
          ...(before !== null && { before }),
        });
        found.push(...page.rows.map(({ id, time }) => ({ id, time: parseTime(time) })));
        before = page.next;
      } while (before !== null);
      expect(found.map(({ time }) => time)).toEqual(times.sort((a, b) => b - a));
      expect(new Set(found.map(({ id }) => id)).size).toBe(times.length);
    } finally {
      await other.close();
      rmSync(path, { recursive: true, force: true });
    }
  },
);

test('counts reach further back than what takes longer, and each says how far', async () => {
  const [from, to] = [T - 1, T + 777 * COUNT];
  const { count, since, detailed, facets } = await store.summary({ filter: '', from, to, budgetMs: 0 });
  expect(Date.parse(detailed.since)).toBeGreaterThanOrEqual(Date.parse(since));
  expect(detailed.count).toBeLessThanOrEqual(count);
  const methods = facets.find(({ field }) => field === 'method')!.values;
  expect(sum(methods.map((value) => value.count))).toBe(detailed.count);
});

test('a summary that runs out of time says from where on it looked', async () => {
  const from = T - 1;
  const { partial, since, count, scanned } = await store.summary({
    filter: 'response.body.contains("words")',
    from,
    to: T + 777 * COUNT,
    budgetMs: 0,
  });
  expect(partial).toBe(true);
  expect(scanned).toBeLessThan(COUNT);
  const later = flows.filter(({ time }) => inRange(time, Date.parse(since) * 1000, Number.POSITIVE_INFINITY));
  expect(count).toBeLessThanOrEqual(later.length);
  expect(count).toBeGreaterThan(0);
});

test.each([
  ['status_code >= 500', true],
  ['!(status_class == "4xx") && status_class == "2xx"', true],
  ['status_class == "6xx"', false],
  ['error', true],
  ['http && method == "GET" && dst.name == "orders" && elapsed_time > 200000', true],
  ['!(path.startsWith("/api") || src.namespace in ["shop", "other"])', true],
  ['status_code == 404 && request.body.contains("x")', false],
  ['!(status_code == 404 && request.body.contains("x"))', false],
  ['host == "shop"', true],
  ['url == "/shop"', false],
  ['request.headers["x-team"] == "red"', false],
])('%s: by columns alone: %s', (source, exact) => {
  expect(compileFilter(source).condition.exact).toBe(exact);
});

test('times in a filter are bounds of the search', () => {
  const { condition } = compileFilter(
    'timestamp >= timestamp("2026-01-01T00:00:00Z") && (timestamp < timestamp("2026-01-02T00:00:00Z") && error)',
  );
  const day = Date.parse('2026-01-01T00:00:00Z') * 1000;
  expect(timeBounds(condition)).toEqual({ from: day, to: day + 86_400_000_000 });
  expect(
    timeBounds(compileFilter('timestamp < timestamp("2026-01-02T00:00:00Z") || error').condition),
  ).toEqual({
    from: 0,
    to: Number.POSITIVE_INFINITY,
  });
});

test('ids in a filter are bounds of the search', async () => {
  const ids = [flows[40].id, flows[7].id, flows[11].id];
  const { condition } = compileFilter(`id in ${JSON.stringify(ids)} && status_code >= 0`);
  const times = [40, 7, 11].map((n) => parseTime(flows[n].time));
  expect(timeBounds(condition)).toEqual({ from: Math.min(...times), to: Math.max(...times) + 1 });
  expect(await search(`id in ${JSON.stringify(ids)}`, 1000, 1000)).toHaveLength(3);
  expect(timeBounds(compileFilter('id == "what?"').condition).to).toBe(Number.POSITIVE_INFINITY);
});

test.each([
  'request.headers["x-team"] == "red, blue"',
  'map_get(request.headers, "X-Team").contains("grün ist")',
  'request.headers["x-team"] in ["orders shop", "none"]',
  'response.body.endsWith("ÄÖ orders, shop")',
  'url.startsWith("/api%25")',
  'host == "10.0.0.2:8080" && !(host.startsWith("shop"))',
])('%s finds what flow by flow passes, and something', async (filter) => {
  const compiled = compileFilter(filter);
  const expected = flows.filter((flow) => compiled.matches(flow)).map(({ id }) => id);
  expect(expected.length).toBeGreaterThan(0);
  expect(await search(filter, 1000, 1000)).toEqual(expected);
});

test('a segment that has never heard of a name need not be searched', () => {
  const db = new Sqlite(':memory:');
  for (const migrate of SEGMENT_MIGRATIONS) migrate(db);
  const heard = (source: string) =>
    needsOf(compileFilter(source).condition).map(
      ({ sql, values }) => db.prepare(sql).get(...values) !== undefined,
    );
  expect(heard('slow && dst.name == "orders" && src.name in ["a", "cart"]')).toEqual([false, false]);
  db.exec(`INSERT INTO endpoints VALUES (1, '10.0.0.1', 'orders', '', '', '', '', '', 0, 0)`);
  expect(heard('slow && dst.name == "orders" && src.name in ["a", "cart"]')).toEqual([true, false]);
  expect(heard('dst.name == "nobody" || slow || !(src.name == "nobody")')).toEqual([]);
  db.close();
});

test('failed flows, and in a segment that is full those of a server and what columns say, are found by an index', () => {
  const db = new Sqlite(':memory:');
  for (const migrate of SEGMENT_MIGRATIONS) migrate(db);
  db.exec(`
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    INSERT INTO flows SELECT i, i * 1000, i, i, 1, i % 31, 1, i % 37, 1, 1, 1, 'GET', 'shop', '/' || i, iif(i % 50, 200, 503), i, 0, 0, 0, 0 FROM n;
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 36)
    INSERT INTO endpoints SELECT i, '', 'workload-' || i, '', '', '', '', '', 0, 0 FROM n;
    INSERT INTO protocols VALUES (1, 'http');
    INSERT INTO origins VALUES (1, 'node-a', 'session');
  `);
  while (makeNextIndex(db));
  const plan = (
    source: string,
    columns = 'row, time, hash_high, hash_low, origin, src, src_port, dst, dst_port',
  ) => {
    const { sql, values, byServer } = whereOf(compileFilter(source).condition)!;
    const index = byServer === undefined ? '' : 'INDEXED BY flows_by_dst';
    const query = `SELECT ${columns} FROM flows ${index} WHERE time >= 0 AND ${byServer ?? sql} ORDER BY time DESC LIMIT 9`;
    return db
      .prepare(`EXPLAIN QUERY PLAN ${query}`)
      .all(...values)
      .map((step) => (step as { detail: string }).detail)
      .join('; ');
  };
  expect(plan('status_code >= 500 && path == "/"')).toContain('COVERING INDEX failed_flows');
  expect(plan('error')).toContain('COVERING INDEX failed_flows');
  expect(plan('dst.name == "orders"')).toContain('flows_by_dst');
  // What these ask for is decided by the index alone: no row is looked up that is not found.
  const between = 'src.name == "cart" && dst.name == "orders" && status_code >= 500 && elapsed_time > 200000';
  expect(plan(between, 'row')).toContain('COVERING INDEX flows_by_dst');
  expect(plan('error && src.name == "cart" && slow', 'row')).toContain('COVERING INDEX failed_flows');
  for (const source of [
    'path == "/nowhere"',
    'method == "GET" && response_body_size > 5 && host.startsWith("shop")',
    '!(status_code in [200, 304]) && !path.startsWith("/api") && src.name == "orders"',
    'elapsed_time > 200000 || node_name == "node-b" || protocol == "grpc"',
    'dst.name == "orders" && method == "POST"',
    'dst.name != "orders" && slow',
    'dst.port == 80 && elapsed_time > 5',
  ]) {
    expect(plan(source), source).toContain('COVERING INDEX flows_by_columns');
  }
  db.close();
});

test('a database of the first schema is brought up to date with what is in it', () => {
  const file = join(dir, 'first.db');
  const db = new Sqlite(file);
  SEGMENT_MIGRATIONS[0](db);
  const [get, connect] = [
    arrival({ target: '/a?b' }).record,
    arrival({ method: 'CONNECT', target: 'shop:443' }).record,
  ];
  const columns =
    'time, hash_high, hash_low, origin, src, src_port, dst, dst_port, observations, protocol, method, host, path, status, elapsed, request_size, response_size, completeness, redacted, record';
  const insert = db.prepare(
    `INSERT INTO flows (${columns}) VALUES (?, 1, 2, 1, 1, 1, 1, 1, 1, 1, ?, '', ?, 200, 5, 0, 0, 0, 0, ?)`,
  );
  insert.run(10, 'GET', '/a?b', get);
  insert.run(20, 'CONNECT', 'shop:443', connect);
  for (const migrate of SEGMENT_MIGRATIONS.slice(1)) migrate(db);
  expect(db.prepare('SELECT path FROM flows ORDER BY time').pluck().all()).toEqual(['/a', '']);
  // Of what is there the index stays.
  expect(db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'flows_by_dst'").get()).toBeDefined();
  db.close();
  const reader = new SegmentReader(file);
  expect(Buffer.from(reader.flow({ time: 10, high: 1, low: 2 })!.record)).toEqual(Buffer.from(get));
  expect(Buffer.from(reader.flow({ time: 20, high: 1, low: 2 })!.record)).toEqual(Buffer.from(connect));
  reader.close();
});
