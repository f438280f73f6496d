import Sqlite, { type Database } from 'better-sqlite3';
import { StoreError } from '../error.ts';

/** Brings a database from version n to n + 1, where n is its place in the list. Runs in a transaction with those that follow. */
export type Migration = (db: Database) => void;

const PAGE_SIZE = 8192;
/** Pages in memory, of a database that is written, and of one of many that are read: the kernel has those too. KiB. */
const WRITER_CACHE = 8192;
const READER_CACHE = 2048;

/**
 * Opens a database for writing and migrates it to the last version of `migrations`.
 *
 * WAL with synchronous=NORMAL: what a transaction wrote is in the kernel's hands when it ends, so it survives
 * the death of the process at any moment. A power failure may take the last seconds, never the consistency.
 *
 * The log is written back into the file (one fsync) whenever it passes `logBytes`, and cut back to that.
 *
 * Throws StoreError STORE_TOO_NEW for a database of a later program.
 */
export function openDatabase(
  file: string,
  migrations: readonly Migration[],
  name: string,
  logBytes: number,
): Database {
  const db = new Sqlite(file);
  try {
    db.pragma(`page_size = ${PAGE_SIZE}`);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma(`wal_autocheckpoint = ${Math.ceil(logBytes / PAGE_SIZE)}`);
    db.pragma(`journal_size_limit = ${logBytes}`);
    setUp(db, WRITER_CACHE);
    migrate(db, migrations, name);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens a database to read from; it must exist. */
export function openReadOnly(file: string): Database {
  const db = new Sqlite(file, { readonly: true, fileMustExist: true });
  setUp(db, READER_CACHE);
  return db;
}

function setUp(db: Database, cache: number): void {
  db.pragma(`cache_size = -${cache}`);
  // Nothing is written but the data: a container has no other place, and what was captured would lie in it. Our sorts are small.
  db.pragma('temp_store = MEMORY');
}

function migrate(db: Database, migrations: readonly Migration[], name: string): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > migrations.length) {
    throw new StoreError(
      'STORE_TOO_NEW',
      `${name} has schema version ${version}, this program knows up to ${migrations.length}. Use a newer Remora, or another --data-dir.`,
    );
  }
  if (version === migrations.length) return;
  // At once: whoever reads meanwhile finds no tables, or all of them as they are to be.
  db.transaction(() => {
    for (const step of migrations.slice(version)) step(db);
    db.pragma(`user_version = ${migrations.length}`);
  }).immediate();
}
