import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { arrival } from '../../../test/arrivals.ts';
import { SCHEMA_VERSION } from './schema.ts';
import { SqliteStore } from './sqlite-store.ts';

const T = 1_700_000_000_000_000;
let dir: string;
let store: SqliteStore;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'remora-store-'));
  store = await SqliteStore.open({ dir, storageLimit: 2 ** 30 }, () => {});
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const flows = (count: number, start = T, status = 200) =>
  Array.from({ length: count }, (_, i) => arrival({ time: start + i * 1000, connection: i, status }));

test('pages go from the newest to the oldest and stay in place while flows come', async () => {
  await store.commit({ arrivals: flows(250), sessions: [] });
  const seen: string[] = [];
  let before: string | null | undefined;
  while (before !== null) {
    const page = await store.flows({
      filter: '',
      limit: 60,
      budgetMs: 5000,
      ...(before !== undefined && { before }),
    });
    seen.push(...page.rows.map((row) => row.id));
    before = page.next;
    await store.commit({ arrivals: flows(20, T + 1e9 + seen.length * 1e6), sessions: [] });
  }
  expect(seen).toEqual(
    flows(250)
      .map((one) => one.id)
      .reverse(),
  );
});

test('from and to cut out a range; to is exclusive', async () => {
  await store.commit({ arrivals: flows(10), sessions: [] });
  const { rows, next } = await store.flows({
    filter: '',
    from: T + 2000,
    to: T + 5000,
    limit: 100,
    budgetMs: 5000,
  });
  expect(rows.map((row) => row.time)).toEqual([
    '2023-11-14T22:13:20.004000Z',
    '2023-11-14T22:13:20.003000Z',
    '2023-11-14T22:13:20.002000Z',
  ]);
  expect(next).toBeNull();
});

test('a filter narrows; a wrong one is a FilterError; a wrong cursor a StoreError', async () => {
  await store.commit({ arrivals: [...flows(30), ...flows(3, T + 1e6, 500)], sessions: [] });
  const query = { limit: 100, budgetMs: 5000 };
  const found = await store.flows({ filter: 'status_code >= 500', ...query });
  expect(found.rows).toHaveLength(3);
  expect(found).toMatchObject({ scanned: 33, partial: false, next: null });
  expect((await store.fullFlows({ filter: 'status_code >= 500', ...query })).flows[0].response?.status).toBe(
    500,
  );
  await expect(store.flows({ filter: 'status_code >=', ...query })).rejects.toMatchObject({
    name: 'FilterError',
  });
  await expect(store.flows({ filter: '', before: 'x', ...query })).rejects.toMatchObject({
    code: 'STORE_INVALID',
  });
});

test('a search that runs out of its time says so and can go on', async () => {
  await store.commit({ arrivals: flows(3000), sessions: [] });
  let before: string | null | undefined;
  let found = 0;
  let pages = 0;
  let partial = 0;
  while (before !== null) {
    const page = await store.flows({
      filter: 'path == "/nowhere" || elapsed_time >= 0',
      limit: 100_000,
      budgetMs: 5,
      ...(before !== undefined && { before }),
    });
    found += page.rows.length;
    if (page.partial) partial++;
    before = page.next;
    pages++;
  }
  expect(found).toBe(3000);
  expect(partial).toBe(pages - 1);
  expect(pages).toBeGreaterThan(1);
});

test('a long search holds up neither commits nor other questions', async () => {
  await store.commit({ arrivals: flows(8000), sessions: [] });
  let searching = true;
  const search = store
    .flows({ filter: 'response.body.matches("nothing like it")', limit: 10, budgetMs: 20_000 })
    .finally(() => {
      searching = false;
    });
  const id = flows(1)[0].id;
  for (let i = 0; i < 5; i++) {
    await store.commit({ arrivals: flows(10, T + 1e9 + i * 1e6), sessions: [] });
    expect(await store.flow(id)).toMatchObject({ id });
    expect(searching).toBe(true);
  }
  await search;
}, 60_000);

test('a search that nobody waits for any more ends', async () => {
  await store.commit({ arrivals: flows(8000), sessions: [] });
  const gone = new AbortController();
  const search = store.flows(
    { filter: 'response.body.matches("nothing like it")', limit: 10, budgetMs: 600_000 },
    gone.signal,
  );
  gone.abort();
  const { rows, partial, next, since, scanned } = await search;
  expect({ rows, partial }).toEqual({ rows: [], partial: true });
  expect(scanned).toBeLessThan(8000);
  const rest = await store.flows({ filter: '', limit: 9000, budgetMs: 60_000, before: next! });
  expect(rest.rows).toHaveLength(8000 - scanned);
  expect(rest.rows.every(({ time }) => Date.parse(time) * 1000 <= since!)).toBe(true);
});

