import type { AddressNames } from '../../flow/address-names.ts';
import type { ExchangeMark } from '../../flow/exchange-mark.ts';
import type { Packet } from '../packet/packet.ts';
import { CaptureError } from './error.ts';
import { type CaptureFormat, MAX_BLOCK_LENGTH, NO_MARKS, uint16, uint32 } from './format.ts';
import { type Interface, readInterface, readStatistics, timeOf } from './pcapng-interface.ts';
import { readMarks } from './pcapng-marks.ts';
import { readNames } from './pcapng-names.ts';
import type { FileStats } from './source.ts';
import type { Window } from './window.ts';

/**
 * Type of the section header block; reads the same in both byte orders, so it is the file's magic number too.
 */
export const SECTION_HEADER = 0x0a0d0d0a;

const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const NAME_RESOLUTION = 4;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Around each body: type and length before it, the length again behind it. */
const HEAD = 8;
const TAIL = 4;
/** Interfaces of all sections together. */
const MAX_INTERFACES = 65_536;
/** Addresses whose names are read; those that come later stay without. */
const MAX_NAMED = 50_000;

/**
 * pcapng (draft-ietf-opsawg-pcapng): sections of blocks, each section with its byte order and its interfaces.
 */
export class PcapngFormat implements CaptureFormat {
  readonly #stats: FileStats;
  marks: readonly ExchangeMark[] = NO_MARKS;
  readonly #onNames: (names: AddressNames[]) => void;
  #named = 0;
  /** Of all sections; those of the current one begin at `#firstInterface`. */
  readonly #interfaces: Interface[] = [];
  #firstInterface = 0;
  #little = true;
  /** What is left of a block that is passed over, with its tail; and the length that the tail must repeat. */
  #passOver = 0;
  #passOverLength = 0;
  /** Simple packets bear no time: that of the packet before stands for it. */
  #lastTime = 0;

  /** `onNames` hears of the names of addresses, before the packets that stand behind them. */
  constructor(stats: FileStats, onNames: (names: AddressNames[]) => void) {
    this.#stats = stats;
    this.#onNames = onNames;
  }

  get unfinished(): boolean {
    return this.#passOver > 0;
  }

  next(packet: Packet, window: Window): boolean {
    for (;;) {
      if (this.#passOver > 0 && !this.#passBlockOver(window)) return false;
      if (!has(window, HEAD + TAIL)) return false;
      const type = uint32(window.bytes, window.at, this.#little);
      if (type === SECTION_HEADER) this.#readByteOrder(window);
      const length = uint32(window.bytes, window.at + 4, this.#little);
      const leastBody = leastBodyOf(type);
      if (length % 4 !== 0 || length < HEAD + TAIL + leastBody) {
        throw this.#damaged(window.offset, `a block that says it is ${length} bytes long`);
      }
      if (leastBody === 0 || (type === NAME_RESOLUTION && length > MAX_BLOCK_LENGTH)) {
        this.#passOver = length - HEAD;
        this.#passOverLength = length;
        window.at += HEAD;
        continue;
      }
      if (length > MAX_BLOCK_LENGTH) {
        throw this.#damaged(
          window.offset,
          `a block that says it is ${length} bytes long, more than ${MAX_BLOCK_LENGTH}`,
        );
      }
      if (!has(window, length)) return false;
      this.#checkTail(window, window.at + length - TAIL, length);
      const isPacket = this.#readBlock(type, packet, window, length);
      window.at += length;
      if (isPacket) return true;
    }
  }

  /** Reads a whole block at the window's place. True if it was a packet. */
  #readBlock(type: number, packet: Packet, window: Window, length: number): boolean {
    const data = window.bytes;
    const little = this.#little;
    const start = window.at + HEAD;
    const end = window.at + length - TAIL;
    switch (type) {
      case ENHANCED_PACKET:
        this.#readPacket(packet, window, uint32(data, start, little), start, end);
        return true;
      case OBSOLETE_PACKET:
        this.#readPacket(packet, window, uint16(data, start, little), start, end);
        return true;
      case SIMPLE_PACKET:
        this.#readSimplePacket(packet, window, start, end);
        return true;
      case SECTION_HEADER:
        this.#firstInterface = this.#interfaces.length;
        return false;
      case INTERFACE_DESCRIPTION:
        if (this.#interfaces.length === MAX_INTERFACES) {
          throw this.#damaged(window.offset, `more than ${MAX_INTERFACES} interfaces`);
        }
        this.#interfaces.push(readInterface(data, start, end, little));
        return false;
      case NAME_RESOLUTION:
        this.#readNames(data, start, end);
        return false;
      default:
        this.#readStatistics(data, start, end);
        return false;
    }
  }

  #readNames(data: Uint8Array, start: number, end: number): void {
    const names = readNames(data, start, end, this.#little, MAX_NAMED - this.#named, this.#stats);
    this.#named += names.length;
    this.#onNames(names);
  }

  /**
   * Enhanced packet block (§4.3), and the packet block of before 2009 (appendix A), which differs in the
   * first word.
   */
  #readPacket(packet: Packet, window: Window, id: number, start: number, end: number): void {
    const data = window.bytes;
    const little = this.#little;
    const from = this.#interface(window, id);
    const captured = uint32(data, start + 12, little);
    if (captured > end - start - 20) {
      throw this.#damaged(
        window.offset,
        `packet ${this.#stats.packets + 1} of ${captured} bytes in a shorter block`,
      );
    }
    packet.time = timeOf(uint32(data, start + 4, little), uint32(data, start + 8, little), from);
    packet.wireLength = Math.max(captured, uint32(data, start + 16, little));
    this.#give(packet, window, start + 20, captured, from, id);
    const options = start + 20 + ((captured + 3) & ~3);
    if (options < end) this.marks = readMarks(data, options, end, little, this.#stats);
  }

