import type { Packet } from '../packet/packet.ts';
import { AgeList } from './age-list.ts';
import { Connection, State } from './connection.ts';
import type { ConnectionIndex } from './connection-index.ts';
import type { TcpCounters } from './counters.ts';
import type { TcpLimits } from './limits.ts';
import type { PacketClock } from './packet-clock.ts';
import type { CloseReason } from './stream.ts';

/** How exact the order of last use is, µs. */
const USE_GRAIN = 1_000_000;

/** Ends a connection, telling its listener why if it has one. */
export type Closer = (connection: Connection, reason: CloseReason) => void;

/**
 * The connections and their ages: how many there may be, and when each is let go. Half-open ones are kept by
 * their beginning, open ones by their last use, closing and closed ones by when that began.
 */
export class ConnectionStore {
  private readonly limits: TcpLimits;
  private readonly counters: TcpCounters;
  private readonly clock: PacketClock;
  private readonly index: ConnectionIndex;
  private readonly close: Closer;
  private readonly halfOpen = new AgeList();
  private readonly open = new AgeList();
  private readonly ending = new AgeList();
  private lastId = 0;

  constructor(
    limits: TcpLimits,
    counters: TcpCounters,
    clock: PacketClock,
    index: ConnectionIndex,
    close: Closer,
  ) {
    this.limits = limits;
    this.counters = counters;
    this.clock = clock;
    this.index = index;
    this.close = close;
  }

  /** A half-open connection; where there is no room, the one that matters least makes it. */
  create(packet: Packet, hash: number, fromClient: boolean): Connection {
    const { limits, index, clock, counters } = this;
    if (index.size >= limits.maxConnections) this.evict();
    else if (this.halfOpen.size >= limits.maxHalfOpen) this.evictHalfOpen();
    this.lastId++;
    const connection = new Connection(this.lastId, index.takeSlot(), hash, packet, fromClient, clock.now);
    index.add(connection);
    this.halfOpen.add(connection.slot, clock.now);
    counters.halfOpen = this.halfOpen.size;
    return connection;
  }

  /** Notes that a connection is in use. */
  touch(connection: Connection): void {
    if (connection.state === State.open) this.open.touch(connection.slot, this.clock.now, USE_GRAIN);
  }

  /** Moves a connection on, or back from `closing` to `open`. */
  enter(connection: Connection, state: State): void {
    if (connection.state >= State.closing && state >= State.closing) {
      connection.state = state;
      return;
    }
    const { slot } = connection;
    this.listFor(connection.state).remove(slot);
    connection.state = state;
    this.listFor(state).add(slot, this.clock.now);
    this.count();
  }

  remove(connection: Connection): void {
    this.listFor(connection.state).remove(connection.slot);
    this.index.remove(connection);
    this.count();
  }

  /** All connections, in the order of their beginning. */
  all(): Connection[] {
    return [...this.index.all()].sort((a, b) => a.id - b.id);
  }

  /** Lets go what is past its time. */
  expire(): void {
    const { now } = this.clock;
    const { limits, index } = this;
    for (;;) {
      const slot = this.ending.olderThan(now - limits.lingerTime);
      if (slot < 0) break;
      this.letGo(index.at(slot), 'finished');
    }
    for (;;) {
      const slot = this.halfOpen.olderThan(now - limits.halfOpenTime);
      if (slot < 0) break;
      const connection = index.at(slot);
      if (connection.listener === undefined) this.letGo(connection, 'idle');
      else this.enter(connection, State.open);
    }
    for (;;) {
      const slot = this.open.olderThan(now - limits.idleTime);
      if (slot < 0) break;
      this.counters.idleConnections++;
      this.letGo(index.at(slot), 'idle');
    }
  }

  /** Ends a connection and forgets it. A connection that shows an end of its own has that as its reason. */
  letGo(connection: Connection, reason: CloseReason): void {
    this.close(connection, reason);
    this.remove(connection);
  }

  private evict(): void {
    if (this.ending.oldest >= 0) {
      this.letGo(this.index.at(this.ending.oldest), 'evicted');
    } else if (this.halfOpen.oldest >= 0) {
      this.evictHalfOpen();
    } else {
      this.counters.evictedConnections++;
      this.letGo(this.index.at(this.open.oldest), 'evicted');
    }
  }

  private evictHalfOpen(): void {
    this.counters.evictedHalfOpen++;
    this.letGo(this.index.at(this.halfOpen.oldest), 'evicted');
  }

  private listFor(state: State): AgeList {
    if (state === State.halfOpen) return this.halfOpen;
    return state === State.open ? this.open : this.ending;
  }

  private count(): void {
    this.counters.halfOpen = this.halfOpen.size;
    this.counters.open = this.open.size;
  }
}
