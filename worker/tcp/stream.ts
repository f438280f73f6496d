/**
 * What TCP hands on: the bytes of each direction in order, with holes said as holes.
 *
 * Life of a connection: `onConnection` is called with the new `ConnectionInfo` and returns its listener;
 * then `data` and `gap` for each direction in stream order, `end` at most once a direction (FIN seen and all
 * before it delivered, or RST), and `close` exactly once, last.
 *
 * The two directions are told in the order of the capture. Bytes of one direction that its sender sent after it had received
 * bytes of the other wait a short time for those (see TcpLimits.disorderTime), so that neither a capture in
 * slightly wrong order nor a loss puts an answer before its request. Beyond that a hole in one direction does not
 * hold the other back: use `peerAcked`. An RST ends both directions only when its sender has been silent for a while.
 */

/** 0: from the client (the end that sent the SYN; if that was not seen, the end seen first). 1: from the server. */
export type Direction = 0 | 1;

export type EndReason = 'fin' | 'rst';
/**
 * Why a connection was let go: closed by both ends, reset, idle too long, 4-tuple taken by a new SYN, table full, capture ended, or
 * refused by its server: then it never began, and no listener was told of it.
 */
export type CloseReason = 'fin' | 'rst' | 'idle' | 'reused' | 'evicted' | 'finished' | 'refused';

export interface SideStats {
  /** TCP payload bytes seen, each once. */
  bytes: number;
  /** Packets seen, copies not counted. */
  packets: number;
  /** Packets whose payload had been sent before (RFC 9293 retransmission), copies not counted. */
  retransmissions: number;
  /** Copies of a packet already seen (another interface, another node's view): not retransmissions. */
  duplicates: number;
  /** Bytes never seen: delivered as gaps. */
  lostBytes: number;
  /** Bytes of overlapping segments whose content differed from what was kept. */
  conflictBytes: number;
  zeroWindows: number;
  keepAlives: number;
}

/** One direction as the listener sees it. */
export interface SideInfo {
  /**
   * Stream offset of the next byte to be delivered: 0 is the byte after the SYN, or the first byte seen. During
   * `data` and `gap` it is that of their first byte.
   */
  readonly offset: number;
  /** Raw sequence number (signed 32 bit) of stream offset 0. */
  readonly firstSeq: number;
  readonly stats: SideStats;
}

export interface ConnectionInfo {
  /** Counts up within the worker. */
  readonly id: number;
  readonly ipVersion: number;
  /** Addresses as four signed 32-bit words each, IPv4 as IPv4-mapped IPv6 (see Packet). */
  readonly client0: number;
  readonly client1: number;
  readonly client2: number;
  readonly client3: number;
  readonly server0: number;
  readonly server1: number;
  readonly server2: number;
  readonly server3: number;
  readonly clientPort: number;
  readonly serverPort: number;
  /** Whether the handshake was seen (a SYN or SYN-ACK is enough); if not, `client` and `server` are a guess the dissector may correct. */
  readonly handshake: boolean;
  /** Capture time of the first packet, µs. */
  readonly startTime: number;
  /** SYN to SYN-ACK to ACK, µs; NaN if not seen. */
  readonly roundTrip: number;
  /** Who ended it, by the first FIN or RST: direction, or -1. */
  readonly closedBy: Direction | -1;
  readonly closedHow: EndReason | 'open';
  readonly sides: readonly [SideInfo, SideInfo];
  /** What the recorder notes of it (record/marks.ts); TCP does not look at it. */
  recordMark: number;

  // Of the bytes or the gap being delivered right now:
  /** Capture time of the packet that carried them, µs. For a gap: of the packet that showed it. */
  readonly time: number;
  /**
   * How many bytes of the other direction the sender had acknowledged in that packet, as a stream offset of
   * that direction; -1 if not known. This is causality seen on the wire: what orders requests and answers after a gap.
   */
  readonly peerAcked: number;
  /** The packet was captured only in part: right after these bytes there is a gap; or this is that gap. */
  readonly isCutShort: boolean;
}

export interface StreamListener {
  /** `data[start, end)` are the next bytes of `direction`; valid during the call only. */
  data(direction: Direction, data: Uint8Array, start: number, end: number): void;
  /** `length` bytes of `direction` were not captured and will not come. `conflict` marks are in the stats. */
  gap(direction: Direction, length: number): void;
  end(direction: Direction, reason: EndReason): void;
  close(reason: CloseReason): void;
}

export type OnConnection = (connection: ConnectionInfo) => StreamListener;
/** The server answered the SYN of this connection with a RST; `time` is that of the RST. */
export type OnRefused = (connection: ConnectionInfo) => void;
