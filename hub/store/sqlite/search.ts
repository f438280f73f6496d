import type { Filter } from '../../../flow/filter.ts';
import { type FlowId, MAX_TIME } from '../flow-id.ts';
import type { SegmentReader, StoredRecord } from './segment-reader.ts';
import { needsOf, timeBounds, type Where, whereOf } from './where.ts';

/** Rows that one statement fetches: no transaction stays open between, so the log can be written back. */
const CHUNK = 128;
/** Flows that one statement looks through, at first and at most. */
const FIRST_STRETCH = 4096;
const LONGEST_STRETCH = 1 << 20;
/** How long one may take before the next ones get shorter, and how short it must be for them to get longer, ms. */
const LONG = 24;
const SHORT = 8;

/** What one step of a search brought: flows that may pass, newest first. */
export interface Found {
  rows: StoredRecord[];
  /** Flows that were looked through for them. */
  scanned: number;
  /** The search goes on before this; undefined: the segment has no more. */
  next: FlowId | undefined;
}

/** What a stretch of a summary had, and the time (µs) before which it goes on. */
export interface Looked {
  scanned: number;
  next: number | undefined;
}

/**
 * Looks through a segment from the newest flow to the oldest, in steps that are short enough to let others have their turn in
 * between. What the filter says of columns is decided by SQLite; where that is all it says, `exact`, nothing is left to decide.
 */
export class Search {
  readonly exact: boolean;
  /** µs; outside of it nothing can pass. */
  readonly from: number;
  readonly to: number;
  readonly where: Where | undefined;
  readonly #needs: Where[];
  #stretch = FIRST_STRETCH;

  constructor({ condition }: Filter) {
    const { from, to } = timeBounds(condition);
    this.exact = condition.exact;
    this.from = Math.max(0, Math.ceil(from));
    this.to = Math.min(MAX_TIME, Math.ceil(Math.max(0, to)));
    this.where = whereOf(condition);
    this.#needs = needsOf(condition);
  }

  /** One step before `before` and not before `from` (µs). */
  step(segment: SegmentReader, before: FlowId, from: number): Found {
    if (this.where === undefined) {
      const rows = segment.older(before, from, CHUNK);
      return { rows, scanned: rows.length, next: rows.length < CHUNK ? undefined : rows.at(-1)?.id };
    }
    if (!this.#isPossible(segment)) {
      return { rows: [], scanned: segment.count(before, from), next: undefined };
    }
    const start = performance.now();
    const reached = segment.timeBack(before, from, this.#stretch);
    const low = reached ?? from;
    const rows = segment.search(before, low, this.where, CHUNK);
    if (rows.length === CHUNK) {
      const next = rows[CHUNK - 1].id;
      return { rows, scanned: segment.count(before, next.time), next };
    }
    const scanned = reached === undefined ? segment.count(before, from) : this.#stretch;
    this.#adapt(performance.now() - start);
    return { rows, scanned, next: reached === undefined ? undefined : { time: low, high: 0, low: 0 } };
  }

  /** As `step`, for a filter that is exact: has `read` read the flows in [low, high), µs. */
  stretch(
    segment: SegmentReader,
    before: number,
    from: number,
    read: (low: number, high: number) => void,
  ): Looked {
    const start = performance.now();
    const end = { time: before, high: 0, low: 0 };
    if (!this.#isPossible(segment)) return { scanned: segment.count(end, from), next: undefined };
    const reached = segment.timeBack(end, from, this.#stretch);
    read(reached ?? from, before);
    const scanned = reached === undefined ? segment.count(end, from) : this.#stretch;
    this.#adapt(performance.now() - start);
    return { scanned, next: reached };
  }

  /** A segment that has never heard of a name has no flow of it. */
  #isPossible(segment: SegmentReader): boolean {
    return this.#needs.every((need) => segment.has(need));
  }

  #adapt(took: number): void {
    if (took > LONG) this.#stretch = Math.max(FIRST_STRETCH, this.#stretch >> 1);
    else if (took < SHORT) this.#stretch = Math.min(LONGEST_STRETCH, this.#stretch << 1);
  }
}
