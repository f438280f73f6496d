import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { arrival, connectionArrival } from '../../../test/arrivals.ts';
import type { Arrival, RefusedQuery } from '../store.ts';
import { packCommit } from './commit-frame.ts';
import type { StoreOptions } from './options.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

const T = 1_700_000_000_000_000;
const SECOND = 1_000_000;

let dir: string;
let clock: number;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'remora-store-'));
  clock = 1_800_000_000_000;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = (options: Partial<StoreOptions> = {}) =>
  new Writer(
    { dir, storageLimit: 2 ** 30, ...options },
    () => {},
    () => clock,
  );

function write(arrivals: Arrival[], options: Partial<StoreOptions> = {}): number {
  const writer = open(options);
  for (let at = 0; at < arrivals.length; at += 50)
    writer.commit(packCommit({ arrivals: arrivals.slice(at, at + 50), sessions: [] }));
  const { segments } = writer.stats();
  writer.close();
  return segments;
}

async function list(query: Partial<RefusedQuery> = {}): Promise<{ ids: string[]; more: boolean }> {
  const reader = new Reader(dir);
  try {
    const { connections, more } = await reader.refused({
      filter: '',
      limit: 1000,
      budgetMs: 60_000,
      ...query,
    });
    return { ids: connections.map(({ id }) => id), more };
  } finally {
    reader.close();
  }
}

/** The n-th, a second after the one before. */
const refused = (n: number, dst = '10.0.0.2') =>
  connectionArrival({ connection: n, refused: true, time: T + n * SECOND, dst });
const some = (...numbers: number[]) => ({ ids: numbers.map((n) => `session-1-${n}`), more: false });

test('refused connections, and no others, are listed newest first, within a range', async () => {
  write([refused(2), connectionArrival({ connection: 9 }), refused(1), refused(3), arrival()]);
  expect(await list()).toEqual(some(3, 2, 1));
  expect(await list({ from: T + 2 * SECOND, to: T + 3 * SECOND })).toEqual(some(2));
  expect(await list({ from: T + 4 * SECOND })).toEqual(some());
  expect(await list({ limit: 2 })).toEqual({ ...some(3, 2), more: true });
  expect(await list({ limit: 3 })).toEqual(some(3, 2, 1));
});

test('many of one time are each listed once', async () => {
  const all = Array.from({ length: 600 }, (_, n) =>
    connectionArrival({ connection: n, refused: true, time: T }),
  );
  write(all);
  const { ids } = await list();
  expect(new Set(ids).size).toBe(600);
  expect(ids).toHaveLength(600);
});

describe('a filter', () => {
  test.each([
    ['dst.ip == "10.0.0.9" && src.port == 40000', some(2)],
    ['node_name == "node-a" && error', some(2, 1)],
    ['conn_id == "session-1-1"', some(1)],
    ['http', some()],
    ['status_code >= 500', some()],
    ['url.contains("/items")', some()],
  ])('%s', async (filter, expected) => {
    write([refused(1), refused(2, '10.0.0.9')]);
    expect(await list({ filter })).toEqual(expected);
  });
});

test('they stay with their time when segments are split, and go with them', async () => {
  const mixed = Array.from({ length: 600 }, (_, n) => [
    arrival({ time: T + n * SECOND, connection: 1000 + n, responseBody: 'x'.repeat(500) }),
    refused(n),
  ]).flat();
  const options = { segmentBytes: 128 * 1024 };
  expect(write(mixed, options)).toBeGreaterThan(3);
  expect((await list()).ids).toEqual(Array.from({ length: 600 }, (_, n) => `session-1-${599 - n}`));
  write([], { ...options, storageLimit: 600 * 1024 });
  const { ids } = await list();
  expect(ids[0]).toBe('session-1-599');
  expect(ids.length).toBeLessThan(600);
});

test('where nothing but refused connections comes, segments are split and let go all the same', async () => {
  const all = Array.from({ length: 1200 }, (_, n) => refused(n));
  expect(write(all, { segmentBytes: 128 * 1024 })).toBeGreaterThan(3);
  expect((await list({ limit: 3000 })).ids).toHaveLength(1200);
  clock += 3_600_000;
  write([], { maxAge: 60_000 });
  expect(await list()).toEqual(some());
});
