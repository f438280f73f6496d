import { ACK, type Packet } from '../packet/packet.ts';
import type { Connection } from './connection.ts';
import { ahead } from './sequence.ts';
import { Anchor } from './side.ts';
import type { Direction } from './stream.ts';

/** How far past what was seen of its sender a RST may lie: bytes may have been lost before it. */
const RESET_WINDOW = 65_536;

/**
 * Whether the receiver of a RST would heed it (RFC 5961 §3.2): it lies in the window, between what was
 * acknowledged and a little past what was sent. A forged one that gets through is taken back by `goesOn`.
 */
export function isResetInWindow(connection: Connection, direction: Direction, packet: Packet): boolean {
  const side = connection.sides[direction];
  if (side.anchor === Anchor.none) return true;
  const known = ahead(side.ackedSeq, side.highSeq) > 0 ? side.ackedSeq : side.highSeq;
  const isOld = ahead(packet.seq, side.ackedSeq) < 0 && ahead(packet.seq, side.nextSeq) < 0;
  return !isOld && ahead(packet.seq, known) <= RESET_WINDOW;
}

/**
 * Whether a RST refuses its connection (RFC 9293 §3.10.7.1): it is all that the server has sent, and acknowledges a SYN without data,
 * which is all that the client has sent. A RST alone, or one after anything else, ends what may well have begun unseen.
 */
export function isRefusal(connection: Connection, direction: Direction, packet: Packet): boolean {
  const [client, server] = connection.sides;
  return (
    direction === 1 &&
    connection.listener === undefined &&
    client.syn &&
    client.stats.packets - client.stats.retransmissions === 1 &&
    client.held === undefined &&
    server.stats.packets === 1 &&
    (packet.flags & ACK) !== 0 &&
    packet.ack === client.firstSeq
  );
}

/** Remembers a RST; the connection ends if its sender is silent from now on. */
export function believeReset(connection: Connection, direction: Direction, packet: Packet): void {
  if (connection.resetBy !== -1) return;
  const { highSeq } = connection.sides[direction];
  connection.resetBy = direction;
  connection.resetSeq = ahead(highSeq, packet.seq) > 0 ? highSeq : packet.seq;
  if (connection.closedBy === -1) {
    connection.closedBy = direction;
    connection.closedHow = 'rst';
  }
}

/** Whether payload up to `end` proves a believed RST false: an end that resets sends nothing more. */
export function goesOn(connection: Connection, direction: Direction, end: number): boolean {
  return connection.resetBy === direction && ahead(end, connection.resetSeq) > 0;
}

export function takeBackReset(connection: Connection): void {
  connection.resetBy = -1;
  if (connection.closedHow === 'rst') {
    connection.closedBy = -1;
    connection.closedHow = 'open';
  }
}
