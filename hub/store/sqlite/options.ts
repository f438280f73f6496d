/** What the store may use and how long it keeps. */
export interface StoreOptions {
  /** Made if it is not there. One process at a time may use it. */
  dir: string;
  /** Bytes of all files; the oldest segments are deleted to stay under it. */
  storageLimit: number;
  /** Segments that nothing was written to for so long (ms) are deleted; absent: kept while there is room. */
  maxAge?: number;
  /** A segment that has grown to this (bytes) is split. Default: a sixteenth of `storageLimit`, 1 MiB to 256 MiB. */
  segmentBytes?: number;
  /** And one that is so old (ms of the hub's clock) and still written to. Default: one hour. */
  segmentAge?: number;
}

const MIB = 1024 * 1024;
const HOUR = 3_600_000;

/** Less than this cannot be kept to: an empty segment with its log takes some of it. */
export const MIN_STORAGE_LIMIT = 4 * MIB;

export function withDefaults(options: StoreOptions): Required<StoreOptions> {
  const storageLimit = Math.max(MIN_STORAGE_LIMIT, options.storageLimit);
  return {
    dir: options.dir,
    storageLimit,
    maxAge: options.maxAge ?? Number.POSITIVE_INFINITY,
    segmentBytes: options.segmentBytes ?? Math.min(256 * MIB, Math.max(MIB, Math.floor(storageLimit / 16))),
    segmentAge: options.segmentAge ?? HOUR,
  };
}
