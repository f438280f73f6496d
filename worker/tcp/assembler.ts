import type { Packet } from '../packet/packet.ts';
import { ACK } from '../packet/packet.ts';
import { AgeList } from './age-list.ts';
import { BufferPool } from './buffer-pool.ts';
import { type Connection, opposite } from './connection.ts';
import type { ConnectionIndex } from './connection-index.ts';
import type { TcpCounters } from './counters.ts';
import { HeldSegments, type Offer } from './held-segments.ts';
import type { TcpLimits } from './limits.ts';
import type { PacketClock } from './packet-clock.ts';
import { RecentBytes } from './recent-bytes.ts';
import { after, ahead } from './sequence.ts';
import { Anchor, type Side } from './side.ts';
import type { Direction, EndReason, OnConnection, StreamListener } from './stream.ts';

/** Why a hole was given up: the counter that says so. */
type HoleCause = 'holesByAck' | 'holesByTime' | 'holesByBytes' | 'holesByTotal' | 'holesByEnd';

/**
 * Puts the payloads of each side in order and hands them to the listener.
 *
 * A payload that comes in order is handed on from the packet's own buffer. One that leaves a hole is copied and
 * held until the hole fills or is given up: because the peer acknowledged the missing bytes (so they will not be
 * sent again) and the capture's own disorder has had its chance (`disorderPackets`, `disorderTime`); because it
 * took too long or too much memory; or because the connection ended.
 *
 * During that same short chance, payload whose sender had already received bytes that are still missing here
 * waits for them: an answer is not handed on before its request only because the capture swapped two
 * packets. A hole that the peer did not acknowledge never holds the other direction back.
 */
export class Assembler {
  private readonly limits: TcpLimits;
  private readonly counters: TcpCounters;
  private readonly clock: PacketClock;
  private readonly index: ConnectionIndex;
  private readonly onConnection: OnConnection;
  private readonly pool: BufferPool;
  private readonly recent: RecentBytes;
  /** Sides behind a hole, by the time of their last progress; and sides with acknowledged bytes missing. */
  private readonly waiting = new AgeList();
  private readonly overdue = new AgeList();
  private readonly offer: Offer = {
    seq: 0,
    length: 0,
    captured: 0,
    data: new Uint8Array(0),
    start: 0,
    time: 0.5,
    ack: 0,
    hasAck: false,
  };

  constructor(
    limits: TcpLimits,
    counters: TcpCounters,
    clock: PacketClock,
    index: ConnectionIndex,
    onConnection: OnConnection,
  ) {
    this.limits = limits;
    this.counters = counters;
    this.clock = clock;
    this.index = index;
    this.onConnection = onConnection;
    this.pool = new BufferPool(limits.maxPooled);
    this.recent = new RecentBytes(limits.recentBytes, limits.recentSegmentBytes);
  }

  /** Whether a packet at `seq` can belong to the side's stream. */
  isPlausible(side: Side, seq: number): boolean {
    const { maxWindow } = this.limits;
    const distance = ahead(seq, side.nextSeq);
    if (distance >= -maxWindow && distance <= maxWindow) return true;
    if (side.anchor !== Anchor.sure && side.held === undefined) return true;
    const beyond = ahead(seq, side.ackedSeq);
    return distance > 0 && beyond >= 0 && beyond <= maxWindow;
  }

  /** What the packet says that its sender had received. */
  acknowledge(connection: Connection, direction: Direction, packet: Packet): void {
    const peer = connection.sides[opposite(direction)];
    const ack = packet.ack;
    if (peer.anchor === Anchor.none) {
      peer.begin(ack, Anchor.guess);
      return;
    }
    if (ahead(ack, peer.ackedSeq) <= 0) return;
    const beyond = ahead(ack, peer.nextSeq);
    if (beyond > 2 * this.limits.maxWindow) {
      this.counters.implausible++;
      if (peer.anchor === Anchor.guess && peer.held === undefined) peer.begin(ack, Anchor.guess);
      return;
    }
    peer.ackedSeq = ack;
    if (beyond > 0 && !peer.overdue && peer.missing > 0) {
      peer.overdue = true;
      peer.overdueTime = packet.time;
      this.enterOverdue(connection, opposite(direction));
    }
  }

