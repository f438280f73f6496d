import type { Database } from 'better-sqlite3';
import { PROBE_PROTOCOL } from '../../../flow/api.ts';
import { KUBELET_AGENT } from '../../../flow/fields.ts';
import { RecordError, RecordKind, RecordView } from '../../../flow/record.ts';
import { MAX_TIME } from '../flow-id.ts';
import { type CommitFrame, ROW } from './commit-frame.ts';
import { openDatabase } from './database.ts';
import { makeNextIndex } from './full-indexes.ts';
import { type EndpointIds, type MapEnd, SegmentNames } from './names.ts';
import { RollupWriter, whole } from './rollup-writer.ts';
import { SEGMENT_MIGRATIONS } from './schema.ts';
import { removeStrays, splitSegment } from './split.ts';

/** One segment, open for writing. */
export class Segment {
  readonly id: number;
  readonly file: string;
  readonly db: Database;
  flows: number;
  /** Flows that were given again. */
  duplicates = 0;
  /** Of the clock, ms, when the roll-ups were last written. */
  rolledAt = 0;
  readonly #names: SegmentNames;
  readonly #rollups: RollupWriter;
  readonly #view = new RecordView();
  readonly #insertFlow;
  readonly #insertRecord;
  readonly #insertConnection;
  readonly #saveFlows;

