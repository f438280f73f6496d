import { ACK, FIN, type Packet, RST, SYN } from '../packet/packet.ts';
import { Assembler } from './assembler.ts';
import { type Connection, opposite, State } from './connection.ts';
import { ConnectionIndex } from './connection-index.ts';
import { ConnectionStore } from './connection-store.ts';
import { CopyDetector } from './copy-detector.ts';
import { TcpCounters } from './counters.ts';
import { Delivery } from './delivery.ts';
import { provesRival, receiveHandshakeAck, receiveSyn, receiveSynAck, Verdict } from './handshake.ts';
import { DEFAULT_TCP_LIMITS, type TcpLimits } from './limits.ts';
import { PacketClock } from './packet-clock.ts';
import { believeReset, goesOn, isRefusal, isResetInWindow, takeBackReset } from './reset.ts';
import { after, ahead } from './sequence.ts';
import { Anchor } from './side.ts';
import type { CloseReason, Direction, OnConnection, OnRefused } from './stream.ts';

/** How often the time limits are looked at, µs. */
const EXPIRY_INTERVAL = 10_000;
/** Two segments outside the window are one stream if the second begins this soon after the first, bytes. */
const STRAY_WINDOW = 65_536;

/**
 * All TCP connections of one capture: packets in, ordered bytes out (see `stream.ts`).
 *
 * A connection begins with a SYN or SYN-ACK, or with any packet that is no RST and no bare FIN (the capture
 * began in its middle). Until it is answered or has data it is half-open: cheap, the first to be evicted, and
 * no listener knows of it; one that its server refuses is told as such. It ends with both FINs, or with a RST after which
 * its sender is silent, with too long a silence, with a new connection on its addresses, or with the capture. Urgent data
 * is part of the stream, as with SO_OOBINLINE (RFC 6093 §4). Nothing in a packet makes it throw.
 */
export class TcpTable {
  readonly limits: Readonly<TcpLimits>;
  readonly counters = new TcpCounters();
  private readonly clock = new PacketClock();
  private readonly index = new ConnectionIndex();
  private readonly copies = new CopyDetector();
  private readonly delivery: Delivery;
  private readonly assembler: Assembler;
  private readonly store: ConnectionStore;
  private readonly onRefused: OnRefused;
  private nextExpiry = 0;
  /** Whose packet the last one was: none's if it was a copy, or of no connection. Valid until the next one. */
  current: Connection | undefined = undefined;
  currentDirection: Direction = 0;

  constructor(limits: Partial<TcpLimits>, onConnection: OnConnection, onRefused: OnRefused = () => {}) {
    this.onRefused = onRefused;
    this.limits = { ...DEFAULT_TCP_LIMITS, ...limits };
    this.delivery = new Delivery(this.limits, this.counters, this.clock, onConnection);
    this.assembler = new Assembler(this.limits, this.counters, this.clock, this.index, this.delivery);
    this.store = new ConnectionStore(
      this.limits,
      this.counters,
      this.clock,
      this.index,
      (connection, reason) => this.close(connection, reason),
    );
  }

  /** A decoded packet, in the order of the capture. Nothing of it is kept. */
  packet(packet: Packet): void {
    this.counters.packets++;
    this.clock.packet(packet.time);
    this.current = undefined;
    this.dispatch(packet);
    // Afterwards: a packet that was waited for comes in time, however long the silence before it.
    if (this.clock.now >= this.nextExpiry) this.expire();
  }

  /** It is `time`, µs since the epoch: moves the timers on when no packets come. */
  advance(time: number): void {
    this.clock.advance(time);
    this.expire();
  }

  /** The capture has ended: delivers what is held, with gaps said, and closes every connection. */
  finish(): void {
    for (const connection of this.store.all()) this.store.letGo(connection, 'finished');
  }

  private dispatch(packet: Packet): void {
    const hash = this.index.hash(packet);
    const connection = this.index.find(packet, hash);
    if (connection === undefined) {
      this.unknown(packet, hash);
      return;
    }
    const direction: Direction = connection.isFromClient(packet) ? 0 : 1;
    if (this.isCopy(connection, direction, packet)) {
      connection.sides[direction].stats.duplicates++;
      this.counters.duplicates++;
    } else {
      this.store.touch(connection);
      this.track(connection, direction, packet);
    }
  }

  private expire(): void {
    this.nextExpiry = this.clock.now + EXPIRY_INTERVAL;
    this.assembler.expire();
    this.store.expire();
  }

