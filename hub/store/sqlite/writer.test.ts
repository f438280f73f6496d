import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { arrival, connectionArrival } from '../../../test/arrivals.ts';
import type { Commit, FlowQuery } from '../store.ts';
import { segmentFile, segmentIds } from './catalogue.ts';
import { packCommit } from './commit-frame.ts';
import type { StoreOptions } from './options.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

const MIB = 1024 * 1024;
const T = 1_700_000_000_000_000;
const ALL: FlowQuery = { filter: '', limit: 1_000_000, budgetMs: 60_000 };

let dir: string;
let clock: number;
let warnings: string[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'remora-store-'));
  clock = 1_800_000_000_000;
  warnings = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function open(options: Partial<StoreOptions> = {}): Writer {
  return new Writer(
    { dir, storageLimit: 1024 * MIB, ...options },
    (text) => warnings.push(text),
    () => clock,
  );
}

function commit(writer: Writer, arrivals: Commit['arrivals'], sessions: Commit['sessions'] = []): void {
  writer.commit(packCommit({ arrivals, sessions }));
}

async function read<T>(work: (reader: Reader) => T | Promise<T>): Promise<T> {
  const reader = new Reader(dir);
  try {
    return await work(reader);
  } finally {
    reader.close();
  }
}

const ids = () => read(async (reader) => (await reader.flows(ALL)).rows.map((row) => row.id));

/** `count` flows of about 1 KB, `step` µs apart. */
function series(count: number, start = T, step = 1000) {
  return Array.from({ length: count }, (_, i) =>
    arrival({ time: start + i * step, connection: i, responseBody: 'x'.repeat(500) }),
  );
}

test('a flow comes back with all that was known of it', async () => {
  const writer = open();
  const src = {
    ip: '10.0.0.1',
    port: 40_000,
    name: 'cart',
    namespace: 'shop',
    pod: 'cart-1',
    workload: 'cart',
    node: 'n1',
  };
  const given = arrival({ status: 503, method: 'POST', elapsed: 2500 }, { src, node: 'n1' });
  commit(writer, [given]);
  writer.close();
  const flow = await read((reader) => reader.flow(given.id));
  expect(flow).toMatchObject({
    id: given.id,
    node: 'n1',
    src,
    dst: { ip: '10.0.0.2', port: 8080, name: '10.0.0.2' },
    request: { method: 'POST', path: '/items' },
    response: { status: 503, body: { text: '{"items":[]}' } },
    elapsedMs: 2.5,
    connection: 'session-1-1',
  });
  const row = (await read((reader) => reader.flows(ALL))).rows[0];
  expect(row).toMatchObject({
    id: given.id,
    src,
    status: 503,
    path: '/items?page=2',
    mime: 'application/json',
  });
});

test('committing again changes nothing: not the flows, not the map', async () => {
  const writer = open();
  const arrivals = series(50);
  commit(writer, arrivals, [{ session: 's', lastBatch: 1 }]);
  commit(writer, arrivals, [{ session: 's', lastBatch: 1 }]);
  writer.flushRollups();
  commit(writer, arrivals.slice(10, 20));
  expect(writer.stats()).toMatchObject({ flows: 50, counters: { duplicateFlows: 60 } });
  writer.close();
  expect(new Set(await ids()).size).toBe(50);
  const map = await read((reader) => reader.map({ from: T, to: T + 60e6, level: 'workload' }));
  expect(map.edges).toHaveLength(1);
  expect(map.edges[0].count).toBe(50);
});

test('the progress of a session only goes forward', () => {
  const writer = open();
  expect(writer.lastBatch('s')).toBe(0);
  commit(writer, [], [{ session: 's', lastBatch: 7 }]);
  commit(writer, [], [{ session: 's', lastBatch: 5 }]);
  expect(writer.lastBatch('s')).toBe(7);
  writer.close();
  const again = open();
  expect(again.lastBatch('s')).toBe(7);
  again.close();
});

test('a connection told again is replaced, and found by its id', async () => {
  const writer = open();
  commit(writer, [connectionArrival({ connection: 3, clientBytes: 10 })]);
  commit(writer, [connectionArrival({ connection: 3, clientBytes: 99 })]);
  writer.close();
  expect(await read((reader) => reader.connection('session-1-3'))).toMatchObject({ client: { bytes: 99 } });
  expect(await read((reader) => reader.connection('session-1-4'))).toBeUndefined();
});

