import { join } from 'node:path';
import { asStoreError, isCorrupt } from '../error.ts';
import type { Commit } from '../store.ts';
import {
  CATALOGUE_FILE,
  Catalogue,
  databaseBytes,
  removeDatabase,
  type SegmentRange,
  segmentFile,
  segmentIds,
  setAside,
} from './catalogue.ts';
import type { StoreOptions } from './options.ts';
import { Segment } from './segment.ts';

/** Segments open for writing at once. Flows far apart in time make the least lately used one close. */
export const MAX_OPEN_SEGMENTS = 8;

/** What is told of a segment without opening it. */
interface Extent {
  flows: number;
  isEmpty: boolean;
  oldest: number | null;
  newest: number | null;
}

/** The writer's segments: the list in memory and in the catalogue, the files, and the few that are open. */
export class Segments {
  readonly catalogue: Catalogue;
  readonly #dir: string;
  readonly #segmentBytes: number;
  readonly #segmentAge: number;
  readonly #now: () => number;
  readonly #warn: (message: string) => void;
  readonly #open = new Map<number, Segment>();
  readonly #extents = new Map<number, Extent>();
  /** Bytes that a segment must have before it is split (again). */
  readonly #splitBytes = new Map<number, number>();
  /** Full ones that may lack an index. */
  #unindexed: number[] = [];
  #ranges: SegmentRange[] = [];