test('the map has what was just committed', async () => {
  await store.commit({
    arrivals: [...flows(90), ...flows(5, T + 1e6, 503), ...flows(5, T + 2e6, 0)],
    sessions: [],
  });
  const map = await store.map({ from: T - 60e6, to: T + 60e6, level: 'workload' });
  expect(map.edges).toMatchObject([
    {
      from: '10.0.0.1',
      to: '10.0.0.2',
      protocol: 'http',
      count: 100,
      errors: 10,
      bytes: 100 * 120 + 95 * 400,
    },
  ]);
  expect(map.edges[0].p99).toBeGreaterThan(1.5 * 0.95);
  expect(map.edges[0].p99).toBeLessThan(1.5 * 1.05);
  expect(map.nodes).toMatchObject([
    { id: '10.0.0.1', kind: 'address', ips: ['10.0.0.1'], sent: 100, served: 0 },
    { id: '10.0.0.2', kind: 'address', ips: ['10.0.0.2'], sent: 0, served: 100, errors: 10 },
  ]);
  await expect(store.map({ from: T, to: T, level: 'workload' })).rejects.toMatchObject({
    code: 'STORE_INVALID',
  });
});

test('what was committed is there after a restart', async () => {
  await store.commit({ arrivals: flows(10), sessions: [{ session: 's', lastBatch: 4 }] });
  await store.close();
  await expect(store.commit({ arrivals: [], sessions: [] })).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  store = await SqliteStore.open({ dir, storageLimit: 2 ** 30 }, () => {});
  expect(await store.lastBatch('s')).toBe(4);
  expect(await store.stats()).toMatchObject({
    flows: 10,
    oldest: T,
    newest: T + 9000,
    schemaVersion: SCHEMA_VERSION,
  });
});

test('a second store on the same directory is refused, and the first goes on', async () => {
  await expect(SqliteStore.open({ dir, storageLimit: 2 ** 30 }, () => {})).rejects.toMatchObject({
    code: 'STORE_LOCKED',
  });
  await store.commit({ arrivals: flows(1), sessions: [] });
  expect((await store.stats()).flows).toBe(1);
});

test('an arrival without a proper id is refused', async () => {
  await expect(
    store.commit({ arrivals: [arrival({}, { id: 'nonsense' })], sessions: [] }),
  ).rejects.toMatchObject({
    code: 'STORE_INVALID',
  });
});

test('on the map probes are apart from what else a node asks for, also when they are counted again', async () => {
  const node = { ip: '10.0.0.1', port: 40_000, name: 'node1', node: 'node1' };
  const pod = { ...node, name: 'web', pod: 'web-1', workload: 'web', namespace: 'shop' };
  const dst = { ip: '10.0.0.2', port: 8080, name: 'api', pod: 'api-1', workload: 'api', namespace: 'shop' };
  const asked = (n: number, userAgent: string, src: typeof node) =>
    arrival({ time: T + n, connection: n, userAgent }, { src, dst });
  const arrivals = [
    asked(1, 'kube-probe/1.31', node),
    asked(2, 'kube-probe/1.31', node),
    asked(3, 'curl/8', node),
    asked(4, 'kube-probe/1.31', pod),
  ];
  const edges = async () => {
    const map = await store.map({ from: T - 60e6, to: T + 60e6, level: 'workload' });
    return map.edges.map(({ from, protocol, count }) => `${from} ${protocol} ${count}`).sort();
  };
  const expected = ['node/node1 http 1', 'node/node1 probe 2', 'shop/web http 1'];
  await store.commit({ arrivals, sessions: [] });
  expect(await edges()).toEqual(expected);

  await store.close();
  const segment = new Sqlite(join(dir, readdirSync(dir).find((name) => name.startsWith('flows-'))!));
  segment.exec('DELETE FROM rollups; UPDATE state SET rolled = 0');
  segment.close();
  store = await SqliteStore.open({ dir, storageLimit: 2 ** 30 }, () => {});
  expect(await edges()).toEqual(expected);
});