test('full segments get their indexes bit by bit, also those that a killed hub had left without; the one that grows has none', () => {
  const indexes = () =>
    segmentIds(dir).map((id) => {
      const db = new Sqlite(segmentFile(dir, id), { readonly: true });
      const found = db
        .prepare("SELECT count(*) FROM sqlite_master WHERE name IN ('flows_by_dst', 'flows_by_columns')")
        .pluck()
        .get();
      db.close();
      return found;
    });
  const writer = open({ segmentBytes: 128 * 1024 });
  for (let n = 0; n < 600; n += 100) commit(writer, series(600).slice(n, n + 100));
  const full = indexes().length - 1;
  expect(full).toBeGreaterThan(1);
  writer.upkeep();
  expect(indexes().reduce((sum: number, count) => sum + Number(count), 0)).toBe(1);
  writer.close();
  const again = open({ segmentBytes: 128 * 1024 });
  for (let n = 0; n < 3 * full; n++) again.upkeep();
  again.close();
  expect(indexes()).toEqual([...Array(full).fill(2), 0]);
});

test('flows in any order go to segments whose ranges do not overlap', async () => {
  const writer = open({ segmentBytes: 128 * 1024 });
  const arrivals = series(600);
  // A fixed shuffle: 1009 is prime and no divisor of 600.
  const shuffled = arrivals.map((_, i) => arrivals[(i * 1009) % 600]);
  for (let i = 0; i < 600; i += 60) commit(writer, shuffled.slice(i, i + 60));
  const stats = writer.stats();
  expect(stats.flows).toBe(600);
  expect(stats.segments).toBeGreaterThan(5);
  for (let i = 0; i < 600; i += 60) commit(writer, shuffled.slice(i, i + 60));
  expect(writer.stats().flows).toBe(600);
  writer.close();
  const expected = arrivals.map((one) => one.id).reverse();
  expect(await ids()).toEqual(expected);
  const some = arrivals[345].id;
  expect(await read((reader) => reader.flow(some))).toMatchObject({ id: some });
  const map = await read((reader) => reader.map({ from: T, to: T + 60e6, level: 'workload' }));
  expect(map.edges[0].count).toBe(600);
});

test('traffic in order leaves full segments behind, and stragglers do not cut them up', () => {
  const writer = open({ segmentBytes: 128 * 1024 });
  const arrivals = series(1500);
  for (let i = 0; i < 1500; i += 100) commit(writer, arrivals.slice(i, i + 100));
  const before = writer.stats().segments;
  for (let i = 0; i < 60; i++) commit(writer, [arrival({ time: T + i, connection: 10_000 + i })]);
  expect(writer.stats().segments - before).toBeLessThan(3);
  expect(writer.stats().bytes / writer.stats().segments).toBeGreaterThan(64 * 1024);
  writer.close();
});

test('a segment that has been written to for an hour is closed off', () => {
  const writer = open();
  commit(writer, series(10));
  expect(writer.stats().segments).toBe(1);
  clock += 3_600_001;
  commit(writer, series(10, T + 3600e6));
  commit(writer, series(10, T + 3601e6));
  expect(writer.stats().segments).toBe(2);
  writer.close();
});

test('retention by size: the oldest go, the limit is kept, what is deleted is counted', async () => {
  const writer = open({ storageLimit: 5 * MIB });
  let given = 0;
  for (let i = 0; i < 120; i++) {
    clock += 10;
    commit(writer, series(100, T + i * 100_000));
    given += 100;
    writer.upkeep();
    expect(writer.stats().bytes).toBeLessThanOrEqual(5 * MIB);
  }
  const { flows, counters } = writer.stats();
  expect(flows).toBeLessThan(given);
  expect(flows).toBeGreaterThan(2000);
  expect(counters.retiredFlows).toBe(given - flows);
  expect(counters.retiredSegments).toBeGreaterThan(2);
  writer.close();
  const left = await ids();
  expect(left).toHaveLength(flows);
  expect(left[0]).toBe(series(100, T + 119 * 100_000)[99].id);
});

test('retention by size with nothing to split by: all flows at one time', () => {
  const writer = open({ storageLimit: 4 * MIB });
  for (let i = 0; i < 50; i++) {
    commit(
      writer,
      Array.from({ length: 200 }, (_, n) =>
        arrival({ time: T, connection: i * 200 + n, responseBody: 'x'.repeat(500) }),
      ),
    );
    writer.upkeep();
    expect(writer.stats().bytes).toBeLessThanOrEqual(4 * MIB);
  }
  const { flows, counters } = writer.stats();
  expect(flows + counters.retiredFlows).toBe(10_000);
  writer.close();
});

