/** What watching the cluster has cost and met; all informers together. */
export class WatchCounters {
  /** Of watches, bookmarks too. */
  clusterEvents = 0;
  /** Answers to lists. */
  clusterListPages = 0;
  /** Lists that were begun, the first ones too. */
  clusterLists = 0;
  clusterWatches = 0;
  /** 410: a version or a continue token was too old. */
  clusterExpired = 0;
  /** 429 and 503: the API server asked to wait. */
  clusterThrottled = 0;
  /** All other failures: connections that were cut or silent, refusals, answers that make no sense. */
  clusterFailures = 0;
  /** Objects that were too large to be read. */
  clusterObjectsSkipped = 0;
}
