import type { Database } from 'better-sqlite3';
import { RecordView } from '../../../flow/record.ts';
import { asStoreError, isCorrupt } from '../error.ts';
import type { StoreStats } from '../store.ts';
import { lockDirectory } from './catalogue.ts';
import type { CommitFrame } from './commit-frame.ts';
import { type StoreOptions, withDefaults } from './options.ts';
import { MAX_PENDING_EDGES } from './rollup-writer.ts';
import { SCHEMA_VERSION } from './schema.ts';
import { arrivalTime } from './segment.ts';
import { MAX_OPEN_SEGMENTS, Segments } from './segments.ts';

/** Roll-ups are written so often while flows come and nobody asks for a map, ms: each time all edges of a bucket are written anew. */
const ROLLUP_INTERVAL = 5000;

/**
 * The one that writes. Synchronous; it lives in a thread of its own.
 *
 * A commit goes to the segments first and to the catalogue's sessions last. If the process dies in between, the worker
 * sends the batch again, and what is there already is left out by its id: nothing is lost and nothing doubled.
 */
export class Writer {
  readonly #options: Required<StoreOptions>;
  readonly #lock: Database;
  readonly #segments: Segments;
  readonly #now: () => number;
  readonly #warn: (message: string) => void;
  readonly #view = new RecordView();
  readonly #counters = { commits: 0, commitErrors: 0, duplicateFlows: 0, splits: 0, upkeepErrors: 0 };
  /** Bytes of records since the size was last looked at. */
  #grown = 0;

  /** Throws StoreError. `warn` gets sentences for the log. */
  constructor(options: StoreOptions, warn: (message: string) => void, now: () => number = Date.now) {
    this.#options = withDefaults(options);
    this.#now = now;
    this.#warn = warn;
    try {
      this.#lock = lockDirectory(this.#options.dir);
    } catch (error) {
      throw asStoreError(error, `Opening ${this.#options.dir}`);
    }
    try {
      this.#segments = new Segments(this.#options, now, warn);
    } catch (error) {
      this.#lock.close();
      throw asStoreError(error, `Opening ${this.#options.dir}`);
    }
    this.upkeep();
  }

  /** All of it or, with an error, nothing that counts: the sessions do not move on, and it may be given again. */
  commit(frame: CommitFrame): void {
    try {
      const touched = this.#insert(frame);
      this.#segments.saveProgress(frame.sessions, touched);
      this.#counters.commits++;
      this.#grown += frame.records.length;
      this.#afterCommit(touched);
    } catch (error) {
      this.#counters.commitErrors++;
      throw asStoreError(error, 'Writing flows');
    }
  }

  lastBatch(session: string): number {
    return this.#segments.catalogue.lastBatch(session);
  }

  /** Writes the roll-ups that wait, so that the map has all that is committed. */
  flushRollups(): void {
    for (const segment of this.#segments.open) segment.flushRollups(this.#now(), 0);
  }

  /** Sets a segment aside that a reader found damaged. */
  setAside(id: number): void {
    this.#segments.setAside(id);
  }

  /** To be called about once a second: roll-ups, indexes of full segments and retention, when nothing comes as well. */
  upkeep(): void {
    this.#guard(() => {
      for (const segment of this.#segments.open) segment.flushRollups(this.#now(), ROLLUP_INTERVAL);
      this.#segments.indexNext();
      this.#retire();
      this.#segments.catalogue.pruneSessions();
    });
  }

  stats(): StoreStats {
    const { ranges, catalogue } = this.#segments;
    let flows = 0;
    let oldest: number | null = null;
    let newest: number | null = null;
    for (const { id } of ranges) {
      const extent = this.#segments.extent(id);
      flows += extent.flows;
      oldest ??= extent.oldest;
      newest = extent.newest ?? newest;
    }
    return {
      flows,
      bytes: this.#segments.bytes(),
      oldest,
      newest,
      segments: ranges.length,
      schemaVersion: SCHEMA_VERSION,
      counters: {
        retiredSegments: 0,
        retiredFlows: 0,
        damagedSegments: 0,
        ...this.#counters,
        ...catalogue.counters(),
      },
      limits: {
        storageLimit: this.#options.storageLimit,
        segmentBytes: this.#options.segmentBytes,
        openSegments: MAX_OPEN_SEGMENTS,
        pendingEdges: MAX_PENDING_EDGES,
        ...(Number.isFinite(this.#options.maxAge) && { maxAgeMs: this.#options.maxAge }),
      },
    };
  }

  close(): void {
    try {
      this.#segments.close();
    } finally {
      this.#lock.close();
    }
  }

  /** Returns the ids of the segments that got something new. */
  #insert(frame: CommitFrame): number[] {
    const touched: number[] = [];
    for (const [at, which] of this.#bySegment(frame)) {
      const { id } = this.#segments.ranges[at];
      try {
        const segment = this.#segments.get(id);
        const before = segment.duplicates;
        segment.insert(frame, which);
        this.#counters.duplicateFlows += segment.duplicates - before;
        touched.push(id);
      } catch (error) {
        if (!isCorrupt(error)) throw error;
        this.#segments.setAside(id);
        return this.#insert(frame);
      }
    }
    return touched;
  }

  /** Indexes of the arrivals, by the index of the segment they belong to. */
  #bySegment(frame: CommitFrame): Map<number, Int32Array> {
    const at = new Int32Array(frame.count);
    const sizes = new Map<number, number>();
    for (let i = 0; i < frame.count; i++) {
      at[i] = this.#segments.indexFor(arrivalTime(frame, i, this.#view));
      sizes.set(at[i], (sizes.get(at[i]) ?? 0) + 1);
    }
    const groups = new Map<number, Int32Array>();
    for (const [segment, size] of sizes) {
      const group = new Int32Array(size);
      let n = 0;
      for (let i = 0; i < frame.count; i++) if (at[i] === segment) group[n++] = i;
      groups.set(segment, group);
    }
    return groups;
  }

  #afterCommit(touched: number[]): void {
    this.#guard(() => {
      const now = this.#now();
      for (const id of touched) {
        this.#segments.get(id).flushRollups(now, ROLLUP_INTERVAL);
        if (this.#segments.isRipe(id)) this.#split(id);
      }
      if (this.#grown > this.#options.segmentBytes / 4) this.#retire();
    });
  }

  #split(id: number): boolean {
    const done = this.#segments.split(id);
    if (done) this.#counters.splits++;
    return done;
  }

  /** Deletes the segments that were written to longest ago, until limit and age are kept. */
  #retire(): void {
    this.#grown = 0;
    const { maxAge, storageLimit } = this.#options;
    const now = this.#now();
    const byAge = () => this.#segments.ranges.toSorted((a, b) => a.written - b.written || a.start - b.start);
    for (const { id, written } of byAge()) {
      if (now - written > maxAge && !this.#segments.extent(id).isEmpty) this.#segments.retire(id);
    }
    let bytes = this.#segments.bytes();
    while (bytes > storageLimit) {
      const [oldest, ...others] = byAge();
      // The only one left is split, so that its newer part can stay; if it cannot be, the limit comes first.
      if (others.length === 0 && this.#split(oldest.id)) continue;
      this.#segments.retire(oldest.id);
      bytes = this.#segments.bytes();
      if (others.length === 0) break;
    }
  }

  /** What is committed stays committed: a failure of the upkeep is told, not thrown. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#counters.upkeepErrors++;
      this.#warn(asStoreError(error, 'Keeping the store in order').message);
    }
  }
}
