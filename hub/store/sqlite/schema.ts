/**
 * The tables. Two kinds of database: one catalogue, and segments, each with the flows of one range of time and all that
 * is needed to read them, so that deleting the file deletes everything about them.
 */
import type { Database } from 'better-sqlite3';
import { Bucket } from '../rollup/bucket.ts';
import { decodeBucket, encodeBucket } from '../rollup/codec.ts';
import type { Migration } from './database.ts';

/** All that a filter on columns asks for and a list of flows needs, in the order of time. */
export const FLOW_COLUMNS = `time, hash_high, hash_low, origin, src, src_port, dst, dst_port, protocol, method, host, path, status, elapsed,
  request_size, response_size, completeness, redacted`;

export const CATALOGUE_MIGRATIONS: readonly Migration[] = [
  (db) =>
    db.exec(`
      -- A segment has the flows from its start (µs) up to the start of the next one.
      CREATE TABLE segments (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        start INTEGER NOT NULL UNIQUE,
        created INTEGER NOT NULL,  -- ms, the hub's clock
        written INTEGER NOT NULL   -- ms, the last commit into it
      );
      CREATE TABLE sessions (
        session TEXT PRIMARY KEY,
        last_batch INTEGER NOT NULL,
        seen INTEGER NOT NULL      -- ms
      ) WITHOUT ROWID;
      CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    `),
];

