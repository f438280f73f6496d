import type { Packet } from '../packet/packet.ts';
import type { Connection } from './connection.ts';

const START = 1024;
/** A cell is the hash and the slot plus one; 0: free. */
const CELL = 2;

/**
 * Finds the connection of a packet, either way round: open addressing with linear probing over numbers, so a
 * lookup makes no key. Hashes only narrow the search; addresses and ports are compared in full.
 */
export class ConnectionIndex {
  size = 0;
  private cells = new Int32Array(START * CELL);
  private mask = START - 1;
  private readonly connections: (Connection | undefined)[] = [];
  private readonly freeSlots: number[] = [];
  /** Random, so that nobody can choose addresses that fall on one place. */
  private readonly seed = (Math.random() * 0x1_0000_0000) | 0;

  /** The same for both directions of a connection. */
  hash(packet: Packet): number {
    const source = this.mix(packet.src0, packet.src1, packet.src2, packet.src3, packet.srcPort);
    const target = this.mix(packet.dst0, packet.dst1, packet.dst2, packet.dst3, packet.dstPort);
    let hash = Math.imul((source + target) | 0, 0x85ebca6b) ^ (source ^ target);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
    return hash ^ (hash >>> 16);
  }

  find(packet: Packet, hash: number): Connection | undefined {
    const { cells, mask } = this;
    for (let cell = hash & mask; ; cell = (cell + 1) & mask) {
      const slot = cells[cell * CELL + 1]!;
      if (slot === 0) return undefined;
      if (cells[cell * CELL] !== hash) continue;
      const connection = this.connections[slot - 1]!;
      if (connection.isFromClient(packet) || connection.isFromServer(packet)) return connection;
    }
  }

  /** A place for a new connection: small numbers, used again. */
  takeSlot(): number {
    return this.freeSlots.pop() ?? this.connections.push(undefined) - 1;
  }

  at(slot: number): Connection {
    return this.connections[slot]!;
  }

  add(connection: Connection): void {
    if ((this.size + 1) * 2 > this.mask) this.grow();
    this.connections[connection.slot] = connection;
    this.place(connection);
    this.size++;
  }

  remove(connection: Connection): void {
    const { cells, mask } = this;
    let free = connection.hash & mask;
    while (cells[free * CELL + 1] !== connection.slot + 1) free = (free + 1) & mask;
    // Backward shift: what was pushed past the freed cell moves into it, so no tombstones are needed.
    for (let cell = (free + 1) & mask; cells[cell * CELL + 1] !== 0; cell = (cell + 1) & mask) {
      const home = cells[cell * CELL]! & mask;
      if (((cell - home) & mask) < ((cell - free) & mask)) continue;
      cells[free * CELL] = cells[cell * CELL]!;
      cells[free * CELL + 1] = cells[cell * CELL + 1]!;
      free = cell;
    }
    cells[free * CELL + 1] = 0;
    this.connections[connection.slot] = undefined;
    this.freeSlots.push(connection.slot);
    this.size--;
  }

  /** All connections, in the order of their slots. They may be removed meanwhile. */
  *all(): Generator<Connection> {
    for (let slot = 0; slot < this.connections.length; slot++) {
      const connection = this.connections[slot];
      if (connection !== undefined) yield connection;
    }
  }

  private place(connection: Connection): void {
    let cell = connection.hash & this.mask;
    while (this.cells[cell * CELL + 1] !== 0) cell = (cell + 1) & this.mask;
    this.cells[cell * CELL] = connection.hash;
    this.cells[cell * CELL + 1] = connection.slot + 1;
  }

  private grow(): void {
    this.mask = this.mask * 2 + 1;
    this.cells = new Int32Array((this.mask + 1) * CELL);
    for (const connection of this.all()) this.place(connection);
  }

  private mix(word0: number, word1: number, word2: number, word3: number, port: number): number {
    let hash = Math.imul(word3 ^ this.seed, 0xcc9e2d51);
    hash = Math.imul(hash ^ (hash >>> 15) ^ word2, 0x1b873593);
    hash = Math.imul(hash ^ (hash >>> 13) ^ word1, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ word0, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13) ^ port, 0xc2b2ae35);
    return hash ^ (hash >>> 16);
  }
}
