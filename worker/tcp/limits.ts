/**
 * Every bound of TCP reassembly by name. Times are microseconds of packet time, sizes bytes. What each bound
 * cost is told by the counter named beside it.
 */
export interface TcpLimits {
  /** Connections in the table, of every state; the least recently used goes first (`evictedConnections`). */
  maxConnections: number;
  /** Of those: begun, but with no answer and no data yet (`evictedHalfOpen`). A SYN flood costs this much and no more. */
  maxHalfOpen: number;
  /** Memory for segments that wait for a hole to fill, one direction of a connection (`holesByBytes`). */
  maxHeldPerSide: number;
  /** The same, all connections together (`holesByTotal`). */
  maxHeldTotal: number;
  /** Buffers kept for the next held segment. Costs time only. */
  maxPooled: number;
  /**
   * How far before or after the expected sequence number, or past what the peer acknowledged, a packet can be and
   * still belong to the stream (`implausible`). No hole is longer than twice this and a segment.
   */
  maxWindow: number;
  /** How long a side may make no progress because of a hole (`holesByTime`). */
  holeTime: number;
  /**
   * Bytes that the peer acknowledged cannot come later, unless the capture itself is out of order. That is
   * allowed for during so many packets of the connection, or so long, whichever ends first (`holesByAck`).
   */
  disorderPackets: number;
  disorderTime: number;
  /** So long after a connection found in the middle, bytes acknowledged but not seen were in flight when the capture began: not loss. */
  startTime: number;
  /** Silence after which an open connection is let go (`idleConnections`). */
  idleTime: number;
  /** How long a SYN may stay without an answer (`unanswered`). */
  halfOpenTime: number;
  /** How long a closed connection is remembered for late copies, and how long a reset one may prove that it lives on. */
  lingerTime: number;
  /** Delivered bytes that are remembered, all connections together, and of each segment: to tell a retransmission that differs (`conflictUnchecked`). */
  recentBytes: number;
  recentSegmentBytes: number;
}

const MILLISECOND = 1000;
const SECOND = 1_000_000;
const MIB = 1024 * 1024;

export const DEFAULT_TCP_LIMITS: Readonly<TcpLimits> = {
  maxConnections: 131_072,
  maxHalfOpen: 8192,
  maxHeldPerSide: MIB,
  maxHeldTotal: 64 * MIB,
  maxPooled: 4 * MIB,
  maxWindow: 8 * MIB,
  holeTime: 3 * SECOND,
  disorderPackets: 8,
  disorderTime: 200 * MILLISECOND,
  startTime: SECOND,
  idleTime: 600 * SECOND,
  halfOpenTime: 30 * SECOND,
  lingerTime: 2 * SECOND,
  recentBytes: MIB,
  recentSegmentBytes: 512,
};
