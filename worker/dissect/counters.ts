/**
 * What the dissectors have seen and what their limits cost, since the worker began. One instance a worker,
 * shared by all connections; plain numbers, added to in place.
 */
export class DissectCounters {
  // Connections and their payload bytes, by what their first bytes were.
  httpConnections = 0;
  tlsConnections = 0;
  http2Connections = 0;
  otherConnections = 0;
  httpBytes = 0;
  tlsBytes = 0;
  http2Bytes = 0;
  otherBytes = 0;

  exchanges = 0;
  /** Requests shown without an answer, and answers shown without a request. */
  unansweredRequests = 0;
  orphanAnswers = 0;
  /** Answers that could have belonged to more than one request after a loss: shown alone instead of guessed. */
  ambiguousAnswers = 0;
  malformedMessages = 0;
  /** How often the start of a message had to be searched for. */
  resyncs = 0;
  /** Bytes of HTTP connections that belong to no message. */
  skippedBytes = 0;
  /** Connections handed on after 101 or CONNECT. */
  upgrades = 0;

  // What the limits cost.
  truncatedHeads = 0;
  truncatedBodies = 0;
  /** Messages cut shorter than asked, or not read, because all messages together took `maxBuffered` bytes. */
  bufferLimitHits = 0;
  /** Requests shown without an answer because too many were waiting, on one connection or all together. */
  outstandingLimitHits = 0;
}
