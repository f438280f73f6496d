import { ACK, type Packet } from '../packet/packet.ts';
import { BufferPool } from './buffer-pool.ts';
import { type Connection, opposite } from './connection.ts';
import type { ConnectionIndex } from './connection-index.ts';
import type { TcpCounters } from './counters.ts';
import type { Delivery } from './delivery.ts';
import { HeldSegments, type Offer } from './held-segments.ts';
import type { TcpLimits } from './limits.ts';
import type { PacketClock } from './packet-clock.ts';
import { after, ahead } from './sequence.ts';
import { Anchor } from './side.ts';
import type { Direction } from './stream.ts';
import { directionOf, slotOf, Waits } from './waits.ts';

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
  private readonly index: ConnectionIndex;
  private readonly delivery: Delivery;
  private readonly pool: BufferPool;
  private readonly waits: Waits;
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
    delivery: Delivery,
  ) {
    this.limits = limits;
    this.counters = counters;
    this.index = index;
    this.delivery = delivery;
    this.pool = new BufferPool(limits.maxPooled);
    this.waits = new Waits(clock);
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
      peer.shownTime = packet.time;
      this.waits.enterOverdue(connection, opposite(direction));
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
    if (side.anchor !== Anchor.sure && !side.locate(seq, this.limits.maxWindow)) {
      connection.starting = direction;
    }

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
  fin(connection: Connection, direction: Direction, finSeq: number, time: number): void {
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
      side.shownTime = time;
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
    const { limits, waits, index } = this;
    for (;;) {
      const place = waits.late(limits.disorderTime);
      if (place < 0) break;
      this.giveUpOverdue(index.at(slotOf(place)), directionOf(place));
    }
    for (;;) {
      const place = waits.stuck(limits.holeTime);
      if (place < 0) break;
      this.giveUpHole(index.at(slotOf(place)), directionOf(place), 'holesByTime');
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
    this.waits.release(connection);
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
      this.delivery.repeated(side, packet, seq, length);
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
    if (skip > 0) this.delivery.repeated(side, packet, seq, skip);
    this.delivery.payload(connection, direction, packet, skip, length);
    const peer = connection.sides[opposite(direction)];
    if (held !== undefined || side.fin || side.overdue || peer.held !== undefined) this.proceed(connection);
  }

  /** The sender had received bytes of its peer that are missing here, and may still come. */
  private isEarly(connection: Connection, direction: Direction, ack: number): boolean {
    const peer = connection.sides[opposite(direction)];
    return peer.overdue && ahead(ack, peer.nextSeq) > 0;
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
    side.shownTime = packet.time;
    if (this.makeRoom(connection, direction, seq, BufferPool.sizeFor(captured))) {
      this.place(connection, direction, packet, seq, length);
      return;
    }
    const skip = Math.max(0, ahead(side.nextSeq, seq));
    if (skip > 0) this.delivery.repeated(side, packet, seq, skip);
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
    this.delivery.conflict(side, held.conflict);
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
    const { longest } = this.waits;
    if (longest < 0) this.giveUpBefore(connection, direction, seq);
    else this.giveUpHole(this.index.at(slotOf(longest)), directionOf(longest), 'holesByTotal');
    return true;
  }

  /** There is no room to hold even one segment: everything that it would wait for is given up. */
  private giveUpBefore(connection: Connection, direction: Direction, seq: number): void {
    this.giveUpOverdue(connection, opposite(direction));
    if (connection.starting === direction) connection.starting = -1;
    this.skipTo(connection, direction, seq, 'holesByBytes');
  }

  /** Gives up the first hole of a side and delivers what was behind it. */
  private giveUpHole(connection: Connection, direction: Direction, cause: HoleCause): void {
    const side = connection.sides[direction];
    if (connection.starting === direction) connection.starting = -1;
    if (side.held !== undefined && side.fin && ahead(side.held.first.seq, side.finSeq) >= 0) {
      this.delivery.discardHeld(side);
    }
    if (side.held !== undefined) {
      this.skipTo(connection, direction, side.held.first.seq, cause);
      this.delivery.held(connection, direction);
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
      if (side.held !== undefined && side.held.first.seq === side.nextSeq) {
        this.delivery.held(connection, direction);
      }
    }
    this.waits.leaveOverdue(connection, direction);
    this.proceed(connection);
  }

  private skipTo(connection: Connection, direction: Direction, seq: number, cause: HoleCause): void {
    if (ahead(seq, connection.sides[direction].nextSeq) <= 0) return;
    this.counters[cause]++;
    this.delivery.gapUntil(connection, direction, seq);
  }

  /** Delivers held segments that have become next, and the end. Returns whether any were. */
  private drain(connection: Connection, direction: Direction): boolean {
    const side = connection.sides[direction];
    let moved = false;
    while (side.held !== undefined && connection.starting !== direction) {
      const { first } = side.held;
      if (first.seq !== side.nextSeq) break;
      if (first.hasAck && this.isEarly(connection, direction, first.ack)) break;
      this.delivery.held(connection, direction);
      moved = true;
    }
    if (side.fin && !side.ended && ahead(side.nextSeq, side.finSeq) >= 0) {
      this.delivery.end(connection, direction, 'fin');
    }
    return this.waits.update(connection, direction) || moved;
  }
}