  /**
   * The first payload of a side found in the middle waited for one more packet of the connection: this one. If
   * it comes earlier in the same stream it is to be delivered first.
   */
  settleStart(connection: Connection, direction: Direction, packet: Packet): void {
    const started = connection.starting as Direction;
    const side = connection.sides[started];
    connection.starting = -1;
    const distance = ahead(packet.seq, side.nextSeq);
    const isEarlier = distance < 0 && distance >= -this.limits.maxHeldPerSide;
    if (started === direction && packet.payloadLength > 0 && isEarlier) return;
    if (side.anchor === Anchor.guess) side.beginAt(side.nextSeq);
    this.proceed(connection);
  }

  /** The payload of a packet; its first byte has the sequence number `seq`. */
  segment(connection: Connection, direction: Direction, packet: Packet, seq: number): void {
    const side = connection.sides[direction];
    if (packet.payloadLength === 1 && side.anchor !== Anchor.none && ahead(seq, side.highSeq) === -1) {
      // A keep-alive probe (RFC 9293 §3.8.4): its byte is no part of the stream.
      side.stats.keepAlives++;
      return;
    }
    if (side.anchor !== Anchor.sure) this.locate(connection, direction, seq);

    let length = packet.payloadLength;
    if (side.fin && ahead(after(seq, length), side.finSeq) > 0) {
      const excess = Math.min(length, ahead(after(seq, length), side.finSeq));
      this.counters.bytesAfterFin += excess;
      length -= excess;
      if (length === 0) return;
    }
    this.place(connection, direction, packet, seq, length);
  }

  /** The stream of `direction` ends before `finSeq`. Of several FINs the earliest counts, as it does for the receiver. */
  fin(connection: Connection, direction: Direction, finSeq: number): void {
    const side = connection.sides[direction];
    if (side.ended) return;
    if (side.anchor === Anchor.none) side.begin(finSeq, Anchor.guess);
    const distance = ahead(finSeq, side.nextSeq);
    if (distance < 0 || distance > 2 * this.limits.maxWindow) {
      if (side.anchor === Anchor.sure || side.held !== undefined) {
        this.counters.implausible++;
        return;
      }
      side.beginAt(finSeq);
    }
    if (!side.fin || ahead(finSeq, side.finSeq) < 0) {
      side.fin = true;
      side.finSeq = finSeq;
    }
    this.proceed(connection);
  }

  /** Delivers what can be delivered, both sides, until nothing moves. */
  proceed(connection: Connection): void {
    let moved: boolean;
    do {
      moved = this.drain(connection, 0);
      if (this.drain(connection, 1)) moved = true;
    } while (moved);
  }

  /** To be called after each packet: has the capture's disorder had its chance to bring overdue bytes? */
  checkOverdue(connection: Connection, direction: Direction): void {
    const { overdue, overduePackets } = connection.sides[direction];
    if (overdue && connection.packets - overduePackets >= this.limits.disorderPackets) {
      this.giveUpOverdue(connection, direction);
    }
  }

  /** Gives up what has waited too long. */
  expire(): void {
    const { now } = this.clock;
    for (;;) {
      const key = this.overdue.olderThan(now - this.limits.disorderTime);
      if (key < 0) break;
      this.giveUpOverdue(this.index.at(key >> 1), (key & 1) as Direction);
    }
    for (;;) {
      const key = this.waiting.olderThan(now - this.limits.holeTime);
      if (key < 0) break;
      this.giveUpHole(this.index.at(key >> 1), (key & 1) as Direction, 'holesByTime');
    }
  }

  /** Delivers all that is held, with gaps said, in the order in which it was captured. */
  flush(connection: Connection): void {
    const [client, server] = connection.sides;
    while (client.unfinished || server.unfinished) {
      let direction: Direction = client.unfinished ? 0 : 1;
      if (client.held !== undefined && server.held !== undefined) {
        direction = server.held.first.time < client.held.first.time ? 1 : 0;
      } else if (server.held !== undefined) {
        direction = 1;
      }
      this.giveUpHole(connection, direction, 'holesByEnd');
    }
  }

