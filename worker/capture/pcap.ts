import type { Packet } from '../packet/packet.ts';
import { CaptureError } from './error.ts';
import { type CaptureFormat, NO_MARKS, packetLimit, uint32 } from './format.ts';
import type { SourceStats } from './source.ts';
import type { Window } from './window.ts';

/** The first four bytes of a capture file in the classic format. */
const PcapMagic = {
  microseconds: 0xa1b2c3d4,
  nanoseconds: 0xa1b23c4d,
  /**
   * Microseconds, with 8 more bytes a record (interface, protocol, packet type): A. Kuznetsov's patches to
   * libpcap.
   */
  modified: 0xa1b2cd34,
} as const;
type PcapMagic = (typeof PcapMagic)[keyof typeof PcapMagic];

/** The number if it is one of the format's magic numbers, read in the file's byte order. */
export function pcapMagic(value: number): PcapMagic | undefined {
  return Object.values(PcapMagic).find((magic) => magic === value);
}

export const PCAP_HEADER_LENGTH = 24;

/** The classic capture format (draft-ietf-opsawg-pcap): a file header, then records. */
export class PcapFormat implements CaptureFormat {
  readonly unfinished = false;
  readonly marks = NO_MARKS;
  readonly #stats: SourceStats;
  readonly #little: boolean;
  readonly #linkType: number;
  readonly #packetLimit: number;
  readonly #recordHeader: number;
  /** Fractions of a second that make a microsecond. */
  readonly #perMicrosecond: number;

  /** `header` is the whole file header, `magic` its first number, `little` the byte order it was read in. */
  constructor(header: Uint8Array, magic: PcapMagic, little: boolean, stats: SourceStats) {
    this.#stats = stats;
    this.#little = little;
    this.#perMicrosecond = magic === PcapMagic.nanoseconds ? 1000 : 1;
    this.#recordHeader = magic === PcapMagic.modified ? 24 : 16;
    this.#packetLimit = packetLimit(uint32(header, 16, little));
    // The upper bits say whether frames end with a check sequence, and how long it is.
    this.#linkType = uint32(header, 20, little) & 0x03ffffff;
  }

  next(packet: Packet, window: Window): boolean {
    const { bytes, at } = window;
    const available = window.end - at;
    const headerLength = this.#recordHeader;
    if (available < headerLength) {
      window.need = headerLength;
      return false;
    }
    const little = this.#little;
    const captured = uint32(bytes, at + 8, little);
    if (captured > this.#packetLimit) throw this.#damaged(window, captured);
    if (available < headerLength + captured) {
      window.need = headerLength + captured;
      return false;
    }
    const start = at + headerLength;
    packet.data = bytes;
    packet.copyRoom = window.capacity;
    packet.start = start;
    packet.end = window.at = start + captured;
    packet.wireLength = Math.max(captured, uint32(bytes, at + 12, little));
    packet.time = uint32(bytes, at, little) * 1e6 + uint32(bytes, at + 4, little) / this.#perMicrosecond;
    packet.linkType = this.#linkType;
    packet.interfaceId = 0;
    this.#stats.packets++;
    this.#stats.bytes += captured;
    return true;
  }

  #damaged(window: Window, length: number): CaptureError {
    return new CaptureError(
      'CAPTURE_DAMAGED',
      `damaged at byte ${window.offset}: packet ${this.#stats.packets + 1} says it is ${length} bytes long, ` +
        `and ${this.#packetLimit} is the most it can be`,
    );
  }
}
