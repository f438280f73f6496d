import type { Database } from 'better-sqlite3';

/** The arrivals whose times decide where a segment is split. */
const RECENT_ARRIVALS = 256;

/**
 * Splits a segment at the median time of its newest arrivals, and moves what is later into the database `file`, which is
 * made and empty. For traffic that comes in the order of time that is a handful of rows, and all that comes after goes to
 * the new one; arrivals in any other order are parted so that each half goes on growing.
 *
 * `publish` makes the new segment known. Before it a crash leaves a file that nobody lists, after it rows that lie outside
 * this segment's range: both are removed at the next start (`removeStrays`).
 *
 * Returns false, and does nothing, where all flows have the same time. Without flows, the times of connections decide.
 */
export function splitSegment(db: Database, file: string, publish: (start: number) => void): boolean {
  const start = splitTime(db);
  if (start === undefined) return false;
  db.prepare('ATTACH ? AS fresh').run(file);
  try {
    db.transaction(() => {
      // A place refers to its node, also the two that are there from the start.
      db.exec('DELETE FROM fresh.places; DELETE FROM fresh.nodes');
      for (const table of ['nodes', 'places', 'endpoints', 'origins', 'protocols']) {
        db.exec(`INSERT INTO fresh.${table} SELECT * FROM main.${table}`);
      }
      for (const table of ['flows', 'connections']) {
        db.prepare(`INSERT INTO fresh.${table} SELECT * FROM main.${table} WHERE time >= ?`).run(start);
      }
      db.prepare(
        'INSERT INTO fresh.records SELECT * FROM main.records WHERE row IN (SELECT row FROM fresh.flows)',
      ).run();
      // The bucket that the split goes through stays here: buckets of several segments are added up.
      db.prepare('INSERT INTO fresh.rollups SELECT * FROM main.rollups WHERE bucket >= ?').run(start);
      db.exec(
        'UPDATE fresh.state SET flows = (SELECT count(*) FROM fresh.flows), rolled = (SELECT coalesce(max(row), 0) FROM fresh.flows)',
      );
    }).immediate();
  } finally {
    db.exec('DETACH fresh');
  }
  publish(start);
  removeStrays(db, start);
  return true;
}

/** Deletes what does not belong into a segment whose range ends at `end`. Its roll-ups must be up to date. */
export function removeStrays(db: Database, end: number): void {
  db.transaction(() => {
    db.prepare('DELETE FROM records WHERE row IN (SELECT row FROM flows WHERE time >= ?)').run(end);
    const { changes } = db.prepare('DELETE FROM flows WHERE time >= ?').run(end);
    db.prepare('DELETE FROM connections WHERE time >= ?').run(end);
    db.prepare('DELETE FROM rollups WHERE bucket >= ?').run(end);
    db.prepare('UPDATE state SET flows = flows - ?, rolled = (SELECT coalesce(max(row), 0) FROM flows)').run(
      changes,
    );
  }).immediate();
}

function splitTime(db: Database): number | undefined {
  const table = db.prepare('SELECT 1 FROM flows').get() === undefined ? 'connections' : 'flows';
  const first = db.prepare(`SELECT min(time) FROM ${table}`).pluck().get() as number | null;
  if (first === null) return undefined;
  const recent = db
    .prepare(`SELECT time FROM ${table} ORDER BY rowid DESC LIMIT ?`)
    .pluck()
    .all(RECENT_ARRIVALS) as number[];
  const median = recent.sort((a, b) => a - b)[recent.length >> 1];
  if (median > first) return median;
  const next = db.prepare(`SELECT min(time) FROM ${table} WHERE time > ?`).pluck().get(first) as
    | number
    | null;
  return next ?? undefined;
}