  /** Forgets a connection that has been flushed. */
  release(connection: Connection): void {
    this.waiting.remove(key(connection, 0));
    this.waiting.remove(key(connection, 1));
    this.overdue.remove(key(connection, 0));
    this.overdue.remove(key(connection, 1));
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

  end(connection: Connection, direction: Direction, reason: EndReason): void {
    const side = connection.sides[direction];
    if (side.ended) return;
    side.ended = true;
    side.anchor = Anchor.sure;
    this.discardHeld(side);
    connection.listener?.end(direction, reason);
  }

  /** Where the stream of a side begins that was found in the middle. */
  private locate(connection: Connection, direction: Direction, seq: number): void {
    const side = connection.sides[direction];
    if (side.anchor === Anchor.none) {
      side.begin(seq, Anchor.guess);
      connection.starting = direction;
      return;
    }
    const distance = ahead(seq, side.nextSeq);
    const { maxWindow } = this.limits;
    if (distance > maxWindow || distance < -maxWindow) side.begin(seq, Anchor.sure);
    // One byte ahead: the guess came from a keep-alive probe, which repeats a sequence number.
    else if (distance <= 0 || (distance === 1 && side.held === undefined)) side.beginAt(seq);
  }

  /** Delivers or holds the first `length` bytes of a payload. */
  private place(
    connection: Connection,
    direction: Direction,
    packet: Packet,
    seq: number,
    length: number,
  ): void {
    const side = connection.sides[direction];
    const end = after(seq, length);
    if (ahead(end, side.nextSeq) <= 0) {
      this.repeated(side, packet, seq, length);
      return;
    }
    if (ahead(end, side.highSeq) > 0) side.highSeq = end;

    const skip = ahead(side.nextSeq, seq);
    const held = side.held;
    if (
      skip < 0 ||
      connection.starting === direction ||
      (held !== undefined && ahead(end, held.first.seq) > 0) ||
      ((packet.flags & ACK) !== 0 && this.isEarly(connection, direction, packet.ack))
    ) {
      this.hold(connection, direction, packet, seq, length);
      return;
    }
    if (skip > 0) this.repeated(side, packet, seq, skip);
    this.announce(connection);
    const peer = connection.sides[opposite(direction)];
    connection.time = packet.time;
    connection.peerAcked = (packet.flags & ACK) !== 0 ? peer.offsetOf(packet.ack) : -1;
    const captured = packet.payloadEnd - packet.payloadStart;
    this.deliver(
      connection,
      direction,
      packet.data,
      packet.payloadStart + skip,
      Math.min(captured, length) - skip,
      length - skip,
    );
    if (held !== undefined || side.fin || side.overdue || peer.held !== undefined) this.proceed(connection);
  }

  /** The sender had received bytes of its peer that are missing here, and may still come. */
  private isEarly(connection: Connection, direction: Direction, ack: number): boolean {
    const peer = connection.sides[opposite(direction)];
    return peer.overdue && ahead(ack, peer.nextSeq) > 0;
  }

  /** The first `length` bytes of the packet's payload were here before. */
  private repeated(side: Side, packet: Packet, seq: number, length: number): void {
    side.stats.retransmissions++;
    this.counters.retransmissions++;
    const captured = Math.min(length, packet.payloadEnd - packet.payloadStart);
    if (captured <= 0) return;
    this.recent.compare(side.recent, seq, packet.data, packet.payloadStart, packet.payloadStart + captured);
    this.counters.conflictUnchecked += this.recent.unchecked;
    this.conflict(side, this.recent.conflict);
  }

  private conflict(side: Side, bytes: number): void {
    side.stats.conflictBytes += bytes;
    this.counters.conflictBytes += bytes;
  }

  /** Keeps a payload until what comes before it is there. `length`: of it, what belongs to the stream. */
  private hold(
    connection: Connection,
    direction: Direction,
    packet: Packet,
    seq: number,
    length: number,
  ): void {
    const side = connection.sides[direction];
    const captured = Math.min(length, packet.payloadEnd - packet.payloadStart);
    if (this.makeRoom(connection, direction, seq, BufferPool.sizeFor(captured))) {
      this.place(connection, direction, packet, seq, length);
      return;
    }
    const skip = Math.max(0, ahead(side.nextSeq, seq));
    if (skip > 0) this.repeated(side, packet, seq, skip);
    const { offer } = this;
    offer.seq = after(seq, skip);
    offer.length = length - skip;
    offer.captured = Math.max(0, captured - skip);
    offer.data = packet.data;
    offer.start = packet.payloadStart + skip;
    offer.time = packet.time;
    offer.ack = packet.ack;
    offer.hasAck = (packet.flags & ACK) !== 0;

    side.held ??= new HeldSegments(this.pool);
    const { held } = side;
    const before = held.size;
    held.insert(offer);
    this.counters.heldBytes += held.size - before;
    if (held.overlap > 0 && skip === 0) {
      side.stats.retransmissions++;
      this.counters.retransmissions++;
    }
    this.conflict(side, held.conflict);
    this.proceed(connection);
  }

  /** Gives up holes, this side's or the oldest of all, until `size` more bytes may be held. True: the streams have moved. */
  private makeRoom(connection: Connection, direction: Direction, seq: number, size: number): boolean {
    const side = connection.sides[direction];
    const { maxHeldPerSide, maxHeldTotal } = this.limits;
    if ((side.held?.size ?? 0) + size > maxHeldPerSide) {
      if (side.held === undefined) this.giveUpBefore(connection, direction, seq);
      else this.giveUpHole(connection, direction, 'holesByBytes');
      return true;
    }
    if (this.counters.heldBytes + size <= maxHeldTotal) return false;
    if (this.waiting.oldest < 0) {
      this.giveUpBefore(connection, direction, seq);
      return true;
    }
    const { oldest } = this.waiting;
    this.giveUpHole(this.index.at(oldest >> 1), (oldest & 1) as Direction, 'holesByTotal');
    return true;
  }

  /** There is no room to hold even one segment: everything that it would wait for is given up. */
  private giveUpBefore(connection: Connection, direction: Direction, seq: number): void {
    const side = connection.sides[direction];
    this.giveUpOverdue(connection, opposite(direction));
    if (connection.starting === direction) connection.starting = -1;
    const distance = ahead(seq, side.nextSeq);
    if (distance > 0) {
      this.counters.holesByBytes++;
      this.gap(connection, direction, distance, this.clock.now, -1);
    }
  }

  /** Gives up the first hole of a side and delivers what was behind it. */
  private giveUpHole(connection: Connection, direction: Direction, cause: HoleCause): void {
    const side = connection.sides[direction];
    if (connection.starting === direction) connection.starting = -1;
    if (side.held !== undefined && side.fin && ahead(side.held.first.seq, side.finSeq) >= 0)
      this.discardHeld(side);
    if (side.held !== undefined) {
      this.skipTo(connection, direction, side.held.first.seq, cause);
      this.deliverHeld(connection, direction);
    } else if (side.fin) {
      this.skipTo(connection, direction, side.finSeq, cause);
    } else {
      this.skipTo(connection, direction, after(side.nextSeq, Math.max(0, side.missing)), cause);
    }
    this.proceed(connection);
  }

  /** The peer has the missing bytes, the capture has not: says so, and delivers what came after. */
  private giveUpOverdue(connection: Connection, direction: Direction): void {
    const side = connection.sides[direction];
    if (!side.overdue) return;
    if (connection.starting === direction) connection.starting = -1;
    const target = after(side.nextSeq, side.missing);
    while (ahead(target, side.nextSeq) > 0) {
      const first = side.held === undefined ? target : side.held.first.seq;
      this.skipTo(connection, direction, ahead(first, target) < 0 ? first : target, 'holesByAck');
      if (side.held !== undefined && side.held.first.seq === side.nextSeq)
        this.deliverHeld(connection, direction);
    }
    this.leaveOverdue(connection, direction);
    this.proceed(connection);
  }

  private skipTo(connection: Connection, direction: Direction, seq: number, cause: HoleCause): void {
    const side = connection.sides[direction];
    const length = ahead(seq, side.nextSeq);
    if (length <= 0) return;
    this.counters[cause]++;
    const first = side.held?.first;
    if (first === undefined || first.seq !== seq) {
      this.gap(connection, direction, length, side.overdueTime, -1);
    } else {
      this.gap(
        connection,
        direction,
        length,
        first.time,
        this.peerAcked(connection, direction, first.hasAck, first.ack),
      );
    }
  }

  private gap(
    connection: Connection,
    direction: Direction,
    length: number,
    time: number,
    peerAcked: number,
  ): void {
    const side = connection.sides[direction];
    const age = this.clock.now - connection.startClock;
    if (side.anchor !== Anchor.sure && age <= this.limits.startTime) {
      side.beginAt(after(side.nextSeq, length));
      return;
    }
    side.anchor = Anchor.sure;
    const listener = this.announce(connection);
    connection.time = time;
    connection.peerAcked = peerAcked;
    listener.gap(direction, length);
    side.stats.lostBytes += length;
    this.counters.lostBytes += length;
    side.advance(length);
  }

  /** Delivers held segments that have become next, and the end. Returns whether any were. */
  private drain(connection: Connection, direction: Direction): boolean {
    const side = connection.sides[direction];
    let moved = false;
    while (side.held !== undefined && connection.starting !== direction) {
      const { first } = side.held;
      if (first.seq !== side.nextSeq) break;
      if (first.hasAck && this.isEarly(connection, direction, first.ack)) break;
      this.deliverHeld(connection, direction);
      moved = true;
    }
    if (side.fin && !side.ended && ahead(side.nextSeq, side.finSeq) >= 0)
      this.end(connection, direction, 'fin');
    if (side.overdue) {
      if (side.missing <= 0) {
        this.leaveOverdue(connection, direction);
        moved = true;
      } else if (side.overdueOffset !== side.offset) {
        this.enterOverdue(connection, direction);
      }
    }
    this.enterWaiting(connection, direction);
    return moved;
  }

  private enterWaiting(connection: Connection, direction: Direction): void {
    const side = connection.sides[direction];
    const place = key(connection, direction);
    if (side.held === undefined && (!side.fin || side.ended)) {
      this.waiting.remove(place);
    } else if (side.waitingOffset !== side.offset || !this.waiting.has(place)) {
      this.waiting.add(place, this.clock.now);
    }
    side.waitingOffset = side.offset;
  }

  private enterOverdue(connection: Connection, direction: Direction): void {
    const side = connection.sides[direction];
    side.overduePackets = connection.packets;
    side.overdueOffset = side.offset;
    this.overdue.add(key(connection, direction), this.clock.now);
  }

  private leaveOverdue(connection: Connection, direction: Direction): void {
    connection.sides[direction].overdue = false;
    this.overdue.remove(key(connection, direction));
  }

  private deliverHeld(connection: Connection, direction: Direction): void {
    const side = connection.sides[direction];
    const held = side.held!;
    const { first } = held;
    this.announce(connection);
    connection.time = first.time;
    connection.peerAcked = this.peerAcked(connection, direction, first.hasAck, first.ack);
    this.deliver(connection, direction, first.bytes, 0, first.captured, first.length);
    const before = held.size;
    held.shift();
    this.counters.heldBytes += held.size - before;
    if (held.count === 0) side.held = undefined;
  }

  /** Hands on `data[start, start + captured)`, and what is missing of `length` as a gap. Both may be less than nothing. */
  private deliver(
    connection: Connection,
    direction: Direction,
    data: Uint8Array,
    start: number,
    captured: number,
    length: number,
  ): void {
    const side = connection.sides[direction];
    const listener = connection.listener!;
    side.anchor = Anchor.sure;
    if (captured > 0) {
      listener.data(direction, data, start, start + captured);
      side.recent = this.recent.remember(side.recent, side.nextSeq, data, start, start + captured);
      side.stats.bytes += captured;
      side.advance(captured);
    }
    const missing = captured > 0 ? length - captured : length;
    if (missing > 0) {
      listener.gap(direction, missing);
      side.stats.lostBytes += missing;
      this.counters.lostBytes += missing;
      this.counters.truncatedBytes += missing;
      side.advance(missing);
    }
  }

  private discardHeld(side: Side): void {
    if (side.held === undefined) return;
    this.counters.heldBytes -= side.held.size;
    side.held.clear();
    side.held = undefined;
  }

  private peerAcked(connection: Connection, direction: Direction, hasAck: boolean, ack: number): number {
    return hasAck ? connection.sides[opposite(direction)].offsetOf(ack) : -1;
  }
}

function key(connection: Connection, direction: Direction): number {
  return connection.slot * 2 + direction;
}
