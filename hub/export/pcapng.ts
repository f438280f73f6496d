import ipaddr from 'ipaddr.js';

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

/** The packets begin with their IP header. */
const LINKTYPE_RAW = 101;

/** A file begins with this. */
export function sectionHeader(application: string): Uint8Array {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  body.writeUInt16LE(1, 4);
  body.writeBigInt64LE(-1n, 8);
  return block(SECTION_HEADER, body, options([[USER_APPLICATION, Buffer.from(application)]]));
}

/** Interfaces are numbered from 0 in the order of their blocks. Times are µs. */
export function interfaceDescription(name: string): Uint8Array {
  const body = Buffer.alloc(8);
  body.writeUInt16LE(LINKTYPE_RAW, 0);
  return block(INTERFACE_DESCRIPTION, body, options([[INTERFACE_NAME, Buffer.from(name)]]));
}

/** Names by IP address; what is no address is left out. */
export function nameResolution(names: Iterable<readonly [ip: string, name: string]>): Uint8Array {
  const records: Uint8Array[] = [];
  for (const [ip, name] of names) {
    if (!ipaddr.isValid(ip)) continue;
    const address = Buffer.from(ipaddr.parse(ip).toByteArray());
    const type = address.length === 4 ? NAME_IPV4 : NAME_IPV6;
    records.push(option(type, Buffer.concat([address, Buffer.from(`${name.replaceAll('\0', '')}\0`)])));
  }
  return block(NAME_RESOLUTION, Buffer.concat(records), Buffer.alloc(4));
}

export interface PacketBlock {
  /** Number of the interface. */
  node: number;
  /** µs since the epoch. */
  time: number;
  data: Uint8Array;
  wireLength: number;
  comment?: string | undefined;
}

export function enhancedPacket({ node, time, data, wireLength, comment }: PacketBlock): Uint8Array {
  const body = Buffer.alloc(20 + padded(data.length));
  body.writeUInt32LE(node, 0);
  writeTime(body, 4, time);
  body.writeUInt32LE(data.length, 12);
  body.writeUInt32LE(Math.max(wireLength, data.length), 16);
  body.set(data, 20);
  return block(
    ENHANCED_PACKET,
    body,
    comment === undefined ? Buffer.alloc(0) : options([[COMMENT, Buffer.from(comment)]]),
  );
}

export interface InterfaceStatistics {
  received: number;
  interfaceDrops: number;
  kernelDrops: number;
}

/** What interface `node` had seen and lost at `time` (µs) since its worker started. */
export function interfaceStatistics(node: number, time: number, statistics: InterfaceStatistics): Uint8Array {
  const body = Buffer.alloc(12);
  body.writeUInt32LE(node, 0);
  writeTime(body, 4, time);
  return block(
    INTERFACE_STATISTICS,
    body,
    options([
      [RECEIVED, count(statistics.received)],
      [INTERFACE_DROPS, count(statistics.interfaceDrops)],
      [KERNEL_DROPS, count(statistics.kernelDrops)],
    ]),
  );
}

function block(type: number, body: Uint8Array, rest: Uint8Array): Uint8Array {
  const length = 12 + body.length + rest.length;
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  return Buffer.concat([head, body, rest, head.subarray(4)]);
}

function options(list: readonly (readonly [code: number, value: Uint8Array])[]): Buffer {
  return Buffer.concat([...list.map(([code, value]) => option(code, value)), Buffer.alloc(4)]);
}

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