  private isCopy(connection: Connection, direction: Direction, packet: Packet): boolean {
    return this.copies.isCopy((connection.id << 1) | direction, packet);
  }

  private unknown(packet: Packet, hash: number): void {
    const { flags } = packet;
    if ((flags & RST) !== 0 || ((flags & (SYN | FIN)) === FIN && packet.payloadLength === 0)) {
      this.counters.orphans++;
    } else if ((flags & (SYN | FIN)) === (SYN | FIN)) {
      this.counters.implausible++;
    } else {
      this.begin(packet, hash, (flags & (SYN | ACK)) !== (SYN | ACK));
    }
  }

  /** The packet is the first of its connection. */
  private begin(packet: Packet, hash: number, fromClient: boolean): void {
    const connection = this.store.create(packet, hash, fromClient);
    const direction = fromClient ? 0 : 1;
    this.isCopy(connection, direction, packet);
    this.track(connection, direction, packet);
  }

  /** A packet of a known connection that is no copy. */
  private track(connection: Connection, direction: Direction, packet: Packet): void {
    this.current = connection;
    this.currentDirection = direction;
    const { flags, payloadLength } = packet;
    const isPlain =
      (flags & (SYN | RST)) === 0 && connection.state !== State.closed && connection.rivalBy === -1;
    if (!isPlain && !this.isAccepted(connection, direction, packet)) return;

    const side = connection.sides[direction];
    const seq = (flags & SYN) === 0 ? packet.seq : after(packet.seq, 1);
    if (!side.admits(seq, this.limits.maxWindow)) {
      this.stray(connection, direction, packet);
      return;
    }
    side.stats.packets++;
    if (packet.window === 0 && (flags & (SYN | FIN)) === 0) side.stats.zeroWindows++;
    if (connection.starting !== -1) this.assembler.settleStart(connection, direction, packet);
    if ((flags & ACK) !== 0) {
      if (connection.awaitsAck && direction === 0) receiveHandshakeAck(connection, packet);
      this.assembler.acknowledge(connection, direction, packet);
    }
    if (payloadLength > 0) {
      if (goesOn(connection, direction, after(seq, payloadLength))) this.takeBackReset(connection);
      this.assembler.segment(connection, direction, packet, seq);
    } else if (side.anchor === Anchor.none) {
      side.begin(seq, Anchor.guess);
    } else if ((flags & FIN) === 0 && ahead(seq, side.highSeq) === -1) {
      side.stats.keepAlives++;
    }
    if ((flags & FIN) !== 0) this.fin(connection, direction, after(seq, payloadLength), packet.time);
    this.assembler.checkOverdue(connection, 0);
    this.assembler.checkOverdue(connection, 1);
    this.moveOn(connection, flags);
  }

  private fin(connection: Connection, direction: Direction, finSeq: number, time: number): void {
    const side = connection.sides[direction];
    this.assembler.fin(connection, direction, finSeq, time);
    if (side.fin && connection.closedBy === -1) {
      connection.closedBy = direction;
      connection.closedHow = 'fin';
    }
  }

  /** What the packet has made of the connection's state. */
  private moveOn(connection: Connection, flags: number): void {
    if (connection.state === State.halfOpen) {
      if ((flags & (SYN | ACK)) === (SYN | ACK)) this.delivery.announce(connection);
      if (connection.listener !== undefined && (flags & (SYN | ACK)) !== SYN)
        this.store.enter(connection, State.open);
    }
    const [client, server] = connection.sides;
    if (client.ended && server.ended && connection.state >= State.open) {
      this.store.enter(connection, State.closing);
      if (client.finAcked && server.finAcked) this.close(connection, 'fin');
    }
  }

  /**
   * A SYN or RST, or any packet of a closed connection or of one with a rival: says whether it is a part of the
   * connection's stream.
   */
  private isAccepted(connection: Connection, direction: Direction, packet: Packet): boolean {
    const { flags } = packet;
    if ((flags & RST) !== 0) {
      this.reset(connection, direction, packet);
      return false;
    }
    if ((flags & SYN) !== 0) return this.isSynAccepted(connection, direction, packet);
    if (provesRival(connection, direction, packet)) {
      this.replaceByRival(connection, packet);
      return false;
    }
    if (connection.state !== State.closed) return true;
    if (packet.payloadLength > 0 && !connection.sides[direction].admits(packet.seq, this.limits.maxWindow)) {
      this.replace(connection, packet);
    }
    return false;
  }

