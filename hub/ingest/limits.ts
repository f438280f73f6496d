import { MAX_RECORD } from '../../flow/record.ts';

/** What workers may cost the hub. Shown in /metrics and on the health page. */
export const INGEST_LIMITS = {
  /** Longest message: a batch may be one record of the largest size. */
  ingestFrameBytes: MAX_RECORD + 64 * 1024,
  /** Longest text message (hello, status). */
  ingestTextBytes: 64 * 1024,
  /** Batches received and not yet committed: with more, the hub stops reading until half of it is done. */
  ingestQueueBytes: 64 * 1024 * 1024,
  /** Of one commit. */
  ingestCommitFlows: 4096,
  ingestCommitBytes: 16 * 1024 * 1024,
  /** Sessions that are remembered, connected or not. */
  ingestSessions: 10_000,
  /** A worker must say hello within this, ms. */
  ingestHelloMs: 10_000,
  /** A worker that says nothing for so long is cut off; it comes back by itself. */
  ingestSilenceMs: 30_000,
  /** Targets sent and not yet taken by a worker, bytes: with more, it is told anew when it has taken them. */
  ingestTargetsBytes: 1024 * 1024,
  /** A worker that is asked for packets and does not answer within this has none, ms. */
  ingestPacketsMs: 30_000,
  /** Counters, limits, sources and earlier sessions that one worker may report. */
  ingestReportedValues: 200,
} as const;