  /**
   * Simple packet block (§4.4): always of the first interface; only that one's snapshot length tells padding
   * apart.
   */
  #readSimplePacket(packet: Packet, window: Window, start: number, end: number): void {
    const from = this.#interface(window, 0);
    const wireLength = uint32(window.bytes, start, this.#little);
    const room = end - start - 4;
    const captured = Math.min(wireLength, room, from.snapLength === 0 ? room : from.snapLength);
    packet.time = this.#lastTime;
    packet.wireLength = wireLength;
    this.#give(packet, window, start + 4, captured, from, 0);
  }

  #give(
    packet: Packet,
    { bytes, capacity }: Window,
    start: number,
    captured: number,
    from: Interface,
    id: number,
  ): void {
    packet.data = bytes;
    packet.copyRoom = capacity;
    packet.start = start;
    packet.end = start + captured;
    packet.linkType = from.linkType;
    packet.interfaceId = this.#firstInterface + id;
    this.marks = NO_MARKS;
    this.#lastTime = packet.time;
    this.#stats.packets++;
    this.#stats.bytes += captured;
  }

  #readStatistics(data: Uint8Array, start: number, end: number): void {
    const of = this.#interfaces[this.#firstInterface + uint32(data, start, this.#little)];
    if (of === undefined) return;
    this.#stats.interfaceDrops -= of.interfaceDrops;
    this.#stats.kernelDrops -= of.kernelDrops;
    readStatistics(data, start, end, this.#little, of);
    this.#stats.interfaceDrops += of.interfaceDrops;
    this.#stats.kernelDrops += of.kernelDrops;
  }

  #interface(window: Window, id: number): Interface {
    const found = this.#interfaces[this.#firstInterface + id];
    if (found !== undefined) return found;
    const known = this.#interfaces.length - this.#firstInterface;
    throw this.#damaged(
      window.offset,
      `packet ${this.#stats.packets + 1} of interface ${id}, of ${known} described`,
    );
  }

  /** §4.1: the byte-order magic stands behind the length, which is already written in that order. */
  #readByteOrder(window: Window): void {
    const at = window.at + HEAD;
    if (uint32(window.bytes, at, true) === BYTE_ORDER_MAGIC) this.#little = true;
    else if (uint32(window.bytes, at, false) === BYTE_ORDER_MAGIC) this.#little = false;
    else throw this.#damaged(window.offset, 'a section header without a byte order');
  }

  /** Blocks of other kinds are not held in memory, however long they are. */
  #passBlockOver(window: Window): boolean {
    const step = Math.min(this.#passOver - TAIL, window.available);
    window.at += step;
    this.#passOver -= step;
    if (!has(window, TAIL)) return false;
    this.#checkTail(window, window.at, this.#passOverLength);
    window.at += TAIL;
    this.#passOver = 0;
    return true;
  }

  #checkTail(window: Window, at: number, length: number): void {
    const tail = uint32(window.bytes, at, this.#little);
    if (tail !== length) {
      const offset = window.offset - window.at + at;
      throw this.#damaged(offset, `a block of ${length} bytes that ends as one of ${tail}`);
    }
  }

  #damaged(offset: number, what: string): CaptureError {
    return new CaptureError(
      'CAPTURE_DAMAGED',
      `damaged at byte ${offset}, behind packet ${this.#stats.packets}: ${what}`,
    );
  }
}

/** Bytes that the body must have at least; 0 for blocks that are passed over. */
function leastBodyOf(type: number): number {
  switch (type) {
    case ENHANCED_PACKET:
    case OBSOLETE_PACKET:
      return 20;
    case SIMPLE_PACKET:
    case NAME_RESOLUTION:
      return 4;
    case INTERFACE_DESCRIPTION:
      return 8;
    case INTERFACE_STATISTICS:
      return 12;
    case SECTION_HEADER:
      return 16;
    default:
      return 0;
  }
}

function has(window: Window, length: number): boolean {
  if (window.available >= length) return true;
  window.need = length;
  return false;
}