  /** The directory must be locked. Sets damaged files aside, each with a warning and a counter. */
  constructor(options: Required<StoreOptions>, now: () => number, warn: (message: string) => void) {
    const { dir } = options;
    this.#dir = dir;
    this.#segmentBytes = options.segmentBytes;
    this.#segmentAge = options.segmentAge;
    this.#now = now;
    this.#warn = warn;
    const { catalogue, whole } = openCatalogue(dir, warn);
    this.catalogue = catalogue;
    try {
      if (whole) this.#removeUnlisted();
      else this.#restoreList();
      this.#reload();
      for (const range of [...this.#ranges]) this.#check(range);
      if (this.#ranges.length === 0) this.#add(0);
      this.#unindexed.push(...this.#ranges.slice(0, -1).map(({ id }) => id));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** In the order of time, without holes between them. */
  get ranges(): readonly SegmentRange[] {
    return this.#ranges;
  }

  get open(): Iterable<Segment> {
    return this.#open.values();
  }

  /** Index in `ranges` of the segment that flows of a time (µs) belong to. */
  indexFor(time: number): number {
    let low = 0;
    let high = this.#ranges.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#ranges[middle].start <= time) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Opens a segment, closing the least lately used one if need be. */
  get(id: number): Segment {
    let segment = this.#open.get(id);
    this.#open.delete(id);
    if (segment === undefined) {
      for (const other of this.#open.values()) {
        if (this.#open.size < MAX_OPEN_SEGMENTS) break;
        this.#close(other);
      }
      segment = this.#openFile(id);
    }
    this.#open.set(id, segment);
    return segment;
  }

  /** Writes the sessions' progress, and that these segments were written to. */
  saveProgress(sessions: Commit['sessions'], touched: readonly number[]): void {
    const now = this.#now();
    this.catalogue.saveProgress(sessions, touched, now);
    for (const range of this.#ranges) if (touched.includes(range.id)) range.written = now;
  }

  /** Whether a segment is large enough, or old enough, to be split. */
  isRipe(id: number): boolean {
    const segment = this.get(id);
    if (segment.isEmpty) return false;
    const range = this.#ranges.find((one) => one.id === id);
    if (range !== undefined && this.#now() - range.created > this.#segmentAge) return true;
    return segment.usedBytes() > (this.#splitBytes.get(id) ?? this.#segmentBytes);
  }

  /** Splits a segment in two. False: all its flows have the same time. */
  split(id: number): boolean {
    const next = this.catalogue.nextSegmentId();
    const file = segmentFile(this.#dir, next);
    removeDatabase(file);
    const done = this.get(id).split(next, file, (start) => this.catalogue.addSegment(start, this.#now()));
    if (done) this.#unindexed.push(id);
    else removeDatabase(file);
    // What still comes for the older half, or could not be split, must grow by half before it is tried again.
    this.#splitBytes.set(id, Math.max(this.#segmentBytes, 1.5 * this.get(id).usedBytes()));
    this.catalogue.setCreated(id, this.#now());
    this.#reload();
    return done;
  }

  /** Makes one index that a full segment lacks, the newest of them first. */
  indexNext(): void {
    const id = this.#unindexed.pop();
    if (id !== undefined && this.get(id).makeNextIndex()) this.#unindexed.push(id);
  }

  /** Deletes a segment; `retiredSegments` and `retiredFlows` count it. */
  retire(id: number): void {
    const flows = this.extent(id).flows;
    this.#drop(id, { retiredSegments: 1, retiredFlows: flows });
    removeDatabase(segmentFile(this.#dir, id));
  }

  /** Puts a damaged segment out of the way. */
  setAside(id: number): void {
    if (!this.#ranges.some((range) => range.id === id)) return;
    const file = segmentFile(this.#dir, id);
    this.#drop(id, { damagedSegments: 1 });
    this.#warn(
      `The segment ${file} is damaged and was set aside as ${setAside(file)}. Its flows are missing from now on.`,
    );
  }

  extent(id: number): Extent {
    const open = this.#open.get(id);
    if (open !== undefined) return readExtent(open);
    let extent = this.#extents.get(id);
    if (extent === undefined) {
      extent = readExtent(this.get(id));
      this.#extents.set(id, extent);
    }
    return extent;
  }

  /** Bytes of all files. */
  bytes(): number {
    let bytes = databaseBytes(join(this.#dir, CATALOGUE_FILE));
    for (const { id } of this.#ranges) bytes += databaseBytes(segmentFile(this.#dir, id));
    return bytes;
  }

  close(): void {
    for (const segment of [...this.#open.values()]) this.#close(segment);
    this.catalogue.close();
  }

  /** The logs of all that are open stay smaller than one segment. */
  #openFile(id: number): Segment {
    return new Segment(id, segmentFile(this.#dir, id), this.#segmentBytes / MAX_OPEN_SEGMENTS);
  }

  #close(segment: Segment): void {
    this.#open.delete(segment.id);
    this.#extents.set(segment.id, readExtent(segment));
    segment.close();
  }

  #drop(id: number, counts: Record<string, number>): void {
    const open = this.#open.get(id);
    this.#open.delete(id);
    this.#extents.delete(id);
    this.#splitBytes.delete(id);
    this.#unindexed = this.#unindexed.filter((other) => other !== id);
    open?.db.close();
    this.catalogue.removeSegment(id, counts);
    this.#reload();
    if (this.#ranges.length === 0) this.#add(0);
  }

  #add(start: number): void {
    const { id } = this.catalogue.addSegment(start, this.#now());
    removeDatabase(segmentFile(this.#dir, id));
    this.#reload();
  }

  #reload(): void {
    this.#ranges = this.catalogue.segments();
  }

  /** A file that is not listed is half of a split, or was to be deleted, when the process died. */
  #removeUnlisted(): void {
    const listed = new Set(this.catalogue.segments().map((range) => range.id));
    for (const id of segmentIds(this.#dir)) if (!listed.has(id)) removeDatabase(segmentFile(this.#dir, id));
  }

  /** The list was lost: make it again from the files. */
  #restoreList(): void {
    for (const id of segmentIds(this.#dir)) {
      const file = segmentFile(this.#dir, id);
      try {
        const segment = this.#openFile(id);
        const { oldest } = readExtent(segment);
        segment.close();
        if (oldest === null) removeDatabase(file);
        else this.catalogue.restoreSegment(id, oldest, this.#now());
      } catch (error) {
        if (!isCorrupt(error)) throw error;
        this.#warn(`The segment ${file} is damaged and was set aside as ${setAside(file)}.`);
      }
    }
  }

  #check(range: SegmentRange): void {
    try {
      const segment = this.#openFile(range.id);
      try {
        segment.removeStrays(range.end);
        this.#extents.set(range.id, readExtent(segment));
      } finally {
        segment.close();
      }
    } catch (error) {
      if (!isCorrupt(error)) throw asStoreError(error, `Opening ${segmentFile(this.#dir, range.id)}`);
      this.setAside(range.id);
    }
  }
}

function openCatalogue(
  dir: string,
  warn: (message: string) => void,
): { catalogue: Catalogue; whole: boolean } {
  try {
    return { catalogue: new Catalogue(dir), whole: true };
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    const aside = setAside(join(dir, CATALOGUE_FILE));
    warn(`The catalogue was damaged and set aside as ${aside}. It is made again from the segments.`);
    const catalogue = new Catalogue(dir);
    catalogue.count('damagedCatalogues', 1);
    return { catalogue, whole: false };
  }
}

function readExtent(segment: Segment): Extent {
  const read = (sql: string) => segment.db.prepare(sql).pluck().get() as number | null;
  return {
    flows: segment.flows,
    isEmpty: segment.isEmpty,
    oldest: read('SELECT min(time) FROM flows'),
    newest: read('SELECT max(time) FROM flows'),
  };
}