test('retention by age goes by when flows came, not by their own time', async () => {
  const writer = open({ maxAge: 1000, segmentAge: 400 });
  commit(writer, series(5, T));
  clock += 500;
  commit(writer, series(5, T + 50e6)); // splits: the first ones are in a segment of their own from now on
  commit(writer, series(5, T + 60e6));
  clock += 1100;
  commit(writer, series(5, T + 70e6));
  writer.upkeep();
  expect(writer.stats().counters.retiredSegments).toBe(1);
  expect(writer.stats().flows).toBeGreaterThanOrEqual(5);
  clock += 1001;
  writer.upkeep();
  expect(writer.stats().flows).toBe(0);
  commit(writer, series(5, T + 80e6));
  writer.close();
  expect(await ids()).toHaveLength(5);
});

test('a process that dies before its roll-ups are written has them after the next start', async () => {
  const writer = open();
  commit(writer, series(20));
  writer.flushRollups();
  commit(writer, series(30, T + 1e6));
  // Died here: nothing is closed. The same files, seen by another process.
  const copy = mkdtempSync(join(tmpdir(), 'remora-store-'));
  for (const name of readdirSync(dir)) {
    if (name !== 'lock.db') writeFileSync(join(copy, name), readFileSync(join(dir, name)));
  }
  writer.close();
  rmSync(dir, { recursive: true });
  dir = copy;
  const again = open();
  commit(again, series(5, T + 2e6));
  again.close();
  const map = await read((reader) => reader.map({ from: T, to: T + 60e6, level: 'workload' }));
  expect(map.edges[0].count).toBe(55);
});

test('a failed commit leaves nothing that counts, and can be repeated', async () => {
  const writer = open();
  commit(writer, series(10));
  const hostile = series(10, T + 1e6);
  const frame = packCommit({ arrivals: hostile, sessions: [{ session: 's', lastBatch: 1 }] });
  frame.records.fill(0, frame.offsets[9]); // the last record is no record: the transaction fails after nine
  expect(() => writer.commit(frame)).toThrow(expect.objectContaining({ code: 'STORE_IO' }));
  expect(writer.lastBatch('s')).toBe(0);
  expect(writer.stats().flows).toBe(10);
  commit(writer, hostile, [{ session: 's', lastBatch: 1 }]);
  expect(writer.stats().flows).toBe(20);
  writer.close();
  expect(
    (await read((reader) => reader.map({ from: T, to: T + 60e6, level: 'workload' }))).edges[0].count,
  ).toBe(20);
});

test('a damaged segment is set aside, counted and named; the rest works', async () => {
  const writer = open({ segmentBytes: 128 * 1024 });
  for (let i = 0; i < 1000; i += 100) commit(writer, series(100, T + i * 1000));
  const { segments, flows } = writer.stats();
  writer.close();
  const file = readdirSync(dir)
    .filter((name) => /^flows-\d+\.db$/.test(name))
    .sort()[0];
  writeFileSync(join(dir, file), 'this is no database, and long enough to be looked at '.repeat(50));
  const again = open({ segmentBytes: 128 * 1024 });
  expect(again.stats().counters.damagedSegments).toBe(1);
  expect(again.stats().segments).toBe(segments - 1);
  expect(again.stats().flows).toBeLessThan(flows);
  expect(warnings.join()).toContain(`${file}.damaged`);
  expect(existsSync(join(dir, `${file}.damaged`))).toBe(true);
  commit(again, series(10, T));
  again.close();
  expect((await ids()).length).toBeGreaterThan(10);
});

test('damage that only reading finds is reported by the reader', async () => {
  const writer = open();
  for (let i = 0; i < 20; i++) commit(writer, series(100, T + i * 100_000));
  const { segments } = writer.stats();
  expect(segments).toBe(1);
  writer.close();
  const file = join(dir, readdirSync(dir).find((name) => name.startsWith('flows-'))!);
  const bytes = readFileSync(file);
  bytes.fill(0xee, 200_000, 1_500_000);
  writeFileSync(file, bytes);
  const damaged = await read(async (reader) => {
    await reader.flows(ALL);
    return reader.takeDamaged();
  });
  expect(damaged).toEqual([1]);
});

