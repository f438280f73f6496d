import type { FlowRow } from '../../../flow/api.ts';

/** Most rows held; past it the oldest go. At 26 px a row this stays within what browsers can scroll. */
export const ROWS_LIMIT = 100_000;
/** Rows dropped at once, so that a full buffer does not move 100,000 pointers for each flow. */
const SLACK = 4_096;

/**
 * The rows of the list, oldest first by id (ids sort by time), each id once. Rows come in batches that are nearly in
 * order; a row that is there already is replaced (its answer came, or another worker saw more of it).
 */
export class FlowBuffer {
  readonly limit: number;
  #rows: FlowRow[] = [];
  #ids = new Set<string>();
  #trimmed = 0;
  #added = 0;

  constructor(limit = ROWS_LIMIT) {
    this.limit = limit;
  }

  get length(): number {
    return this.#rows.length;
  }

  /** How many rows were let go because the buffer was full. */
  get trimmed(): number {
    return this.#trimmed;
  }

  /** How many rows ever came at the new end: with it a row has the same number however many come after. */
  get added(): number {
    return this.#added;
  }

  get oldest(): FlowRow | undefined {
    return this.#rows[0];
  }

  get newest(): FlowRow | undefined {
    return this.#rows.at(-1);
  }

  /** The n-th newest row, from 0. */
  fromNewest(n: number): FlowRow | undefined {
    return this.#rows[this.#rows.length - 1 - n];
  }

  /** Place of an id counted from the newest; -1 if it is not there. */
  indexFromNewest(id: string): number {
    if (!this.#ids.has(id)) return -1;
    return this.#rows.length - 1 - this.#lowerBound(id);
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  clear(): void {
    this.#rows = [];
    this.#ids.clear();
    this.#trimmed = 0;
  }

  /** Newer rows, in any order. Returns how many were not there before. */
  add(rows: readonly FlowRow[]): number {
    const before = this.#ids.size;
    const fresh: FlowRow[] = [];
    for (const row of rows) {
      if (this.#ids.has(row.id)) this.#replace(row, fresh);
      else {
        this.#ids.add(row.id);
        fresh.push(row);
      }
    }
    const added = this.#ids.size - before;
    this.#added += added;
    if (added > 0) this.#merge(fresh.sort(byId));
    if (this.#rows.length > this.limit + SLACK) this.#trim();
    return added;
  }

  /** A page of history: rows older than most that are here. What no longer fits is not taken. Returns how many were. */
  addOlder(rows: readonly FlowRow[]): number {
    const room = this.limit - this.#rows.length;
    const fresh = rows.filter((row) => !this.#ids.has(row.id)).slice(0, Math.max(0, room));
    for (const row of fresh) this.#ids.add(row.id);
    this.#merge(fresh.sort(byId));
    return fresh.length;
  }

  #replace(row: FlowRow, fresh: FlowRow[]): void {
    const at = this.#lowerBound(row.id);
    if (this.#rows[at]?.id === row.id) this.#rows[at] = row;
    else {
      const inBatch = fresh.findIndex((other) => other.id === row.id);
      if (inBatch >= 0) fresh[inBatch] = row;
    }
  }

  /** Merges sorted rows in one pass over the part of the buffer that they touch. */
  #merge(fresh: FlowRow[]): void {
    const first = fresh[0];
    if (first === undefined) return;
    const from = this.#lowerBound(first.id);
    const tail = this.#rows.splice(from);
    let next = 0;
    for (const row of tail) {
      while (next < fresh.length && fresh[next]!.id < row.id) this.#rows.push(fresh[next++]!);
      this.#rows.push(row);
    }
    while (next < fresh.length) this.#rows.push(fresh[next++]!);
  }

  #trim(): void {
    const gone = this.#rows.splice(0, this.#rows.length - this.limit);
    for (const row of gone) this.#ids.delete(row.id);
    this.#trimmed += gone.length;
  }

  #lowerBound(id: string): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#rows[middle]!.id < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function byId(a: FlowRow, b: FlowRow): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