  private isSynAccepted(connection: Connection, direction: Direction, packet: Packet): boolean {
    const { counters } = this;
    if ((packet.flags & FIN) !== 0) {
      counters.implausible++;
      return false;
    }
    const isAnswer = (packet.flags & ACK) !== 0;
    const verdict = isAnswer
      ? receiveSynAck(connection, direction, packet, counters)
      : receiveSyn(connection, direction, packet, counters);
    if (verdict === Verdict.replace) {
      if (connection.rivalBy === opposite(direction) && isAnswer) this.replaceByRival(connection, packet);
      else this.replace(connection, packet);
    }
    return verdict === Verdict.accept;
  }

  private reset(connection: Connection, direction: Direction, packet: Packet): void {
    if (connection.state === State.closed) return;
    if ((packet.flags & SYN) !== 0 || !isResetInWindow(connection, direction, packet)) {
      this.counters.resetsIgnored++;
      return;
    }
    connection.sides[direction].stats.packets++;
    if ((packet.flags & ACK) !== 0) this.assembler.acknowledge(connection, direction, packet);
    believeReset(connection, direction, packet);
    if (isRefusal(connection, direction, packet)) {
      connection.time = packet.time;
      this.close(connection, 'refused');
    } else if (connection.listener === undefined) {
      this.store.letGo(connection, 'rst');
    } else {
      this.store.enter(connection, State.closing);
    }
  }

  private takeBackReset(connection: Connection): void {
    takeBackReset(connection);
    this.counters.resetsTakenBack++;
    this.store.enter(connection, State.open);
  }

  /** A packet far outside the window. If another one goes on where it ended, the stream is another than the one known. */
  private stray(connection: Connection, direction: Direction, packet: Packet): void {
    this.counters.implausible++;
    if (packet.payloadLength === 0) return;
    const side = connection.sides[direction];
    const distance = ahead(packet.seq, side.strayEnd);
    if (side.stray && distance >= 0 && distance <= STRAY_WINDOW) {
      this.counters.resynchronised++;
      this.replace(connection, packet);
      return;
    }
    side.stray = true;
    side.strayEnd = after(packet.seq, packet.payloadLength);
  }

  /** The packet begins another connection on the same addresses. */
  private replace(connection: Connection, packet: Packet): void {
    this.letGoReused(connection);
    this.unknown(packet, connection.hash);
  }

  /** The rival SYN of `connection` was answered: what follows it is a connection of its own. */
  private replaceByRival(connection: Connection, packet: Packet): void {
    const { rivalBy, rivalSeq, rivalTime } = connection;
    const fromClient = connection.isFromClient(packet) === (rivalBy === 0);
    this.letGoReused(connection);
    const fresh = this.store.create(packet, connection.hash, fromClient);
    const side = fresh.sides[0];
    side.begin(after(rivalSeq, 1), Anchor.sure);
    side.syn = true;
    fresh.handshake = true;
    fresh.synTime = rivalTime;
    const direction = fromClient ? 0 : 1;
    this.isCopy(fresh, direction, packet);
    this.track(fresh, direction, packet);
  }

  private letGoReused(connection: Connection): void {
    if (connection.state === State.open) this.counters.reused++;
    this.store.letGo(connection, 'reused');
  }

  /**
   * Delivers what is held and tells the listener that it is over; `reason` is why, unless the connection shows an end
   * of its own. The connection stays for late copies.
   */
  private close(connection: Connection, reason: CloseReason): void {
    if (connection.state === State.closed) return;
    this.assembler.flush(connection);
    const [client, server] = connection.sides;
    let ownReason: CloseReason = reason;
    if (client.ended && server.ended) ownReason = 'fin';
    else if (connection.resetBy !== -1) ownReason = 'rst';
    if (connection.resetBy !== -1) {
      this.delivery.end(connection, 0, 'rst');
      this.delivery.end(connection, 1, 'rst');
    }
    this.assembler.release(connection);
    if (connection.listener !== undefined) connection.listener.close(ownReason);
    else if (reason === 'refused') this.refused(connection);
    else this.counters.unanswered++;
    connection.listener = undefined;
    this.store.enter(connection, State.closed);
  }

  private refused(connection: Connection): void {
    this.counters.answeredByReset++;
    this.onRefused(connection);
  }
}
