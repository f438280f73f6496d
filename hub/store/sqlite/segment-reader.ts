import type { Database, Statement } from 'better-sqlite3';
import { hostPort } from '../../../flow/address.ts';
import type { Endpoint } from '../../../flow/flow.ts';
import type { Naming } from '../../../flow/record.ts';
import { type FlowId, formatFlowId } from '../flow-id.ts';
import type { Scale, SummarisedFlow, Tally } from '../summary/summary-builder.ts';
import { cached } from './cached.ts';
import { openReadOnly } from './database.ts';
import type { Extent } from './read-ahead.ts';
import { RollupReader } from './rollup-reader.ts';
import type { Where } from './where.ts';

/** A row of `flows`, as far as it is needed to make the flow. */
interface FlowRecord {
  time: number;
  high: number;
  low: number;
  origin: number;
  src: number;
  srcPort: number;
  dst: number;
  dstPort: number;
  record: Uint8Array;
}
interface ColumnsOfFlow extends Omit<SummarisedFlow, 'src' | 'dst' | 'node' | 'protocol'> {
  src: number;
  dst: number;
  dstPort: number;
  protocol: number;
  origin: number;
}
export interface StoredRecord {
  id: FlowId;
  record: Uint8Array;
  naming: Naming;
}

interface StoredConnection extends Omit<StoredRecord, 'id'> {
  time: number;
}

const ENDS = 'origin, src, src_port AS srcPort, dst, dst_port AS dstPort, record';
const ID = 'time, hash_high AS high, hash_low AS low';
const BEFORE = '(time, hash_high, hash_low) < (?, ?, ?) AND time >= ?';
const NEWEST_FIRST = 'ORDER BY time DESC, hash_high DESC, hash_low DESC';
/** Flows that came one after the other, of which some may be late. */
const NEIGHBOURS = 16;
/** So many flows are not counted one by one: their rows tell about how many there are. */
const MANY = 1 << 14;
/** Prepared searches that are kept, of one segment. */
const MAX_SEARCHES = 8;

/** One segment, open for reading. */
export class SegmentReader {
  readonly rollups: RollupReader;
  readonly #db: Database;
  readonly #older;
  readonly #rowBefore;
  readonly #placeBefore;
  readonly #timeAt;
  readonly #nth;
  readonly #count;
  readonly #whole;
  readonly #searches = new Map<string, Statement<Where['values']>>();
  readonly #flow;
  readonly #connection;
  readonly #refused;
  readonly #endpoint;
  readonly #origin;
  readonly #protocol;
  readonly #oldest;
  readonly #columns;
  readonly #endpoints = new Map<number, Omit<Endpoint, 'port'>>();
  readonly #origins = new Map<number, { node: string; session: string }>();
  readonly #protocols = new Map<number, string>();

