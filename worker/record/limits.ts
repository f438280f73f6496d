export interface RecordLimits {
  /** Memory for packets; 0: none are recorded. */
  readonly recordBytes: number;
  /** Packets older than this are let go, µs. */
  readonly recordAge: number;
  /** What is let go at once when the memory is used up. */
  readonly recordSegmentBytes: number;
  /** Of one connection, what an export reads: the last so many bytes. */
  readonly recordExportBytes: number;
  /** Of one connection, what an export reads before the first packet that is wanted; where more is there, reading begins at that packet. */
  readonly recordContextBytes: number;
  /** Exports that are answered side by side; the oldest one is given up for another. */
  readonly recordExports: number;
}

export const DEFAULT_RECORD_LIMITS: RecordLimits = {
  recordBytes: 128 * 1024 * 1024,
  recordAge: 3600e6,
  recordSegmentBytes: 1024 * 1024,
  recordExportBytes: 32 * 1024 * 1024,
  recordContextBytes: 1024 * 1024,
  recordExports: 8,
};
