import { AgeList } from './age-list.ts';
import type { Connection } from './connection.ts';
import type { PacketClock } from './packet-clock.ts';
import type { Direction } from './stream.ts';

/** One direction of a connection, as a number. */
export type Place = number;

export function slotOf(place: Place): number {
  return place >> 1;
}

export function directionOf(place: Place): Direction {
  return (place & 1) as Direction;
}

/**
 * Who waits, and since when: sides behind a hole, and sides with bytes overdue, which is bytes that the peer acknowledged and that
 * are missing. The time of each is that of its last progress.
 */
export class Waits {
  private readonly clock: PacketClock;
  private readonly holes = new AgeList();
  private readonly overdue = new AgeList();

  constructor(clock: PacketClock) {
    this.clock = clock;
  }

  /** The side that has waited longest behind a hole, or -1. */
  get longest(): Place {
    return this.holes.oldest;
  }

  /** A side behind a hole without progress for more than `span` µs, or -1. */
  stuck(span: number): Place {
    return this.holes.olderThan(this.clock.now - span);
  }

  /** A side with bytes overdue for more than `span` µs, or -1. */
  late(span: number): Place {
    return this.overdue.olderThan(this.clock.now - span);
  }

  enterOverdue(connection: Connection, direction: Direction): void {
    const side = connection.sides[direction];
    side.overdue = true;
    side.overduePackets = connection.packets;
    side.overdueOffset = side.offset;
    this.overdue.add(place(connection, direction), this.clock.now);
  }

  leaveOverdue(connection: Connection, direction: Direction): void {
    connection.sides[direction].overdue = false;
    this.overdue.remove(place(connection, direction));
  }

  /** Notes where a side stands after it may have moved. True: its overdue bytes have come. */
  update(connection: Connection, direction: Direction): boolean {
    const side = connection.sides[direction];
    const here = place(connection, direction);
    if (side.held === undefined && (!side.fin || side.ended)) {
      this.holes.remove(here);
    } else if (side.waitingOffset !== side.offset || !this.holes.has(here)) {
      this.holes.add(here, this.clock.now);
    }
    side.waitingOffset = side.offset;
    if (!side.overdue) return false;
    if (side.missing <= 0) {
      this.leaveOverdue(connection, direction);
      return true;
    }
    if (side.overdueOffset !== side.offset) this.enterOverdue(connection, direction);
    return false;
  }

  release(connection: Connection): void {
    for (const direction of [0, 1] as const) {
      this.holes.remove(place(connection, direction));
      this.overdue.remove(place(connection, direction));
    }
  }
}

function place(connection: Connection, direction: Direction): Place {
  return connection.slot * 2 + direction;
}