  constructor(file: string) {
    const db = openReadOnly(file);
    this.#db = db;
    try {
      this.#older = db.prepare<number[]>(
        `SELECT ${ID}, ${ENDS} FROM flows JOIN records USING (row) WHERE ${BEFORE} ${NEWEST_FIRST} LIMIT ?`,
      );
      this.#rowBefore = db
        .prepare<number[]>(`SELECT row FROM flows WHERE ${BEFORE} ${NEWEST_FIRST} LIMIT 1`)
        .pluck();
      this.#placeBefore = db
        .prepare<number[]>(
          `SELECT coalesce(min(row), (SELECT min(row) - 1 FROM flows)) FROM
             (SELECT row FROM flows WHERE ${BEFORE} ${NEWEST_FIRST} LIMIT ${NEIGHBOURS})`,
        )
        .pluck();
      this.#timeAt = db
        .prepare<number[]>(
          `SELECT max(time) FROM (SELECT time FROM flows WHERE row <= ? ORDER BY row DESC LIMIT ${NEIGHBOURS})`,
        )
        .pluck();
      this.#nth = db
        .prepare<number[]>(`SELECT time FROM flows WHERE ${BEFORE} ${NEWEST_FIRST} LIMIT 1 OFFSET ?`)
        .pluck();
      this.#count = db.prepare<number[]>(`SELECT count(*) FROM flows WHERE ${BEFORE}`).pluck();
      this.#whole = db
        .prepare<number[]>(
          `SELECT flows FROM state WHERE NOT EXISTS (SELECT 1 FROM flows WHERE time >= ?)
             AND NOT EXISTS (SELECT 1 FROM flows WHERE time < ?)`,
        )
        .pluck();
      this.#flow = db.prepare<number[]>(
        `SELECT ${ID}, ${ENDS} FROM flows JOIN records USING (row) WHERE time = ? AND hash_high = ? AND hash_low = ?`,
      );
      this.#connection = db.prepare<[string]>(`SELECT ${ENDS} FROM connections WHERE id = ?`);
      this.#refused = db.prepare<[number, number, string, number]>(
        `SELECT id, time, ${ENDS} FROM connections WHERE refused = 1 AND time >= ? AND (time, id) < (?, ?)
           ORDER BY time DESC, id DESC LIMIT ?`,
      );
      this.#endpoint = db.prepare<[number]>(
        'SELECT ip, name, namespace, pod, service, workload, node FROM endpoints WHERE id = ?',
      );
      this.#origin = db.prepare<[number]>('SELECT node, session FROM origins WHERE id = ?');
      this.#protocol = db.prepare<[number]>('SELECT name FROM protocols WHERE id = ?').pluck();
      this.#oldest = db.prepare('SELECT min(time) FROM flows').pluck();
      this.#columns = db.prepare(
        'SELECT (columns_first - 1) * page_size AS start, columns_last * page_size AS end FROM state, pragma_page_size',
      );
      this.rollups = new RollupReader(db, (id) => this.#protocolName(id));
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** At most `limit` flows before `before` and not before `from` (µs), newest first. */
  older(before: FlowId, from: number, limit: number): StoredRecord[] {
    const rows = this.#older.all(before.time, before.high, before.low, from, limit) as FlowRecord[];
    return rows.map((row) => this.#named(row));
  }

  /**
   * The time (µs) to which `count` flows before `before` go back, about; undefined if there are not so many from `from` on. Flows mostly
   * come in the order of their times, so that the row tells; to count them takes longer than to look for some of them by an index.
   */
  timeBack(before: FlowId, from: number, count: number): number | undefined {
    const all = this.#countWhole(before, from);
    if (all !== undefined && all < count) return undefined;
    const place = [before.time, before.high, before.low, from];
    const row = this.#rowBefore.get(...place) as number | undefined;
    if (row === undefined) return undefined;
    const time = this.#timeAt.get(row - count + 1) as number | null;
    if (time === null || time <= from) return undefined;
    return time < before.time ? time : (this.#nth.get(...place, count - 1) as number | undefined);
  }

  /** How many flows there are before `before` and not before `from`: about, where there are many of them. */
  count(before: FlowId, from: number): number {
    const all = this.#countWhole(before, from);
    if (all !== undefined) return all;
    const place = [before.time, before.high, before.low];
    const rows = Number(this.#placeBefore.get(...place, 0)) - Number(this.#placeBefore.get(from, 0, 0, 0));
    return rows > MANY ? rows : Number(this.#count.get(...place, from));
  }

  /** Whether any row of the segment can meet a condition that needs this. */
  has(need: Where): boolean {
    return (
      this.#statement(need.sql)
        .pluck()
        .get(...need.values) !== undefined
    );
  }

  /** As `older`, of the flows that meet `where`. It takes as long as all flows in the range do, met or not. */
  search(before: FlowId, from: number, where: Where, limit: number): StoredRecord[] {
    const rows = this.#search(where).all(
      ...[before.time, before.high, before.low, from],
      ...where.values,
      limit,
    ) as FlowRecord[];
    return rows.map((row) => this.#named(row));
  }

  /** How many flows in [from, to), µs, meet `where`, by what a timeline shows of them. Ten times as fast as `columns`. */
  tally(from: number, to: number, where: Where | undefined, { start, length }: Scale): Tally[] {
    const statement = this.#db.prepare<Where['values']>(
      `SELECT CAST((time - ?) / ? AS INTEGER) AS stretch, status, method != '' AS asked, count(*) AS count FROM flows
       WHERE time >= ? AND time < ? ${where === undefined ? '' : `AND ${where.sql}`} GROUP BY 1, 2, 3`,
    );
    return statement.all(start, length, from, to, ...(where?.values ?? [])) as Tally[];
  }

  /** Columns of the flows in [from, to), µs, that meet `where`, newest first, for a summary. */
  *columns(from: number, to: number, where: Where | undefined): Generator<SummarisedFlow> {
    const statement = this.#db.prepare<Where['values']>(
      `SELECT time, src, dst, dst_port AS dstPort, origin, protocol, method, host, path, status, elapsed, completeness FROM flows
       WHERE time >= ? AND time < ? ${where === undefined ? '' : `AND ${where.sql}`} ORDER BY time DESC`,
    );
    for (const row of statement.iterate(from, to, ...(where?.values ?? [])) as Iterable<ColumnsOfFlow>) {
      const dst = this.#endpointOf(row.dst);
      yield {
        time: row.time,
        src: this.#endpointOf(row.src),
        dst,
        node: this.#originOf(row.origin).node,
        protocol: this.#protocolName(row.protocol),
        method: row.method,
        host: row.host || (row.method === '' ? '' : hostPort(dst.ip, row.dstPort)),
        path: row.path,
        status: row.status,
        elapsed: row.elapsed,
        completeness: row.completeness,
      };
    }
  }

  flow(id: FlowId): StoredRecord | undefined {
    const row = this.#flow.get(id.time, id.high, id.low) as FlowRecord | undefined;
    return row && this.#named(row);
  }

  connection(id: string): Omit<StoredRecord, 'id'> | undefined {
    const row = this.#connection.get(id) as Omit<FlowRecord, keyof FlowId> | undefined;
    return row && { record: row.record, naming: { id, ...this.#naming(row) } };
  }

  /** At most `limit` refused connections before a time (µs) and id and not before `from`, newest first. */
  refused(before: { time: number; id: string }, from: number, limit: number): StoredConnection[] {
    const rows = this.#refused.all(from, before.time, before.id, limit) as (FlowRecord & { id: string })[];
    return rows.map((row) => ({
      time: row.time,
      record: row.record,
      naming: { id: row.id, ...this.#naming(row) },
    }));
  }

  /** µs; undefined where there are no flows. */
  oldest(): number | undefined {
    return (this.#oldest.get() as number | null) ?? undefined;
  }

  /** Where in the file all is that a filter on columns alone looks at; undefined: all over it. */
  columnsExtent(): Extent | undefined {
    const { start, end } = this.#columns.get() as { start: number | null; end: number };
    return start === null ? undefined : { start, end };
  }

  close(): void {
    this.#db.close();
  }

  /** How many flows the segment has, if all of them are before `before` and not before `from`. */
  #countWhole(before: FlowId, from: number): number | undefined {
    return this.#whole.get(before.time, from) as number | undefined;
  }

  /** The records of those that are found, and of no others, are read. */
  #search({ sql, byServer }: Where): Statement<Where['values']> {
    const isFull = this.columnsExtent() !== undefined;
    const index = isFull && byServer !== undefined ? 'INDEXED BY flows_by_dst' : '';
    return this.#statement(
      `SELECT found.*, record FROM (
         SELECT row, ${ID}, origin, src, src_port AS srcPort, dst, dst_port AS dstPort, hash_high, hash_low
         FROM flows ${index} WHERE ${BEFORE} AND ${byServer ?? sql} ${NEWEST_FIRST} LIMIT ?
       ) AS found JOIN records USING (row) ${NEWEST_FIRST}`,
    );
  }

  #statement(sql: string): Statement<Where['values']> {
    let statement = this.#searches.get(sql);
    if (statement === undefined) {
      if (this.#searches.size >= MAX_SEARCHES) this.#searches.clear();
      statement = this.#db.prepare<Where['values']>(sql);
      this.#searches.set(sql, statement);
    }
    return statement;
  }

  #named(row: FlowRecord): StoredRecord {
    return {
      id: { time: row.time, high: row.high, low: row.low },
      record: row.record,
      naming: { id: formatFlowId(row.time, row.high, row.low), ...this.#naming(row) },
    };
  }

  #naming(row: Omit<FlowRecord, keyof FlowId>): Omit<Naming, 'id'> {
    const { node, session } = this.#originOf(row.origin);
    return {
      node,
      session,
      src: { ...this.#endpointOf(row.src), port: row.srcPort },
      dst: { ...this.#endpointOf(row.dst), port: row.dstPort },
    };
  }

  #endpointOf(id: number): Omit<Endpoint, 'port'> {
    return cached(this.#endpoints, id, () => {
      const found = (this.#endpoint.get(id) ?? { ip: '', name: '' }) as Omit<Endpoint, 'port'>;
      const known = Object.entries(found).filter(([, value]) => value !== '');
      return { ip: found.ip, name: found.name, ...Object.fromEntries(known) };
    });
  }

  #originOf(id: number): { node: string; session: string } {
    return cached(
      this.#origins,
      id,
      () => (this.#origin.get(id) ?? { node: '', session: '' }) as { node: string; session: string },
    );
  }

  #protocolName(id: number): string {
    return cached(this.#protocols, id, () => String(this.#protocol.get(id) ?? 'unknown'));
  }
}
