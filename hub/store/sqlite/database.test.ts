import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asStoreError } from '../error.ts';
import { type Migration, openDatabase, openReadOnly } from './database.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'remora-db-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = (migrations: Migration[]) => openDatabase(join(dir, 'a.db'), migrations, 'The test', 65_536);
const first: Migration = (db) => db.exec("CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('kept')");
const second: Migration = (db) => db.exec('ALTER TABLE t ADD COLUMN b INTEGER NOT NULL DEFAULT 7');

test('a database of an older version is brought up step by step, and keeps what it has', () => {
  open([first]).close();
  const db = open([first, second]);
  expect(db.prepare('SELECT a, b FROM t').get()).toEqual({ a: 'kept', b: 7 });
  expect(db.pragma('user_version', { simple: true })).toBe(2);
  db.close();
});

test('who reads meanwhile sees no step without those that follow', () => {
  const seen: unknown[] = [];
  const look: Migration = () => {
    const reader = openReadOnly(join(dir, 'a.db'));
    seen.push(reader.prepare("SELECT name FROM sqlite_master WHERE name = 't'").get());
    reader.close();
  };
  open([first, look, second]).close();
  expect(seen).toEqual([undefined]);
});

test('a step that fails leaves the version before it', () => {
  open([first]).close();
  const broken: Migration = (db) => {
    second(db);
    db.exec('nonsense');
  };
  expect(() => open([first, broken])).toThrow('syntax error');
  const db = open([first, second]);
  expect(db.prepare('SELECT b FROM t').pluck().get()).toBe(7);
  db.close();
});

test('a database of a newer version is refused and left alone', () => {
  open([first, second]).close();
  expect(() => open([first])).toThrow(
    expect.objectContaining({ code: 'STORE_TOO_NEW', message: expect.stringContaining('schema version 2') }),
  );
  open([first, second]).close();
});

test('a full disk is STORE_FULL', () => {
  const db = open([first]);
  db.pragma('max_page_count = 10');
  const fill = () => {
    for (let i = 0; i < 100; i++) db.prepare('INSERT INTO t VALUES (?)').run('x'.repeat(8000));
  };
  let error: unknown;
  try {
    fill();
  } catch (caught) {
    error = asStoreError(caught, 'Writing');
  }
  expect(error).toMatchObject({ code: 'STORE_FULL', message: expect.stringContaining('Free some space') });
  db.close();
});

test('what cannot be written is STORE_READ_ONLY', () => {
  open([first]).close();
  const db = open([first]);
  db.pragma('query_only = ON');
  let error: unknown;
  try {
    db.exec("INSERT INTO t VALUES ('x')");
  } catch (caught) {
    error = asStoreError(caught, 'Writing');
  }
  expect(error).toMatchObject({ code: 'STORE_READ_ONLY' });
  db.close();
});

/** SQLite's temporary files have no name any more, but are open. */
function temporaryFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const file = readlinkSync(`/proc/self/fd/${fd}`);
      return file.includes('etilqs_') ? [file] : [];
    } catch {
      return [];
    }
  });
}

test.skipIf(!existsSync('/proc/self/fd'))('sorts that do not fit the cache write nothing elsewhere', () => {
  const db = open([
    (db) =>
      db.exec(`
        CREATE TABLE big (a, b);
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
        INSERT INTO big SELECT random(), hex(randomblob(200)) FROM n`),
  ]);
  const reading = openReadOnly(join(dir, 'a.db'));
  for (const each of [db, reading]) {
    for (const _ of each.prepare('SELECT a, b FROM big ORDER BY a, b').iterate()) {
      expect(temporaryFiles()).toEqual([]);
      break;
    }
    each.close();
  }
});