export const SEGMENT_MIGRATIONS: readonly Migration[] = [
  (db) =>
    db.exec(`
      -- One row: how many flows there are, and up to which of them the roll-ups go.
      CREATE TABLE state (flows INTEGER NOT NULL, rolled INTEGER NOT NULL);
      INSERT INTO state VALUES (0, 0);

      -- What the map draws as one. 0 stands for all that found no room.
      CREATE TABLE nodes (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        namespace TEXT NOT NULL
      );
      INSERT INTO nodes VALUES (0, 'others', 'others', 'external', '');

      -- Ends of flows, without the port. '' where something is not known.
      CREATE TABLE endpoints (
        id INTEGER PRIMARY KEY,
        ip TEXT NOT NULL,
        name TEXT NOT NULL,
        namespace TEXT NOT NULL,
        pod TEXT NOT NULL,
        service TEXT NOT NULL,
        workload TEXT NOT NULL,
        node TEXT NOT NULL,
        map_node INTEGER NOT NULL REFERENCES nodes(id),
        UNIQUE (ip, name, namespace, pod, service, workload, node)
      );
      CREATE INDEX endpoints_by_node ON endpoints (map_node);

      -- Who sent it: the worker's node and session.
      CREATE TABLE origins (
        id INTEGER PRIMARY KEY,
        node TEXT NOT NULL,
        session TEXT NOT NULL,
        UNIQUE (node, session)
      );

      CREATE TABLE protocols (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

      CREATE TABLE flows (
        row INTEGER PRIMARY KEY,   -- order of arrival
        time INTEGER NOT NULL,     -- µs; with hash_high and hash_low, the id
        hash_high INTEGER NOT NULL,
        hash_low INTEGER NOT NULL,
        origin INTEGER NOT NULL,
        src INTEGER NOT NULL,
        src_port INTEGER NOT NULL,
        dst INTEGER NOT NULL,
        dst_port INTEGER NOT NULL,
        observations INTEGER NOT NULL,
        protocol INTEGER NOT NULL,
        method TEXT NOT NULL,
        host TEXT NOT NULL,
        path TEXT NOT NULL,
        status INTEGER NOT NULL,   -- 0: no answer
        elapsed INTEGER,           -- µs
        request_size INTEGER NOT NULL,
        response_size INTEGER NOT NULL,
        completeness INTEGER NOT NULL,
        redacted INTEGER NOT NULL,
        record BLOB NOT NULL
      );
      CREATE UNIQUE INDEX flows_by_time ON flows (time, hash_high, hash_low);

      CREATE TABLE connections (
        id TEXT PRIMARY KEY,
        time INTEGER NOT NULL,
        origin INTEGER NOT NULL,
        src INTEGER NOT NULL,
        src_port INTEGER NOT NULL,
        dst INTEGER NOT NULL,
        dst_port INTEGER NOT NULL,
        record BLOB NOT NULL
      );

      -- level: index into LEVELS, and 16 more where edges are between places; bucket: its start, µs; edges: rollup/codec.ts
      CREATE TABLE rollups (
        level INTEGER NOT NULL,
        bucket INTEGER NOT NULL,
        edges BLOB NOT NULL,
        PRIMARY KEY (level, bucket)
      );
    `),
  // Searches go through the columns alone: the records, most of the bytes, stand beside them.
  (db) =>
    db.exec(`
      CREATE TABLE records (row INTEGER PRIMARY KEY, record BLOB NOT NULL);
      INSERT INTO records SELECT row, record FROM flows;
      ALTER TABLE flows DROP COLUMN record;
      -- Without the query, as filters know it.
      UPDATE flows SET path = iif(method = 'CONNECT', '', substr(path, 1, instr(path || '?', '?') - 1));
      CREATE INDEX flows_by_dst ON flows (dst, time);
      CREATE INDEX failed_flows ON flows (time) WHERE (status >= 500 OR status = 0);
    `),
  // Kept up flow by flow, the index by server is a quarter of what writing a flow costs; made at once, it is next to nothing.
  (db) => {
    if (db.prepare('SELECT 1 FROM flows').get() === undefined) db.exec('DROP INDEX flows_by_dst');
  },
  // Roll-ups by pod beside those by node of the map; and buckets of ten minutes, that no range needs too many buckets.
  (db) => {
    db.exec(`
      -- Nodes of the map, told apart by what is behind them. Of roll-ups made before there were places: as the node.
      CREATE TABLE places (
        id INTEGER PRIMARY KEY,
        map_node INTEGER NOT NULL REFERENCES nodes(id),
        service TEXT NOT NULL,
        pod TEXT NOT NULL,
        host TEXT NOT NULL,
        UNIQUE (map_node, service, pod, host)
      );
      INSERT INTO places SELECT id, id, '', '', '' FROM nodes;
      INSERT OR IGNORE INTO places (map_node, service, pod, host)
        SELECT DISTINCT map_node, service, pod, node FROM endpoints;
      ALTER TABLE endpoints ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
      UPDATE endpoints SET place = (
        SELECT id FROM places WHERE (places.map_node, places.service, places.pod, places.host)
          = (endpoints.map_node, endpoints.service, endpoints.pod, endpoints.node)
      );
      DROP INDEX endpoints_by_node;
      CREATE INDEX endpoints_by_node ON endpoints (map_node, place);
      UPDATE rollups SET level = 3 WHERE level = 2;
    `);
    addLonger(db, 1, 2, 600_000_000);
    db.exec('INSERT INTO rollups SELECT level + 16, bucket, edges FROM rollups');
  },
  // Days, for ranges of weeks.
  (db) => {
    for (const level of [3, 19]) addLonger(db, level, level + 1, 86_400_000_000);
  },
  // What is asked of failed flows most often stands in their index: only those that are found are looked up.
  (db) =>
    db.exec(`
      DROP INDEX failed_flows;
      CREATE INDEX failed_flows ON flows (time, dst, src, status, elapsed) WHERE (status >= 500 OR status = 0);
    `),
  // Where the index of all columns is in the file, if the segment has one (full-indexes.ts): pages, counted from 1. In new segments all
  // columns of failed flows are in their index too: no row is looked up for them, whatever is asked.
  (db) => {
    db.exec(`
      ALTER TABLE state ADD COLUMN columns_first INTEGER;
      ALTER TABLE state ADD COLUMN columns_last INTEGER;
    `);
    if (db.prepare('SELECT 1 FROM flows').get() !== undefined) return;
    db.exec(`
      DROP INDEX failed_flows;
      CREATE INDEX failed_flows ON flows (${FLOW_COLUMNS}) WHERE (status >= 500 OR status = 0);
    `);
  },
  // Connections that were refused are listed by their time: few, among many that no one looks for but by their flows.
  (db) =>
    db.exec(`
      ALTER TABLE connections ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
      CREATE INDEX refused_connections ON connections (time, id) WHERE refused = 1;
    `),
];

/** Makes a level of buckets of the given length, µs, from one of shorter ones. */
function addLonger(db: Database, shorter: number, level: number, length: number): void {
  const parts = db
    .prepare('SELECT edges FROM rollups WHERE level = ? AND bucket >= ? AND bucket < ?')
    .pluck();
  const save = db.prepare('INSERT INTO rollups VALUES (?, ?, ?)');
  const starts = db
    .prepare('SELECT DISTINCT bucket - bucket % ? FROM rollups WHERE level = ?')
    .pluck()
    .all(length, shorter) as number[];
  for (const start of starts) {
    const bucket = new Bucket();
    for (const part of parts.all(shorter, start, start + length) as Uint8Array[])
      bucket.merge(decodeBucket(part));
    save.run(level, start, encodeBucket(bucket));
  }
}

export const SCHEMA_VERSION = SEGMENT_MIGRATIONS.length;
