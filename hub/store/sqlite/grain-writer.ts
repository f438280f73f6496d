import type { Database, Statement } from 'better-sqlite3';
import { Bucket } from '../rollup/bucket.ts';
import { decodeBucket, encodeBucket } from '../rollup/codec.ts';
import { bucketStart, GRAIN_LEVEL, type Grain, LEVELS } from '../rollup/rollup.ts';

/** The roll-ups of one grain, and what waits to be written to them: the finest level, counted in memory. */
export class GrainWriter {
  readonly #grain: Grain;
  readonly #load: Statement<[number, number]>;
  readonly #save: Statement<[number, number, Uint8Array]>;
  /** Bucket start to edges. */
  #pending = new Map<number, Bucket>();
  #pendingEdges = 0;
  #lastStart = Number.NaN;
  #lastBucket = new Bucket();

  constructor(db: Database, grain: Grain) {
    this.#grain = grain;
    this.#load = db
      .prepare<[number, number]>('SELECT edges FROM rollups WHERE level = ? AND bucket = ?')
      .pluck();
    this.#save = db.prepare('INSERT OR REPLACE INTO rollups VALUES (?, ?, ?)');
  }

  /** Edges that wait. */
  get size(): number {
    return this.#pendingEdges;
  }

  /** Counts a flow at `time` (µs). `elapsed` in µs, NaN where it is not known. */
  add(time: number, key: number, error: boolean, bytes: number, lostBytes: number, elapsed: number): void {
    const start = bucketStart(time, LEVELS[0]);
    if (start !== this.#lastStart) {
      this.#lastStart = start;
      let bucket = this.#pending.get(start);
      if (bucket === undefined) {
        bucket = new Bucket();
        this.#pending.set(start, bucket);
      }
      this.#lastBucket = bucket;
    }
    const bucket = this.#lastBucket;
    const before = bucket.size;
    bucket.add(key, error, bytes, lostBytes, elapsed);
    this.#pendingEdges += bucket.size - before;
  }

  /** Adds what waits to what is stored, at all levels. Within a transaction; `discard` follows when it is done. */
  write(): void {
    let buckets = this.#pending;
    for (let level = 0; level < LEVELS.length; level++) {
      if (level > 0) buckets = coarser(buckets, LEVELS[level]);
      for (const [start, bucket] of buckets) this.#merge(GRAIN_LEVEL[this.#grain] + level, start, bucket);
    }
  }

  discard(): void {
    this.#pending = new Map();
    this.#pendingEdges = 0;
    this.#lastStart = Number.NaN;
  }

  #merge(level: number, start: number, added: Bucket): void {
    const stored = this.#load.get(level, start) as Uint8Array | undefined;
    const bucket = stored === undefined ? added : decodeBucket(stored);
    if (bucket !== added) bucket.merge(added);
    this.#save.run(level, start, encodeBucket(bucket));
  }
}

/** The same in longer buckets. One that is alone in a longer one is that one, and is not copied. */
function coarser(buckets: ReadonlyMap<number, Bucket>, length: number): Map<number, Bucket> {
  const parts = new Map<number, Bucket[]>();
  for (const [start, bucket] of buckets) {
    const to = bucketStart(start, length);
    const others = parts.get(to);
    if (others === undefined) parts.set(to, [bucket]);
    else others.push(bucket);
  }
  const result = new Map<number, Bucket>();
  for (const [start, some] of parts) result.set(start, some.length === 1 ? some[0] : sumOf(some));
  return result;
}

function sumOf(buckets: readonly Bucket[]): Bucket {
  const sum = new Bucket();
  for (const bucket of buckets) sum.merge(bucket);
  return sum;
}
