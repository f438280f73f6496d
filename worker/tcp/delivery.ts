import { ACK, type Packet } from '../packet/packet.ts';
import { type Connection, opposite } from './connection.ts';
import type { TcpCounters } from './counters.ts';
import type { TcpLimits } from './limits.ts';
import type { PacketClock } from './packet-clock.ts';
import { RecentBytes } from './recent-bytes.ts';
import { ahead } from './sequence.ts';
import { Anchor, type Side } from './side.ts';
import type { Direction, EndReason, OnConnection, StreamListener } from './stream.ts';

/**
 * Hands bytes, gaps and ends to the listener, with the time and the acknowledgement of the packet that they are
 * of, and moves the stream on. `offset` moves after the call, so during it, it is that of the first byte.
 */
export class Delivery {
  private readonly limits: TcpLimits;
  private readonly counters: TcpCounters;
  private readonly clock: PacketClock;
  private readonly onConnection: OnConnection;
  private readonly recent: RecentBytes;

  constructor(limits: TcpLimits, counters: TcpCounters, clock: PacketClock, onConnection: OnConnection) {
    this.limits = limits;
    this.counters = counters;
    this.clock = clock;
    this.onConnection = onConnection;
    this.recent = new RecentBytes(limits.recentBytes, limits.recentSegmentBytes);
  }

  /** The listener comes to know of the connection. */
  announce(connection: Connection): StreamListener {
    if (connection.listener !== undefined) return connection.listener;
    const listener = this.onConnection(connection);
    connection.listener = listener;
    this.counters.connections++;
    if (connection.sides[0].ended) listener.end(0, 'fin');
    if (connection.sides[1].ended) listener.end(1, 'fin');
    return listener;
  }

  /** Bytes `[skip, length)` of a packet's payload. */
  payload(connection: Connection, direction: Direction, packet: Packet, skip: number, length: number): void {
    const captured = packet.payloadEnd - packet.payloadStart;
    connection.time = packet.time;
    connection.peerAcked =
      (packet.flags & ACK) !== 0 ? connection.sides[opposite(direction)].offsetOf(packet.ack) : -1;
    this.bytes(
      connection,
      direction,
      packet.data,
      packet.payloadStart + skip,
      (captured < length ? captured : length) - skip,
      length - skip,
    );
  }

  /** The first segment that the side holds. */
  held(connection: Connection, direction: Direction): void {
    const side = connection.sides[direction];
    const held = side.held!;
    const { first } = held;
    connection.time = first.time;
    connection.peerAcked = first.hasAck ? connection.sides[opposite(direction)].offsetOf(first.ack) : -1;
    this.bytes(connection, direction, first.bytes, 0, first.captured, first.length);
    const before = held.size;
    held.shift();
    this.counters.heldBytes += held.size - before;
    if (held.count === 0) side.held = undefined;
  }

  /** The bytes before `seq` will not come. The gap has the time and acknowledgement of what showed it. */
  gapUntil(connection: Connection, direction: Direction, seq: number): void {
    const side = connection.sides[direction];
    const length = ahead(seq, side.nextSeq);
    const age = this.clock.now - connection.startClock;
    if (side.anchor !== Anchor.sure && age <= this.limits.startTime) {
      side.beginAt(seq);
      return;
    }
    const first = side.held?.first;
    const shows = first !== undefined && first.seq === seq ? first : undefined;
    connection.time = shows === undefined ? side.shownTime : shows.time;
    connection.isCutShort = false;
    connection.peerAcked = shows?.hasAck ? connection.sides[opposite(direction)].offsetOf(shows.ack) : -1;
    side.anchor = Anchor.sure;
    this.gap(connection, direction, length);
  }

  end(connection: Connection, direction: Direction, reason: EndReason): void {
    const side = connection.sides[direction];
    if (side.ended) return;
    side.ended = true;
    side.anchor = Anchor.sure;
    this.discardHeld(side);
    connection.listener?.end(direction, reason);
  }

  /** The first `length` bytes of the packet's payload were here before: are they the same? */
  repeated(side: Side, packet: Packet, seq: number, length: number): void {
    side.stats.retransmissions++;
    this.counters.retransmissions++;
    const captured = packet.payloadEnd - packet.payloadStart;
    const end = packet.payloadStart + (captured < length ? captured : length);
    if (end <= packet.payloadStart) return;
    this.recent.compare(side.recent, seq, packet.data, packet.payloadStart, end);
    this.counters.conflictUnchecked += this.recent.unchecked;
    this.conflict(side, this.recent.conflict);
  }

  conflict(side: Side, bytes: number): void {
    side.stats.conflictBytes += bytes;
    this.counters.conflictBytes += bytes;
  }

  discardHeld(side: Side): void {
    if (side.held === undefined) return;
    this.counters.heldBytes -= side.held.size;
    side.held.clear();
    side.held = undefined;
  }

  /** `data[start, start + captured)`, then what the snapshot length cut off of `length`. Both may be less than nothing. */
  private bytes(
    connection: Connection,
    direction: Direction,
    data: Uint8Array,
    start: number,
    captured: number,
    length: number,
  ): void {
    const side = connection.sides[direction];
    const listener = this.announce(connection);
    side.anchor = Anchor.sure;
    connection.isCutShort = captured < length;
    if (captured > 0) {
      listener.data(direction, data, start, start + captured);
      side.recent = this.recent.remember(side.recent, side.nextSeq, data, start, start + captured);
      side.stats.bytes += captured;
      side.advance(captured);
    }
    const missing = captured > 0 ? length - captured : length;
    if (missing > 0) {
      this.counters.truncatedBytes += missing;
      this.gap(connection, direction, missing);
    }
  }

  private gap(connection: Connection, direction: Direction, length: number): void {
    const side = connection.sides[direction];
    this.announce(connection).gap(direction, length);
    side.stats.lostBytes += length;
    this.counters.lostBytes += length;
    side.advance(length);
  }
}
