import ipaddr from 'ipaddr.js';
import { LINKTYPE_RAW } from '../../../flow/wire.ts';
import type { CaptureStatistics, ExportedPacket, PacketFormat, PacketWriter } from './format.ts';
import type { NamedAddress } from './names.ts';

/** Block types and options of draft-ietf-opsawg-pcapng. */
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const NAME_RESOLUTION = 4;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const COMMENT = 1;
const USER_APPLICATION = 4;
const INTERFACE_NAME = 2;
const RECEIVED = 4;
const INTERFACE_DROPS = 5;
const KERNEL_DROPS = 7;
const NAME_IPV4 = 1;
const NAME_IPV6 = 2;
/** Lengths of options and records are 16 bits. */
const MAX_VALUE = 0xffff;

/** The format of Wireshark: packets with names, comments and drops. */
export const PCAPNG: PacketFormat = {
  name: 'pcapng',
  mediaType: 'application/x-pcapng',
  description: 'the packets, for Wireshark, with names and a comment where an exchange begins',
  overhead: 34,
  writer: () => new PcapngWriter(),
};

class PcapngWriter implements PacketWriter {
  /** Interfaces are numbered from 0 in the order of their blocks: one a node. */
  readonly #interfaces = new Map<string, number>();

  begin(application: string, remarks: readonly string[]): Uint8Array {
    const body = Buffer.alloc(16);
    body.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
    body.writeUInt16LE(1, 4);
    body.writeBigInt64LE(-1n, 8);
    return block(SECTION_HEADER, body, [[USER_APPLICATION, text(application)], ...comments(remarks)]);
  }

  /** Of each address several names; Wireshark shows the last. */
  names(names: readonly NamedAddress[]): Uint8Array {
    if (names.length === 0) return new Uint8Array(0);
    const records: Uint8Array[] = [];
    for (const { ip, names: all } of names) {
      if (!ipaddr.isValid(ip)) continue;
      const address = Buffer.from(ipaddr.parse(ip).toByteArray());
      const type = address.length === 4 ? NAME_IPV4 : NAME_IPV6;
      const list = Buffer.from(all.map((name) => `${name.replaceAll('\0', '')}\0`).join(''));
      if (address.length + list.length > MAX_VALUE) continue;
      records.push(option(type, Buffer.concat([address, list])));
    }
    return block(NAME_RESOLUTION, Buffer.concat([...records, Buffer.alloc(4)]), []);
  }

  packet({ node, time, data, wireLength, comments: said }: ExportedPacket): Uint8Array {
    const body = Buffer.alloc(20 + padded(data.length));
    const known = this.#interfaces.get(node);
    body.writeUInt32LE(known ?? this.#interfaces.size, 0);
    writeTime(body, 4, time);
    body.writeUInt32LE(data.length, 12);
    body.writeUInt32LE(Math.max(wireLength, data.length), 16);
    body.set(data, 20);
    const packet = block(ENHANCED_PACKET, body, comments(said));
    return known === undefined ? Buffer.concat([this.#describe(node), packet]) : packet;
  }

  statistics(
    node: string,
    time: number,
    statistics: CaptureStatistics | undefined,
    remarks: readonly string[],
  ): Uint8Array {
    const known = this.#interfaces.get(node);
    const body = Buffer.alloc(12);
    body.writeUInt32LE(known ?? this.#interfaces.size, 0);
    writeTime(body, 4, time);
    const told = block(INTERFACE_STATISTICS, body, [
      ...comments(remarks),
      ...(statistics === undefined
        ? []
        : ([
            [RECEIVED, count(statistics.received)],
            [INTERFACE_DROPS, count(statistics.interfaceDrops)],
            [KERNEL_DROPS, count(statistics.kernelDrops)],
          ] as const)),
    ]);
    return known === undefined ? Buffer.concat([this.#describe(node), told]) : told;
  }

  /** Times are µs. */
  #describe(node: string): Uint8Array {
    this.#interfaces.set(node, this.#interfaces.size);
    const body = Buffer.alloc(8);
    body.writeUInt16LE(LINKTYPE_RAW, 0);
    return block(INTERFACE_DESCRIPTION, body, [[INTERFACE_NAME, text(node)]]);
  }
}

type Option = readonly [code: number, value: Uint8Array];

function comments(lines: readonly string[]): Option[] {
  return lines.map((line) => [COMMENT, text(line)]);
}

function text(value: string): Uint8Array {
  return Buffer.from(value).subarray(0, MAX_VALUE);
}

function block(type: number, body: Uint8Array, options: readonly Option[]): Uint8Array {
  const rest = options.length === 0 ? [] : [...options.map(([code, value]) => option(code, value)), END];
  const length = 12 + body.length + rest.reduce((sum, part) => sum + part.length, 0);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  return Buffer.concat([head, body, ...rest, head.subarray(4)]);
}

/** End of options. */
const END = new Uint8Array(4);

function option(code: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + padded(value.length));
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt16LE(value.length, 2);
  bytes.set(value, 4);
  return bytes;
}

function count(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(Math.round(value)));
  return bytes;
}

function writeTime(body: Buffer, at: number, time: number): void {
  const whole = Math.floor(time);
  body.writeUInt32LE(Math.floor(whole / 2 ** 32), at);
  body.writeUInt32LE(whole >>> 0, at + 4);
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
