import type { Packet } from '../packet/packet.ts';
import { type Connection, opposite, State } from './connection.ts';
import type { TcpCounters } from './counters.ts';
import { after, ahead } from './sequence.ts';
import { Anchor, type Side } from './side.ts';
import type { Direction } from './stream.ts';

/** What is to be done with a packet that is no plain segment of its connection. */
export const Verdict = {
  /** It belongs to the connection. */
  accept: 0,
  /** It has been dealt with, or means nothing. */
  ignore: 1,
  /** It belongs to a new connection on the same addresses. */
  replace: 2,
} as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** A SYN-ACK may acknowledge data in the SYN that was not captured (RFC 7413), bytes. */
const FAST_OPEN_WINDOW = 65_536;

/**
 * A SYN on addresses that have a connection (RFC 9293 §3.10.7). With the sequence number known, it is the SYN
 * sent again, or one captured late. With another one it begins a new connection if the old one has shown an end, or was never answered;
 * else it is a rival: it counts once it is answered, so that a forged SYN breaks nothing.
 */
export function receiveSyn(
  connection: Connection,
  direction: Direction,
  packet: Packet,
  counters: TcpCounters,
): Verdict {
  const side = connection.sides[direction];
  const first = after(packet.seq, 1);
  if (connection.state === State.closed) return first === side.firstSeq ? Verdict.ignore : Verdict.replace;
  if (side.syn) {
    if (first === side.firstSeq) return repeatedSyn(connection, direction, packet, counters);
  } else if (placeSyn(connection, side, first)) {
    if (direction === 0) {
      connection.handshake = true;
      connection.synTime = packet.time;
    }
    return Verdict.accept;
  }
  if (connection.state !== State.open || connection.closedBy !== -1) return Verdict.replace;
  connection.rivalBy = direction;
  connection.rivalSeq = packet.seq;
  connection.rivalTime = packet.time;
  return Verdict.ignore;
}

/** A SYN-ACK on addresses that have a connection. It must answer the SYN that was seen. */
export function receiveSynAck(
  connection: Connection,
  direction: Direction,
  packet: Packet,
  counters: TcpCounters,
): Verdict {
  const side = connection.sides[direction];
  const peer = connection.sides[opposite(direction)];
  const first = after(packet.seq, 1);
  if (connection.state === State.closed) return first === side.firstSeq ? Verdict.ignore : Verdict.replace;
  if (connection.rivalBy === opposite(direction) && packet.ack === after(connection.rivalSeq, 1))
    return Verdict.replace;
  if (side.syn && first === side.firstSeq) {
    // Simultaneous open: both ends send their SYN again, with an ACK (RFC 9293 §3.5, figure 7).
    if (direction === 0) return Verdict.accept;
    return repeatedSyn(connection, direction, packet, counters);
  }
  const excess = ahead(packet.ack, peer.firstSeq);
  const answers = !peer.syn || (excess >= 0 && excess <= FAST_OPEN_WINDOW);
  if (!answers || side.syn || !placeSyn(connection, side, first)) {
    if (connection.state >= State.closing) return Verdict.replace;
    counters.implausible++;
    return Verdict.ignore;
  }
  if (peer.anchor !== Anchor.sure && peer.held === undefined) peer.begin(packet.ack, Anchor.sure);
  if (direction === 1) {
    connection.handshake = true;
    connection.awaitsAck = connection.synTime <= packet.time;
  }
  return Verdict.accept;
}

/** The ACK that ends the handshake, from the client. */
export function receiveHandshakeAck(connection: Connection, packet: Packet): void {
  connection.awaitsAck = false;
  connection.roundTrip = packet.time - connection.synTime;
}

/** Whether a packet of the rival's side shows that its handshake was completed, its SYN-ACK unseen. */
export function provesRival(connection: Connection, direction: Direction, packet: Packet): boolean {
  return connection.rivalBy === direction && packet.seq === after(connection.rivalSeq, 1);
}

/** A SYN sent again. Data in it came with the first one: a SYN is sent again without, or with the same. */
function repeatedSyn(
  connection: Connection,
  direction: Direction,
  packet: Packet,
  counters: TcpCounters,
): Verdict {
  const { stats } = connection.sides[direction];
  stats.packets++;
  stats.retransmissions++;
  counters.retransmissions++;
  if (direction === 0 && !connection.awaitsAck && connection.state === State.halfOpen)
    connection.synTime = packet.time;
  return Verdict.ignore;
}

/** Takes `first` as the beginning of a side's stream, if that agrees with what was seen of it. */
function placeSyn(connection: Connection, side: Side, first: number): boolean {
  const distance = ahead(first, side.nextSeq);
  if (side.anchor === Anchor.sure) {
    // Known from the SYN-ACK, or delivered from there on.
    if (first !== side.firstSeq) {
      if (side.offset !== 0 || side.ended || distance > 0 || distance < -FAST_OPEN_WINDOW) return false;
      side.beginAt(first);
    }
  } else if (side.held === undefined) {
    if (side.anchor === Anchor.none) side.begin(first, Anchor.sure);
    else if (distance > 0 || distance < -FAST_OPEN_WINDOW) return false;
    else side.beginAt(first);
  } else {
    if (ahead(first, side.held.first.seq) > 0 || distance < -FAST_OPEN_WINDOW) return false;
    connection.starting = -1;
    side.beginAt(first);
  }
  side.syn = true;
  return true;
}
