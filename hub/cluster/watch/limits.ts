/** What watching the cluster may cost. Shown in /metrics and on the health page. */
export const WATCH_LIMITS = {
  /** Objects of one answer to a list. */
  clusterPageObjects: 500,
  /** An object that is larger is left out (etcd takes no more than 1.5 MiB). */
  clusterObjectBytes: 8 * 1024 * 1024,
  /** What an answer may have besides its objects. */
  clusterEnvelopeBytes: 64 * 1024,
  /** Namespaces that are watched one by one. */
  clusterNamespaces: 100,
  /** An answer must begin within this, ms; credentials must be there within it too. */
  clusterAnswerMs: 30_000,
  /** A list must not stand still for so long, ms. */
  clusterListSilenceMs: 30_000,
  /** The server is asked to end a watch after this, ms: up to twice as long, so that not all begin anew at once. */
  clusterWatchMs: 300_000,
  /** Bookmarks come about once a minute: a watch that has told nothing for so long is broken, ms. */
  clusterWatchSilenceMs: 150_000,
  /** A watch that lasted so long was a good one: the next trouble is the first again, ms. */
  clusterWatchGoodMs: 10_000,
  /** Between attempts, ms: the first and the longest wait. */
  clusterBackOffFirstMs: 250,
  clusterBackOffLongestMs: 10_000,
  /** The longest wait that a server may ask for, ms. */
  clusterRetryAfterMs: 60_000,
  /** How long credentials are used before they are asked for again, ms. */
  clusterCredentialsMs: 30_000,
  /** Texts that are kept once for all objects: labels, names of nodes, namespaces and owners. */
  clusterSharedTexts: 200_000,
} as const;

export type WatchLimits = { readonly [name in keyof typeof WATCH_LIMITS]: number };
