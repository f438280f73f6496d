import { BUCKETS, bucketOf } from './histogram.ts';

const FIRST_ROOM = 16;

/**
 * What was counted, a row each for edges or stretches of time: requests, failed ones, bytes, lost bytes, latencies. Columns, and not an
 * object a row: many rows are added to many rows, and columns are found in memory without a way through objects.
 */
export class Totals {
  rows = 0;
  count: Float64Array;
  errors: Float64Array;
  bytes: Float64Array;
  lostBytes: Float64Array;
  /** A histogram a row: `BUCKETS` numbers (histogram.ts). */
  latencies: Uint32Array;

  constructor(room = FIRST_ROOM) {
    this.count = new Float64Array(room);
    this.errors = new Float64Array(room);
    this.bytes = new Float64Array(room);
    this.lostBytes = new Float64Array(room);
    this.latencies = new Uint32Array(room * BUCKETS);
  }

  /** The number of a new row. */
  push(): number {
    if (this.rows === this.count.length) this.#grow();
    return this.rows++;
  }

  /** Counts a flow. `elapsed` in µs, NaN where it is not known. */
  add(row: number, error: boolean, bytes: number, lostBytes: number, elapsed: number): void {
    this.count[row]++;
    if (error) this.errors[row]++;
    this.bytes[row] += bytes;
    this.lostBytes[row] += lostBytes;
    if (elapsed >= 0) this.latencies[row * BUCKETS + bucketOf(elapsed)]++;
  }

  /** Adds a row of others. */
  merge(row: number, others: Totals, from: number): void {
    this.count[row] += others.count[from];
    this.errors[row] += others.errors[from];
    this.bytes[row] += others.bytes[from];
    this.lostBytes[row] += others.lostBytes[from];
    const to = row * BUCKETS;
    const start = from * BUCKETS;
    for (let i = 0; i < BUCKETS; i++) this.latencies[to + i] += others.latencies[start + i];
  }

  /** The histogram of a row, until there is another one. */
  latenciesOf(row: number): Uint32Array {
    return this.latencies.subarray(row * BUCKETS, (row + 1) * BUCKETS);
  }

  #grow(): void {
    this.count = twice(this.count);
    this.errors = twice(this.errors);
    this.bytes = twice(this.bytes);
    this.lostBytes = twice(this.lostBytes);
    const latencies = new Uint32Array(2 * this.latencies.length);
    latencies.set(this.latencies);
    this.latencies = latencies;
  }
}

function twice(column: Float64Array): Float64Array {
  const longer = new Float64Array(2 * column.length);
  longer.set(column);
  return longer;
}
