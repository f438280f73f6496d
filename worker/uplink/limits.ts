/** What the way to the hub may cost the worker. */
export const UPLINK_LIMITS = {
  /** Batches that are not acknowledged yet, sent or not. */
  spoolBytes: 64 * 1024 * 1024,
  /** Of those, how much may be on its way: more would only wait in the socket. */
  windowBytes: 8 * 1024 * 1024,
  /** A batch is handed over when it has so much, or is so old. */
  batchBytes: 64 * 1024,
  batchMs: 100,
  /** Pauses between attempts to connect: doubled from the first to the last, each cut by a random half. */
  firstRetryMs: 200,
  lastRetryMs: 15_000,
  /** An attempt to connect takes no longer, the hub's welcome included. */
  connectMs: 10_000,
  statusMs: 1000,
  /** A hub from which nothing was heard for so long, not even the answer to a ping, is left and called again. */
  silenceMs: 60_000,
} as const;
