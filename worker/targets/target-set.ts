import type { TargetsMessage } from '../../flow/wire.ts';
import type { Packet } from '../packet/packet.ts';
import { SocketTable } from './socket-table.ts';
import { parseTargetEntry } from './target-entry.ts';

export const TARGET_LIMITS = {
  /** Entries of the hub that a worker keeps: pods of the largest cluster there is, and services. */
  targetEntries: 400_000,
} as const;

/** Under this port stand the bits of an address: whether all of it is wanted, or some of its ports. */
const ANY_PORT = 0;
const WHOLE = 1;
const SOME_PORTS = 2;

/**
 * Which packets the hub wants: those with a target at either end. None before the hub has said so. A packet costs a look or two into a
 * table; a change costs making the table again, and takes effect between two packets.
 */
export class TargetSet {
  readonly counters = {
    /** Not handed to TCP: neither end is a target. */
    packetsUntargeted: 0,
    /** Entries of the hub that were not understood or too many. */
    targetEntriesRefused: 0,
  };
  #entries = new Set<string>();
  /** What the next message without `more` makes of it. */
  #pending: Set<string> | undefined;
  #everything = false;
  #table = new SocketTable(0);
  /** Ports that are wanted on any address. */
  #ports: Uint8Array | undefined;

  /** Entries that are in force. */
  get size(): number {
    return this.#entries.size;
  }

  /** What the hub says. */
  apply({ reset, more, add, remove }: TargetsMessage): void {
    if (reset) this.#pending = new Set();
    this.#pending ??= new Set(this.#entries);
    for (const entry of remove) this.#pending.delete(entry);
    for (const entry of add) {
      if (this.#pending.size < TARGET_LIMITS.targetEntries) this.#pending.add(entry);
      else this.counters.targetEntriesRefused++;
    }
    if (more === true) return;
    this.#entries = this.#pending;
    this.#pending = undefined;
    this.#rebuild();
  }

  /** Whether the packet, as far as `Decoder` has read it, has a target at either end. Counts those that have none. */
  takes(packet: Packet): boolean {
    if (
      this.#everything ||
      this.#has(packet.dst0, packet.dst1, packet.dst2, packet.dst3, packet.dstPort) ||
      this.#has(packet.src0, packet.src1, packet.src2, packet.src3, packet.srcPort)
    ) {
      return true;
    }
    this.counters.packetsUntargeted++;
    return false;
  }

  #has(a: number, b: number, c: number, d: number, port: number): boolean {
    const table = this.#table;
    const bits = table.bits(a, b, c, d, ANY_PORT);
    if ((bits & WHOLE) !== 0) return true;
    if ((bits & SOME_PORTS) !== 0 && (table.bits(a, b, c, d, port) & WHOLE) !== 0) return true;
    return this.#ports !== undefined && this.#ports[port] !== 0;
  }

  #rebuild(): void {
    // An entry with a port has two keys.
    const table = new SocketTable(2 * this.#entries.size);
    let ports: Uint8Array | undefined;
    let everything = false;
    for (const text of this.#entries) {
      const entry = parseTargetEntry(text);
      if (entry === undefined) {
        this.#entries.delete(text);
        this.counters.targetEntriesRefused++;
      } else if (entry.kind === 'everything') {
        everything = true;
      } else if (entry.kind === 'port') {
        ports ??= new Uint8Array(0x1_0000);
        ports[entry.port] = 1;
      } else {
        const { words, port } = entry;
        table.add(words, ANY_PORT, port === ANY_PORT ? WHOLE : SOME_PORTS);
        if (port !== ANY_PORT) table.add(words, port, WHOLE);
      }
    }
    this.#table = table;
    this.#ports = ports;
    this.#everything = everything;
  }
}
