import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { StoreError } from '../error.ts';
import { openDatabase, openReadOnly } from './database.ts';
import { CATALOGUE_MIGRATIONS } from './schema.ts';

/** Rows of `sessions`; the ones not seen for longest go first. */
export const MAX_SESSIONS = 20_000;

export interface SegmentEntry {
  id: number;
  /** µs: it has the flows from here up to the start of the next one. */
  start: number;
  created: number;
  written: number;
}

/** A segment with the end of its range (exclusive). */
export interface SegmentRange extends SegmentEntry {
  end: number;
}

export const CATALOGUE_FILE = 'catalogue.db';
const LOG_BYTES = 256 * 1024;
const SIDE_FILES = ['', '-wal', '-shm', '-journal'];

export function segmentFile(dir: string, id: number): string {
  return join(dir, `flows-${String(id).padStart(8, '0')}.db`);
}

/** Bytes of a database with its log. */
export function databaseBytes(file: string): number {
  let bytes = 0;
  for (const side of SIDE_FILES) bytes += statSync(file + side, { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}

export function removeDatabase(file: string): void {
  for (const side of SIDE_FILES) rmSync(file + side, { force: true });
}

/** Puts a damaged database out of the way, under a name of its own. Returns that name. */
export function setAside(file: string): string {
  let aside = `${file}.damaged`;
  for (let n = 2; statSync(aside, { throwIfNoEntry: false }) !== undefined; n++)
    aside = `${file}.damaged-${n}`;
  for (const side of SIDE_FILES) {
    if (statSync(file + side, { throwIfNoEntry: false }) !== undefined) renameSync(file + side, aside + side);
  }
  return aside;
}

/** Ids of the segment files in a data directory. */
export function segmentIds(dir: string): number[] {
  return readdirSync(dir)
    .map((name) => /^flows-(\d+)\.db$/.exec(name)?.[1])
    .filter((id) => id !== undefined)
    .map(Number);
}

/**
 * Takes the data directory for this process. The lock is SQLite's on an empty database: the kernel takes it
 * back when the process dies, however it dies. Throws StoreError STORE_LOCKED.
 */
export function lockDirectory(dir: string): Database {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = new Sqlite(join(dir, 'lock.db'), { timeout: 0 });
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) {
      throw new StoreError(
        'STORE_LOCKED',
        `Another Remora uses the data directory ${dir}. Stop it, or give another one with --data-dir.`,
        error,
      );
    }
    throw error;
  }
}

/** Which segments there are, how far each worker session has got, and what retention has deleted. */
export class Catalogue {
  readonly db: Database;
  readonly #saveSession;
  readonly #touch;
  readonly #count;

  constructor(dir: string) {
    this.db = openDatabase(join(dir, CATALOGUE_FILE), CATALOGUE_MIGRATIONS, 'The catalogue', LOG_BYTES);
    this.#saveSession = this.db.prepare<[string, number, number]>(
      `INSERT INTO sessions VALUES (?, ?, ?) ON CONFLICT (session)
       DO UPDATE SET last_batch = max(last_batch, excluded.last_batch), seen = excluded.seen`,
    );
    this.#touch = this.db.prepare<[number, number]>('UPDATE segments SET written = ? WHERE id = ?');
    this.#count = this.db.prepare<[string, number]>(
      'INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value',
    );
  }

  segments(): SegmentRange[] {
    return readSegments(this.db);
  }

  addSegment(start: number, now: number): SegmentEntry {
    const { lastInsertRowid } = this.db
      .prepare('INSERT INTO segments (start, created, written) VALUES (?, ?, ?)')
      .run(start, now, now);
    return { id: Number(lastInsertRowid), start, created: now, written: now };
  }

  /** The segment's hour begins anew: it was split. */
  setCreated(id: number, now: number): void {
    this.db.prepare('UPDATE segments SET created = ? WHERE id = ?').run(now, id);
  }

  /** Lists a segment whose entry was lost. */
  restoreSegment(id: number, start: number, now: number): void {
    this.db
      .prepare('INSERT INTO segments VALUES (?, ?, ?, ?) ON CONFLICT (start) DO NOTHING')
      .run(id, start, now, now);
  }

  /** The id that `addSegment` will give next: its file is made before it is listed. */
  nextSegmentId(): number {
    const used = this.db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'segments'").pluck().get();
    return Number(used ?? 0) + 1;
  }

  /** Takes a segment off the list; its range goes to its neighbour. `counts` are added to the counters with it. */
  removeSegment(id: number, counts: Record<string, number>): void {
    this.db.transaction(() => {
      this.db.prepare('DELETE FROM segments WHERE id = ?').run(id);
      for (const [name, value] of Object.entries(counts)) this.count(name, value);
    })();
  }

  /** Adds to a counter that outlives the process. */
  count(name: string, value: number): void {
    this.#count.run(name, value);
  }

  /** What a commit leaves here, after its flows are in their segments. */
  saveProgress(
    sessions: { session: string; lastBatch: number }[],
    segments: Iterable<number>,
    now: number,
  ): void {
    this.db.transaction(() => {
      for (const { session, lastBatch } of sessions) this.#saveSession.run(session, lastBatch, now);
      for (const id of segments) this.#touch.run(now, id);
    })();
  }

  lastBatch(session: string): number {
    const row = this.db.prepare('SELECT last_batch FROM sessions WHERE session = ?').pluck().get(session);
    return Number(row ?? 0);
  }

  pruneSessions(): void {
    this.db
      .prepare(
        'DELETE FROM sessions WHERE session IN (SELECT session FROM sessions ORDER BY seen DESC LIMIT -1 OFFSET ?)',
      )
      .run(MAX_SESSIONS);
  }

  counters(): Record<string, number> {
    const rows = this.db.prepare('SELECT name, value FROM counters').raw().all() as [string, number][];
    return Object.fromEntries(rows);
  }

  close(): void {
    this.db.pragma('wal_checkpoint(TRUNCATE)');
    this.db.close();
  }
}

export function openCatalogueReadOnly(dir: string): Database {
  return openReadOnly(join(dir, CATALOGUE_FILE));
}

/** In the order of time. The first one also has everything before its start. */
export function readSegments(db: Database): SegmentRange[] {
  const rows = db
    .prepare('SELECT id, start, created, written FROM segments ORDER BY start')
    .all() as SegmentRange[];
  rows.forEach((row, n) => {
    row.end = rows[n + 1]?.start ?? Number.MAX_SAFE_INTEGER;
  });
  return rows;
}
