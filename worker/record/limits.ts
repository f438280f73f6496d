export interface RecordLimits {
  /** Room for packets, on the disk or in memory; 0: none are recorded. */
  readonly recordBytes: number;
  /** Packets older than this are let go, µs. */
  readonly recordAge: number;
  /** What is let go at once when the room is used up, and written at once. */
  readonly recordSegmentBytes: number;
  /** What would be lost with the process is written when its first packet is so old, µs, also where it is less than a segment. */
  readonly recordSealAge: number;
  /** Memory for packets that wait to be written to the disk, and for those that cannot be. */
  readonly recordWaitingBytes: number;
  /** Pause before the next attempt to write, when one has failed. */
  readonly recordRetryMs: number;
  /** Memory for packets that were read from the disk. */
  readonly recordReadBytes: number;
  /** Of one connection, what an export reads: the last so many bytes. */
  readonly recordExportBytes: number;
  /** Of one connection, what an export reads before the first packet that is wanted; where more is there, reading begins at that packet. */
  readonly recordContextBytes: number;
  /** Packets of one export; the last ones are left out. */
  readonly recordExportPackets: number;
  /** Exports that are answered side by side; the oldest one is given up for another. */
  readonly recordExports: number;
}

export const DEFAULT_RECORD_LIMITS: RecordLimits = {
  recordBytes: 128 * 1024 * 1024,
  recordAge: 3600e6,
  recordSegmentBytes: 4 * 1024 * 1024,
  recordSealAge: 5e6,
  recordWaitingBytes: 32 * 1024 * 1024,
  recordRetryMs: 5000,
  recordReadBytes: 16 * 1024 * 1024,
  recordExportBytes: 32 * 1024 * 1024,
  recordContextBytes: 1024 * 1024,
  recordExportPackets: 500_000,
  recordExports: 4,
};

/** Holds the largest packet there is. */
const SMALLEST_SEGMENT = 128 * 1024;
const SEGMENTS = 32;

/** With `recordBytes` of room: where that is little, segments are smaller, that little is let go at once. */
export function recordLimits(recordBytes: number, recordAge: number): RecordLimits {
  const part = Math.floor(recordBytes / SEGMENTS / 8) * 8;
  const recordSegmentBytes = Math.max(
    SMALLEST_SEGMENT,
    Math.min(part, DEFAULT_RECORD_LIMITS.recordSegmentBytes),
  );
  return { ...DEFAULT_RECORD_LIMITS, recordBytes, recordAge, recordSegmentBytes };
}