  /** Opens the file, making it if there is none, and brings its schema and its roll-ups up to date. */
  constructor(id: number, file: string, logBytes: number) {
    this.id = id;
    this.file = file;
    this.db = openDatabase(file, SEGMENT_MIGRATIONS, `The segment ${file}`, logBytes);
    try {
      this.#names = new SegmentNames(this.db);
      this.#rollups = new RollupWriter(this.db);
      this.#insertFlow = this.db.prepare<unknown[]>(
        `INSERT INTO flows (time, hash_high, hash_low, origin, src, src_port, dst, dst_port, observations, protocol, method,
           host, path, status, elapsed, request_size, response_size, completeness, redacted)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
      );
      this.#insertRecord = this.db.prepare<[number | bigint, Uint8Array]>(
        'INSERT INTO records VALUES (?, ?)',
      );
      // A connection may be told again, with more known of it.
      this.#insertConnection = this.db.prepare<unknown[]>(
        'INSERT OR REPLACE INTO connections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      );
      this.#saveFlows = this.db.prepare<[number]>('UPDATE state SET flows = ?');
      const state = this.db.prepare('SELECT flows, rolled FROM state').get() as {
        flows: number;
        rolled: number;
      };
      this.flows = state.flows;
      this.#rollUpAfter(state.rolled);
    } catch (error) {
      this.db.close();
      throw error;
    }
  }

  /** Writes arrivals of a commit in one transaction. Those that are there already are left out. */
  insert(frame: CommitFrame, which: Int32Array): void {
    const before = this.flows;
    const names = new FrameNames(frame, this.#names);
    try {
      this.db
        .transaction(() => {
          for (let i = 0; i < which.length; i++) this.#insertOne(frame, which[i], names);
          if (this.flows !== before) this.#saveFlows.run(this.flows);
        })
        .immediate();
    } catch (error) {
      this.#rolledBack(before);
      throw error;
    }
  }

  /** Writes the roll-ups, if `age` ms have passed since they were last written or they grow too large. */
  flushRollups(now: number, age: number): void {
    if (now - this.rolledAt < age && !this.#rollups.full) return;
    this.#rollups.flush();
    this.rolledAt = now;
  }

  /** Whether there is neither a flow nor a connection in it: there may be connections alone, which were refused. */
  get isEmpty(): boolean {
    return this.flows === 0 && this.db.prepare('SELECT 1 FROM connections').get() === undefined;
  }

  /** Bytes of the pages in use, log included. */
  usedBytes(): number {
    const read = (pragma: string) => Number(this.db.pragma(pragma, { simple: true }));
    return (read('page_count') - read('freelist_count')) * read('page_size');
  }

  /**
   * Moves the flows from some time on into a new segment `id` in `file`; `publish` makes it known, with its
   * start (µs). Returns whether there was a time to split at.
   */
  split(id: number, file: string, publish: (start: number) => void): boolean {
    this.#rollups.flush();
    new Segment(id, file, 0).close();
    const done = splitSegment(this.db, file, publish);
    this.#names.forget();
    this.#readFlows();
    return done;
  }

  /** Most of its flows have come: makes an index that it lacks. False: it lacks none. */
  makeNextIndex(): boolean {
    return makeNextIndex(this.db);
  }

  /** Deletes what a split that was cut short left beyond the end of the segment's range (µs). */
  removeStrays(end: number): void {
    this.#rollups.flush();
    removeStrays(this.db, end);
    this.#readFlows();
  }

  /** Writes what waits and empties the log. */
  close(): void {
    try {
      this.#rollups.flush();
      this.db.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      this.db.close();
    }
  }

  #insertOne(frame: CommitFrame, i: number, names: FrameNames): void {
    const { rows, records } = frame;
    const view = this.#view.at(records, frame.offsets[i]);
    const row = i * ROW.width;
    const src = names.endpoint(rows[row + ROW.src]);
    const dst = names.endpoint(rows[row + ROW.dst]);
    const originAt = rows[row + ROW.origin];
    const origin = names.origin(originAt);
    const record = records.subarray(frame.offsets[i], frame.offsets[i + 1]);
    const srcPort = rows[row + ROW.srcPort];
    const dstPort = rows[row + ROW.dstPort];

    if (view.kind === RecordKind.connection) {
      const id = `${frame.origins[originAt].session}-${view.connection}`;
      this.#insertConnection.run(
        id,
        arrivalTime(frame, i, view),
        origin,
        src.endpoint,
        srcPort,
        dst.endpoint,
        dstPort,
        record,
        Number(view.isRefused),
      );
      return;
    }
    const time = rows[row + ROW.time];
    const protocol = this.#names.protocol(view.protocol);
    const { changes, lastInsertRowid } = this.#insertFlow.run(
      time,
      rows[row + ROW.high],
      rows[row + ROW.low],
      origin,
      src.endpoint,
      srcPort,
      dst.endpoint,
      dstPort,
      rows[row + ROW.observations],
      protocol,
      view.hasRequest ? view.method : '',
      view.host,
      view.pathComponent,
      view.status,
      elapsedTime(view),
      whole(view.requestSize),
      whole(view.responseSize),
      view.completeness,
      view.redacted,
    );
    if (changes === 0) {
      this.duplicates++;
      return;
    }
    this.#insertRecord.run(lastInsertRowid, record);
    this.flows++;
    this.#rollUp(Number(lastInsertRowid), time, src, dst, protocol, view);
  }

  /** On the map probes are apart from what else nodes ask for. */
  #rollUp(row: number, time: number, src: MapEnd, dst: MapEnd, protocol: number, view: RecordView): void {
    const isProbe = src.isNode === 1 && view.userAgent.startsWith(KUBELET_AGENT);
    const shown = isProbe ? this.#names.protocol(PROBE_PROTOCOL) : protocol;
    this.#rollups.add(row, time, src, dst, shown, view);
  }

  #readFlows(): void {
    this.flows = Number(this.db.prepare('SELECT flows FROM state').pluck().get());
  }

  /** Nothing counted or named since the last good transaction can be trusted: start from what is on the disk. */
  #rolledBack(flows: number): void {
    this.flows = flows;
    this.#names.forget();
    this.#rollups.discard();
    this.#rollUpAfter(Number(this.db.prepare('SELECT rolled FROM state').pluck().get()));
  }

  /** What cannot be read is on no map; the reader counts it. */
  #readable(record: Uint8Array): RecordView | undefined {
    try {
      return this.#view.at(record, 0);
    } catch (error) {
      if (error instanceof RecordError) return undefined;
      throw error;
    }
  }

  #rollUpAfter(rolled: number): void {
    const rows = this.db.prepare(
      'SELECT row, time, src, dst, protocol, record FROM flows JOIN records USING (row) WHERE row > ? ORDER BY row',
    );
    for (const found of rows.iterate(rolled)) {
      const { row, time, src, dst, protocol, record } = found as Record<string, number> & {
        record: Uint8Array;
      };
      const view = this.#readable(record);
      if (view === undefined) continue;
      this.#rollUp(row, time, this.#names.mapEnd(src), this.#names.mapEnd(dst), protocol, view);
    }
    if (this.#rollups.full) this.#rollups.flush();
  }
}

/** The segment's numbers for the names of one commit: each is looked up once. */
class FrameNames {
  readonly #frame: CommitFrame;
  readonly #names: SegmentNames;
  readonly #endpoints: EndpointIds[] = [];
  readonly #origins: number[] = [];

  constructor(frame: CommitFrame, names: SegmentNames) {
    this.#frame = frame;
    this.#names = names;
  }
  endpoint(at: number): EndpointIds {
    this.#endpoints[at] ??= this.#names.endpoint(this.#frame.endpoints[at]);
    return this.#endpoints[at];
  }
  origin(at: number): number {
    const { node, session } = this.#frame.origins[at];
    this.#origins[at] ??= this.#names.origin(node, session);
    return this.#origins[at];
  }
}

/** µs, as filters know it: rounded, and never negative. */
function elapsedTime(view: RecordView): number | null {
  return Number.isNaN(view.elapsed) ? null : Math.max(0, Math.round(view.elapsed));
}

/** µs, whole, of the id; of the record where it is a connection's. */
export function arrivalTime(frame: CommitFrame, i: number, view: RecordView): number {
  const time = frame.rows[i * ROW.width + ROW.time];
  if (!Number.isNaN(time)) return time;
  return Math.min(whole(view.at(frame.records, frame.offsets[i]).time), MAX_TIME - 1);
}
