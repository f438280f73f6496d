import type { Database, Statement } from 'better-sqlite3';
import type { RecordView } from '../../../flow/record.ts';
import { decodeBucket, encodeBucket } from '../rollup/codec.ts';
import { type Bucket, bucketStart, edgeKey, edgeOf, LEVELS } from '../rollup/rollup.ts';

/** Edges that wait to be written; when there are more, they are written at once. */
export const MAX_PENDING_EDGES = 20_000;

/**
 * The roll-ups of one segment. Flows are counted in memory and written about once a second, in one transaction with the
 * number of the last row counted (`state.rolled`). After a crash the rows beyond that number are counted again, so each
 * flow counts exactly once.
 */
export class RollupWriter {
  readonly #db: Database;
  readonly #load: Statement<[number, number]>;
  readonly #save: Statement<[number, number, Uint8Array]>;
  readonly #saveState: Statement<[number]>;
  /** Finest level: bucket start to edges. */
  #pending = new Map<number, Bucket>();
  #pendingEdges = 0;
  #row = 0;
  #lastStart = Number.NaN;
  #lastBucket: Bucket = new Map();

  constructor(db: Database) {
    this.#db = db;
    this.#load = db
      .prepare<[number, number]>('SELECT edges FROM rollups WHERE level = ? AND bucket = ?')
      .pluck();
    this.#save = db.prepare('INSERT OR REPLACE INTO rollups VALUES (?, ?, ?)');
    this.#saveState = db.prepare('UPDATE state SET rolled = ?');
  }

  get dirty(): boolean {
    return this.#pendingEdges > 0;
  }
  get full(): boolean {
    return this.#pendingEdges >= MAX_PENDING_EDGES;
  }

  /** Counts the flow in row `row`; src and dst are ids of `nodes`. */
  add(row: number, time: number, src: number, dst: number, protocol: number, view: RecordView): void {
    const start = bucketStart(time, LEVELS[0]);
    if (start !== this.#lastStart) {
      this.#lastStart = start;
      let bucket = this.#pending.get(start);
      if (bucket === undefined) {
        bucket = new Map();
        this.#pending.set(start, bucket);
      }
      this.#lastBucket = bucket;
    }
    const bucket = this.#lastBucket;
    const before = bucket.size;
    const edge = edgeOf(bucket, edgeKey(src, dst, protocol));
    this.#pendingEdges += bucket.size - before;
    const error = view.status >= 500 || (view.hasRequest && !view.hasResponse);
    edge.add(error, whole(view.requestBytes) + whole(view.responseBytes), whole(view.gapBytes), view.elapsed);
    this.#row = row;
  }

  /** Forgets what was counted and not written: its transaction was rolled back. */
  discard(): void {
    this.#pending = new Map();
    this.#pendingEdges = 0;
    this.#lastStart = Number.NaN;
  }

  flush(): void {
    if (!this.dirty) return;
    this.#db
      .transaction(() => {
        let buckets = this.#pending;
        for (let level = 0; level < LEVELS.length; level++) {
          if (level > 0) buckets = coarser(buckets, LEVELS[level]);
          for (const [start, bucket] of buckets) this.#merge(level, start, bucket);
        }
        this.#saveState.run(this.#row);
      })
      .immediate();
    this.discard();
  }

  #merge(level: number, start: number, added: Bucket): void {
    const stored = this.#load.get(level, start) as Uint8Array | undefined;
    const bucket = stored === undefined ? added : decodeBucket(stored);
    if (bucket !== added) for (const [key, edge] of added) edgeOf(bucket, key).merge(edge);
    this.#save.run(level, start, encodeBucket(bucket));
  }
}

function coarser(buckets: Map<number, Bucket>, length: number): Map<number, Bucket> {
  const result = new Map<number, Bucket>();
  for (const [start, bucket] of buckets) {
    const to = bucketStart(start, length);
    let merged = result.get(to);
    if (merged === undefined) {
      merged = new Map();
      result.set(to, merged);
    }
    for (const [key, edge] of bucket) edgeOf(merged, key).merge(edge);
  }
  return result;
}

/** What a hostile worker may send as a size becomes a whole number, 0 where it is none. */
export function whole(value: number): number {
  return value > 0 && value <= Number.MAX_SAFE_INTEGER ? Math.floor(value) : 0;
}
