/** What TCP did and what its limits cost, since the start; `open`, `halfOpen` and `heldBytes` are of now. */
export class TcpCounters {
  packets = 0;
  /** Connections told to a listener. */
  connections = 0;
  open = 0;
  halfOpen = 0;

  /** Copies of a packet seen before, and payload sent again by its sender. */
  duplicates = 0;
  retransmissions = 0;
  /** Bytes delivered as gaps: never captured, or cut off by the snapshot length. */
  lostBytes = 0;
  truncatedBytes = 0;
  /** Overlapping bytes that differed from the first copy; and those whose first copy was no longer remembered. */
  conflictBytes = 0;
  conflictUnchecked = 0;

  /** Memory taken by segments that wait behind a hole. */
  heldBytes = 0;
  /** Holes filled are not counted; these were given up, by cause. */
  holesByAck = 0;
  holesByTime = 0;
  holesByBytes = 0;
  holesByTotal = 0;
  holesByEnd = 0;

  evictedConnections = 0;
  evictedHalfOpen = 0;
  idleConnections = 0;
  /** Half-open connections that ended with nothing but SYNs or bare ACKs. */
  unanswered = 0;
  /** Connections that were refused: a RST was all that their server sent. */
  answeredByReset = 0;
  /** 4-tuples taken by a new connection before the old one had closed. */
  reused = 0;
  /** Of those: told by data that continued far outside the window, without a SYN. */
  resynchronised = 0;

  /** Packets outside any window the stream can have, or with flags that contradict each other: ignored. */
  implausible = 0;
  /** RST outside the window: ignored. RST after which its sender went on: taken back. */
  resetsIgnored = 0;
  resetsTakenBack = 0;
  /** Bytes after a FIN: ignored. */
  bytesAfterFin = 0;
  /** FIN or RST of a connection not known. */
  orphans = 0;
}
