/**
 * A bucket as it lies in the database: LEB128 numbers. For each edge: key, count, errors, bytes, lost bytes, how many
 * histogram buckets are not empty, and for each of those the distance from the one before and its count.
 */
import { Bucket } from './bucket.ts';
import { BUCKETS } from './histogram.ts';
import type { Totals } from './totals.ts';

const NUMBER = 8;
/** An edge with a full histogram is no longer than this. */
const MAX_ENTRY = 6 * NUMBER + BUCKETS * (2 + 5);

export function encodeBucket({ keys, totals }: Bucket): Uint8Array {
  const out = new Output(Math.max(MAX_ENTRY, keys.length * 64));
  const { count, errors, bytes, lostBytes } = totals;
  for (const row of inOrder(keys)) {
    out.reserve(MAX_ENTRY);
    out.number(keys[row]);
    out.number(count[row]);
    out.number(errors[row]);
    out.number(bytes[row]);
    out.number(lostBytes[row]);
    const latencies = totals.latenciesOf(row);
    let filled = 0;
    for (let i = 0; i < BUCKETS; i++) if (latencies[i] !== 0) filled++;
    out.number(filled);
    let last = 0;
    for (let i = 0; i < BUCKETS; i++) {
      if (latencies[i] === 0) continue;
      out.number(i - last);
      out.number(latencies[i]);
      last = i;
    }
  }
  return out.bytes.subarray(0, out.at);
}

export function decodeBucket(bytes: Uint8Array): Bucket {
  const bucket = new Bucket();
  mergeEncoded(bytes, bucket.totals, (key) => bucket.row(key));
  return bucket;
}

/** Adds an encoded bucket's edges to the rows that `rowOf` gives for their keys; those for which it gives -1 are passed over. */
export function mergeEncoded(bytes: Uint8Array, totals: Totals, rowOf: (key: number) => number): void {
  const input = new Input(bytes);
  while (input.at < bytes.length) {
    const key = input.number();
    const row = rowOf(key);
    if (row < 0) {
      input.skip(4);
      input.skip(2 * input.number());
      continue;
    }
    totals.count[row] += input.number();
    totals.errors[row] += input.number();
    totals.bytes[row] += input.number();
    totals.lostBytes[row] += input.number();
    const { latencies } = totals;
    const start = row * BUCKETS;
    let filled = input.number();
    let index = 0;
    while (filled-- > 0) {
      index += input.number();
      const n = input.number();
      if (index < BUCKETS) latencies[start + index] += n;
    }
  }
}

/** Rows by their keys, the smallest first: buckets that follow each other then have the same edges at the same places. */
function inOrder(keys: readonly number[]): number[] {
  return [...keys.keys()].sort((a, b) => keys[a] - keys[b]);
}

class Output {
  bytes: Uint8Array;
  at = 0;
  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }
  reserve(room: number): void {
    if (this.at + room <= this.bytes.length) return;
    const grown = new Uint8Array(this.bytes.length * 2 + room);
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
  }
  /** A whole number from 0 to 2^53 - 1. */
  number(value: number): void {
    while (value >= 0x80) {
      this.bytes[this.at++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.bytes[this.at++] = value;
  }
}

class Input {
  readonly bytes: Uint8Array;
  at = 0;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  skip(numbers: number): void {
    while (numbers > 0 && this.at < this.bytes.length) if (this.bytes[this.at++] < 0x80) numbers--;
  }
  /** The first 28 bits in integers: most numbers have no more. */
  number(): number {
    const { bytes } = this;
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (this.at >= bytes.length) return value;
      const byte = bytes[this.at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    let high = 0;
    let unit = 1;
    while (this.at < bytes.length) {
      const byte = bytes[this.at++];
      high += (byte & 0x7f) * unit;
      if (byte < 0x80) break;
      unit *= 0x80;
    }
    return high * 2 ** 28 + value;
  }
}