test('a record that cannot be read is left out and counted; the others are there, at the next start too', async () => {
  const writer = open();
  commit(writer, series(20));
  writer.close();
  const segment = new Sqlite(join(dir, readdirSync(dir).find((name) => name.startsWith('flows-'))!));
  segment.exec(
    "UPDATE records SET record = x'0102' WHERE row = 7; UPDATE state SET rolled = 0; DELETE FROM rollups",
  );
  segment.close();
  open().close();
  await read(async (reader) => {
    const { rows } = await reader.flows(ALL);
    expect(rows).toHaveLength(19);
    expect(reader.counters.unreadableRecords).toBe(1);
    expect(
      (await reader.map({ from: T - 1e7, to: T + 1e8, level: 'workload' })).edges.reduce(
        (sum, edge) => sum + edge.count,
        0,
      ),
    ).toBe(19);
  });
});

test('a damaged catalogue is made again from the segments', async () => {
  const writer = open({ segmentBytes: 128 * 1024 });
  for (let i = 0; i < 1000; i += 100) commit(writer, series(100, T + i * 1000));
  writer.close();
  truncateSync(join(dir, 'catalogue.db'), 3000);
  const again = open({ segmentBytes: 128 * 1024 });
  expect(again.stats()).toMatchObject({ flows: 1000, counters: { damagedCatalogues: 1 } });
  commit(again, series(100, T)); // the same once more
  commit(again, [arrival({ time: T - 5e6 })]); // before all that there is
  expect(again.stats().flows).toBe(1001);
  again.close();
  expect(new Set(await ids()).size).toBe(1001);
});

test('half a split, left by a crash, is cleared away', () => {
  const writer = open({ segmentBytes: 128 * 1024 });
  for (let i = 0; i < 500; i += 100) commit(writer, series(100, T + i * 1000));
  const { flows } = writer.stats();
  writer.close();
  writeFileSync(join(dir, 'flows-00000099.db'), 'not listed');
  const catalogue = new Sqlite(join(dir, 'catalogue.db'));
  const [first, second] = catalogue
    .prepare('SELECT id FROM segments ORDER BY start')
    .pluck()
    .all() as number[];
  catalogue.close();
  // Rows of the second still in the first, as between `publish` and `removeStrays`.
  const db = new Sqlite(join(dir, `flows-${String(first).padStart(8, '0')}.db`));
  db.prepare('ATTACH ? AS later').run(join(dir, `flows-${String(second).padStart(8, '0')}.db`));
  db.exec(`INSERT INTO flows SELECT NULL, time, hash_high, hash_low, origin, src, src_port, dst, dst_port, observations, protocol,
    method, host, path, status, elapsed, request_size, response_size, completeness, redacted FROM later.flows;
    INSERT INTO records SELECT row, x'00' FROM flows WHERE row NOT IN (SELECT row FROM records);
    UPDATE state SET flows = (SELECT count(*) FROM flows), rolled = (SELECT max(row) FROM flows)`);
  db.close();
  const again = open({ segmentBytes: 128 * 1024 });
  expect(again.stats().flows).toBe(flows);
  expect(existsSync(join(dir, 'flows-00000099.db'))).toBe(false);
  again.close();
});

test('one process at a time', () => {
  const writer = open();
  expect(() => open()).toThrow(
    expect.objectContaining({ code: 'STORE_LOCKED', message: expect.stringContaining(dir) }),
  );
  writer.close();
  open().close();
});

test('data of a later version is refused', () => {
  open().close();
  const db = new Sqlite(join(dir, 'catalogue.db'));
  db.pragma('user_version = 99');
  db.close();
  expect(() => open()).toThrow(expect.objectContaining({ code: 'STORE_TOO_NEW' }));
});

test('a data directory that cannot be made', () => {
  writeFileSync(join(dir, 'file'), '');
  expect(() => new Writer({ dir: join(dir, 'file', 'sub'), storageLimit: MIB }, () => {})).toThrow(
    expect.objectContaining({ name: 'StoreError', code: 'STORE_IO' }),
  );
});

test('hostile times and sizes are stored as something', async () => {
  const writer = open();
  const sizes = [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300, 0.5];
  commit(
    writer,
    sizes.map((size, i) =>
      arrival({ connection: i, gapBytes: size, requestWire: size, responseWire: size, elapsed: size }),
    ),
  );
  commit(writer, [
    connectionArrival({ time: Number.NaN }),
    connectionArrival({ time: 1e300, connection: 2 }),
  ]);
  expect(writer.stats().flows).toBe(5);
  writer.close();
  expect(await ids()).toHaveLength(5);
  const map = await read((reader) => reader.map({ from: T - 1e6, to: T + 60e6, level: 'workload' }));
  expect(map.edges[0]).toMatchObject({ count: 5, bytes: 0 });
});
