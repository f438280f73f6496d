/** What live subscribers may cost the hub. Shown in /metrics and on the health page. */
export const LIVE_LIMITS = {
  /** Sockets at once. */
  liveSubscribers: 64,
  /** Newest flows kept for all subscribers of one filter together, in number and bytes. */
  liveFeedFlows: 2000,
  liveFeedBytes: 4 * 1024 * 1024,
  /** Of one frame; a single flow larger than that still goes, alone. */
  liveFrameRows: 500,
  liveFrameBytes: 1024 * 1024,
  /** A frame of flows to a subscriber at most this often. */
  liveFrameMs: 100,
  /** Likewise of the map. */
  liveMapMs: 1000,
  /** Of every `liveFrameMs`, what filters of subscribers may take from the ingest of flows. */
  liveFilterMs: 25,
  /** Longest message of a client. */
  liveMessageBytes: 64 * 1024,
  /** A client that does not answer a ping for this long is cut off. */
  liveHeartbeatMs: 30_000,
  /** Longest stretch of the live map, s. */
  liveMapWindow: 86_400,
} as const;
