/**
 * A bucket as it lies in the database: LEB128 numbers. For each edge: key, count, errors, bytes, lost bytes, how many
 * histogram buckets are not empty, and for each of those the distance from the one before and its count.
 */
import { BUCKETS } from './histogram.ts';
import { type Bucket, type EdgeTotals, edgeOf } from './rollup.ts';

const NUMBER = 8;
/** An edge with a full histogram is no longer than this. */
const MAX_ENTRY = 6 * NUMBER + BUCKETS * (2 + 5);

export function encodeBucket(bucket: Bucket): Uint8Array {
  const out = new Output(Math.max(MAX_ENTRY, bucket.size * 64));
  for (const [key, edge] of bucket) {
    out.reserve(MAX_ENTRY);
    out.number(key);
    out.number(edge.count);
    out.number(edge.errors);
    out.number(edge.bytes);
    out.number(edge.lostBytes);
    let filled = 0;
    for (let i = 0; i < BUCKETS; i++) if (edge.latencies[i] !== 0) filled++;
    out.number(filled);
    let last = 0;
    for (let i = 0; i < BUCKETS; i++) {
      if (edge.latencies[i] === 0) continue;
      out.number(i - last);
      out.number(edge.latencies[i]);
      last = i;
    }
  }
  return out.bytes.subarray(0, out.at);
}

export function decodeBucket(bytes: Uint8Array): Bucket {
  const bucket: Bucket = new Map();
  mergeEncoded(bytes, (key) => edgeOf(bucket, key));
  return bucket;
}

/** Adds an encoded bucket's edges to the totals that `target` gives for their keys; where it gives none, they are passed over. */
export function mergeEncoded(
  bytes: Uint8Array,
  target: (key: number, count: number) => EdgeTotals | undefined,
): void {
  const input = new Input(bytes);
  while (input.at < bytes.length) {
    const key = input.number();
    const count = input.number();
    const edge = target(key, count);
    if (edge === undefined) {
      input.skip(3);
      input.skip(2 * input.number());
      continue;
    }
    edge.count += count;
    edge.errors += input.number();
    edge.bytes += input.number();
    edge.lostBytes += input.number();
    let filled = input.number();
    let index = 0;
    while (filled-- > 0) {
      index += input.number();
      const n = input.number();
      if (index < BUCKETS) edge.latencies[index] += n;
    }
  }
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
  number(): number {
    let value = 0;
    let unit = 1;
    while (this.at < this.bytes.length) {
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) break;
      unit *= 0x80;
    }
    return value;
  }
}
