import { concat, join, toBytes } from './bytes.ts';
import type { TimedFrame } from './frame.ts';
import { LinkType } from './link.ts';
import type { ByteOrder } from './pcap.ts';

export interface InterfaceFields {
  linkType?: number;
  /** 0: no limit. */
  snapLength?: number;
  /** The raw byte of if_tsresol: n for 10^-n s, 0x80 | n for 2^-n s. Not written if absent: 10^-6. */
  tsResol?: number;
  /** if_tsoffset, seconds added to every time. */
  tsOffset?: number;
  name?: string;
}

export interface StatisticsFields {
  interfaceId?: number;
  interfaceDrops?: bigint;
  kernelDrops?: bigint;
}

export const BlockType = {
  interfaceDescription: 1,
  obsoletePacket: 2,
  simplePacket: 3,
  interfaceStatistics: 5,
  enhancedPacket: 6,
  sectionHeader: 0x0a0d0d0a,
} as const;

interface BlockOption {
  code: number;
  value: Uint8Array;
}

/**
 * A pcapng file (draft-ietf-opsawg-pcapng) block by block:
 *
 *     new PcapngBuilder('big').interface({ tsResol: 9 }).packet(frame).bytes()
 *
 * A section header stands at the start; `section` begins another one, with its own byte order and interfaces.
 */
export class PcapngBuilder {
  readonly #blocks: Uint8Array[] = [];
  #little = true;
  #interfaces: InterfaceFields[] = [];

  constructor(byteOrder: ByteOrder = 'little') {
    this.section(byteOrder);
  }

  section(byteOrder: ByteOrder = 'little', comment?: string): this {
    this.#little = byteOrder === 'little';
    this.#interfaces = [];
    const body = this.#fields(16, (view, little) => {
      view.setUint32(0, 0x1a2b3c4d, little);
      view.setUint16(4, 1, little);
      view.setBigInt64(8, -1n, little);
    });
    return this.block(
      BlockType.sectionHeader,
      body,
      this.#options(comment === undefined ? [] : [{ code: 1, value: toBytes(comment) }]),
    );
  }

  interface(fields: InterfaceFields = {}): this {
    this.#interfaces.push(fields);
    const body = this.#fields(8, (view, little) => {
      view.setUint16(0, fields.linkType ?? LinkType.ethernet, little);
      view.setUint32(4, fields.snapLength ?? 0, little);
    });
    const options: BlockOption[] = [];
    if (fields.name !== undefined) options.push({ code: 2, value: toBytes(fields.name) });
    if (fields.tsResol !== undefined) options.push({ code: 9, value: Uint8Array.of(fields.tsResol) });
    const offset = fields.tsOffset;
    if (offset !== undefined) {
      const value = this.#fields(8, (view, little) => view.setBigInt64(0, BigInt(offset), little));
      options.push({ code: 14, value });
    }
    return this.block(BlockType.interfaceDescription, body, this.#options(options));
  }

  /** Enhanced packet block. `comment` adds an option behind the frame. */
  packet(timed: TimedFrame, comment?: string): this {
    const id = timed.interfaceId ?? 0;
    const body = this.#fields(20, (view, little) => {
      view.setUint32(0, id, little);
      this.#time(view, 4, timed.time, id);
      view.setUint32(12, timed.frame.length, little);
      view.setUint32(16, timed.wireLength ?? timed.frame.length, little);
    });
    const options = this.#options(comment === undefined ? [] : [{ code: 1, value: toBytes(comment) }]);
    return this.block(BlockType.enhancedPacket, body, padded(timed.frame), options);
  }

  /**
   * Simple packet block: no time, interface 0; the captured length follows from the interface's snapshot
   * length.
   */
  simplePacket(timed: TimedFrame): this {
    const body = this.#fields(4, (view, little) =>
      view.setUint32(0, timed.wireLength ?? timed.frame.length, little),
    );
    return this.block(BlockType.simplePacket, body, padded(timed.frame));
  }

  /** The packet block of before 2009 (type 2). */
  obsoletePacket(timed: TimedFrame, drops = 0): this {
    const id = timed.interfaceId ?? 0;
    const body = this.#fields(20, (view, little) => {
      view.setUint16(0, id, little);
      view.setUint16(2, drops, little);
      this.#time(view, 4, timed.time, id);
      view.setUint32(12, timed.frame.length, little);
      view.setUint32(16, timed.wireLength ?? timed.frame.length, little);
    });
    return this.block(BlockType.obsoletePacket, body, padded(timed.frame));
  }

  statistics(fields: StatisticsFields): this {
    const body = this.#fields(12, (view, little) => view.setUint32(0, fields.interfaceId ?? 0, little));
    const options: BlockOption[] = [];
    for (const [code, count] of [
      [5, fields.interfaceDrops],
      [7, fields.kernelDrops],
    ] as const) {
      if (count === undefined) continue;
      options.push({ code, value: this.#fields(8, (view, little) => view.setBigUint64(0, count, little)) });
    }
    return this.block(BlockType.interfaceStatistics, body, this.#options(options));
  }

  /** Any block: type, body (a multiple of 4 bytes) and both lengths around it. */
  block(type: number, ...body: readonly Uint8Array[]): this {
    const content = concat(...body);
    const length = content.length + 12;
    const head = this.#fields(8, (view, little) => {
      view.setUint32(0, type, little);
      view.setUint32(4, length, little);
    });
    this.#blocks.push(
      head,
      content,
      this.#fields(4, (view, little) => view.setUint32(0, length, little)),
    );
    return this;
  }

  /** The file so far. */
  bytes(): Uint8Array {
    return join(this.#blocks);
  }

  #fields(length: number, fill: (view: DataView, little: boolean) => void): Uint8Array {
    const bytes = new Uint8Array(length);
    fill(new DataView(bytes.buffer), this.#little);
    return bytes;
  }

  #options(options: readonly BlockOption[]): Uint8Array {
    if (options.length === 0) return new Uint8Array(0);
    const parts = options.flatMap(({ code, value }) => {
      const head = this.#fields(4, (view, little) => {
        view.setUint16(0, code, little);
        view.setUint16(2, value.length, little);
      });
      return [head, padded(value)];
    });
    return concat(...parts, new Uint8Array(4));
  }

  #time(view: DataView, at: number, time: number, interfaceId: number): void {
    const { tsResol = 6, tsOffset = 0 } = this.#interfaces[interfaceId] ?? {};
    const unitsPerSecond = tsResol & 0x80 ? 2n ** BigInt(tsResol & 0x7f) : 10n ** BigInt(tsResol);
    const nanoseconds = BigInt(Math.round(time * 1000)) - BigInt(tsOffset) * 1_000_000_000n;
    const units = (nanoseconds * unitsPerSecond + 500_000_000n) / 1_000_000_000n;
    view.setUint32(at, Number((units >> 32n) & 0xffffffffn), this.#little);
    view.setUint32(at + 4, Number(units & 0xffffffffn), this.#little);
  }
}

/** A pcapng file of one section and one interface. */
export function pcapngFile(
  frames: readonly TimedFrame[],
  options: InterfaceFields & { byteOrder?: ByteOrder } = {},
): Uint8Array {
  const builder = new PcapngBuilder(options.byteOrder).interface(options);
  for (const timed of frames) builder.packet(timed);
  return builder.bytes();
}

function padded(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 4 === 0) return bytes;
  const whole = new Uint8Array((bytes.length + 3) & ~3);
  whole.set(bytes);
  return whole;
}
