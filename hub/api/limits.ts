/** What one request may cost. Shown in /metrics and on the health page. */
export const API_LIMITS = {
  /** Sockets at once, those of workers too. */
  connections: 16_384,
  /** Who has not agreed on TLS within this is cut off, ms. */
  tlsHandshakeMs: 10_000,
  /** Of one request, its address included: room for the longest filter, percent-encoded. */
  requestHeadBytes: 32 * 1024,
  /** Of a spec of targets: room for some ten thousand names. */
  targetsBytes: 1024 * 1024,
  /** Flows of one page. */
  pageFlows: 1000,
  /** A search that takes longer answers with what it has found, and with a cursor to go on from. */
  queryBudgetMs: 2000,
  /** Exports running at once, and flows each holds in memory at a time. */
  exports: 4,
  exportPageFlows: 50,
  /** The map of a range that was not given goes back so far, s. */
  defaultMapSeconds: 900,
} as const;
