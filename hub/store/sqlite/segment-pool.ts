import type { Database } from 'better-sqlite3';
import { isCorrupt } from '../error.ts';
import { openCatalogueReadOnly, readSegments, type SegmentRange, segmentFile } from './catalogue.ts';
import type { Place } from './read-ahead.ts';
import { SegmentReader } from './segment-reader.ts';

/** Segments open for reading at once. */
const MAX_READ_SEGMENTS = 64;

/** The segments of a store, for reading: those used last stay open. */
export class SegmentPool {
  readonly #dir: string;
  readonly #catalogue: Database;
  /** By id, the one used last at the end. */
  readonly #open = new Map<number, SegmentReader>();
  readonly #damaged = new Set<number>();

  constructor(dir: string) {
    this.#dir = dir;
    this.#catalogue = openCatalogueReadOnly(dir);
  }

  /** Those that are there, in the order of their times. What is open of others is closed. */
  ranges(): SegmentRange[] {
    const ranges = readSegments(this.#catalogue);
    for (const [id, segment] of this.#open) {
      if (ranges.some((range) => range.id === id)) continue;
      segment.close();
      this.#open.delete(id);
    }
    return ranges;
  }

  /** Reads from a segment; undefined if it was deleted meanwhile, has no tables yet, or is damaged. */
  read<T>(id: number, work: (segment: SegmentReader) => T): T | undefined {
    try {
      return work(this.#segment(id));
    } catch (error) {
      if (isCorrupt(error)) this.#damaged.add(id);
      else if (!isNotThere(error)) throw error;
      this.#open.get(id)?.close();
      this.#open.delete(id);
      return undefined;
    }
  }

  /** Where on the disk a segment is; `ofColumns`: what a filter on columns alone looks at. */
  placeOf(id: number, ofColumns: boolean): Place {
    const extent = ofColumns ? this.read(id, (segment) => segment.columnsExtent()) : undefined;
    return { path: segmentFile(this.#dir, id), extent };
  }

  /** Ids of the segments that were found damaged since the last call. */
  takeDamaged(): number[] {
    const damaged = [...this.#damaged];
    this.#damaged.clear();
    return damaged;
  }

  close(): void {
    for (const segment of this.#open.values()) segment.close();
    this.#open.clear();
    this.#catalogue.close();
  }

  #segment(id: number): SegmentReader {
    let segment = this.#open.get(id);
    this.#open.delete(id);
    if (segment === undefined) {
      for (const [otherId, other] of this.#open) {
        if (this.#open.size < MAX_READ_SEGMENTS) break;
        other.close();
        this.#open.delete(otherId);
      }
      segment = new SegmentReader(segmentFile(this.#dir, id));
    }
    this.#open.set(id, segment);
    return segment;
  }
}

/** The file was deleted, or the writer is just making it. */
function isNotThere(error: unknown): boolean {
  const { code, message } = error as Error & { code?: unknown };
  return code === 'SQLITE_CANTOPEN' || (code === 'SQLITE_ERROR' && message.startsWith('no such table'));
}
