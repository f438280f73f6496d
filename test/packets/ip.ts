import { type Address, addressBytes } from './address.ts';
import { type Content, concat, put16, put32, toBytes } from './bytes.ts';
import { checksum, wordSum } from './checksum.ts';

/** Internet protocol numbers that the builders know. */
export const IpProtocol = {
  hopByHop: 0,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  gre: 47,
  destinationOptions: 60,
} as const;

export interface Ipv4Fields {
  src: Address;
  dst: Address;
  /** Default TCP. */
  protocol?: number;
  payload: Content;
  /** Identification; default 0. */
  id?: number;
  ttl?: number;
  /** Padded with zeros to whole words; at most 40 bytes. */
  options?: Uint8Array;
  dontFragment?: boolean;
  moreFragments?: boolean;
  /** In bytes, a multiple of 8. */
  fragmentOffset?: number;
  /** What the header says; default the truth. 0 is what some captures of segmentation offload say. */
  totalLength?: number;
}

/**
 * An IPv4 packet (RFC 791). The checksums of its header, and of TCP or UDP inside an unfragmented one, are
 * right.
 */
export function ipv4(fields: Ipv4Fields): Uint8Array {
  const payload = toBytes(fields.payload);
  const options = fields.options;
  const headerLength = 20 + (options === undefined ? 0 : (options.length + 3) & ~3);
  const src = addressBytes(fields.src);
  const dst = addressBytes(fields.dst);
  const protocol = fields.protocol ?? IpProtocol.tcp;
  const offset = fields.fragmentOffset ?? 0;

  const packet = new Uint8Array(headerLength + payload.length);
  packet[0] = 0x40 | (headerLength >> 2);
  put16(packet, 2, fields.totalLength ?? packet.length);
  put16(packet, 4, fields.id ?? 0);
  put16(packet, 6, (fields.dontFragment ? 0x4000 : 0) | (fields.moreFragments ? 0x2000 : 0) | (offset >> 3));
  packet[8] = fields.ttl ?? 64;
  packet[9] = protocol;
  packet.set(src, 12);
  packet.set(dst, 16);
  if (options !== undefined) packet.set(options, 20);
  put16(packet, 10, checksum(packet, 0, headerLength));
  packet.set(payload, headerLength);
  if (offset === 0 && !fields.moreFragments) fillChecksum(packet, headerLength, protocol, src, dst);
  return packet;
}

/**
 * Cuts an IPv4 packet into fragments that carry at most `size` bytes of its payload each (a multiple of 8).
 */
export function ipv4Fragments(packet: Uint8Array, size: number): Uint8Array[] {
  const headerLength = (packet[0]! & 0x0f) << 2;
  const payload = packet.subarray(headerLength);
  const fragments: Uint8Array[] = [];
  for (let offset = 0; offset < payload.length; offset += size) {
    const part = payload.subarray(offset, offset + size);
    const more = offset + size < payload.length;
    const fragment = concat(packet.subarray(0, headerLength), part);
    put16(fragment, 2, fragment.length);
    put16(fragment, 6, (more ? 0x2000 : 0) | (offset >> 3));
    put16(fragment, 10, 0);
    put16(fragment, 10, checksum(fragment, 0, headerLength));
    fragments.push(fragment);
  }
  return fragments;
}

/**
 * An IPv6 extension header of the common form (RFC 8200 §4): its number and what follows its first two bytes.
 */
export interface Ipv6Extension {
  type: number;
  /** Padded with zeros so that the header is a multiple of 8 bytes. */
  body: Uint8Array;
}

export interface Ipv6Fields {
  src: Address;
  dst: Address;
  /** Protocol of the payload, after all extension headers. Default TCP. */
  protocol?: number;
  payload: Content;
  extensions?: readonly Ipv6Extension[];
  /** What the header says; default the truth. */
  payloadLength?: number;
}

/**
 * An IPv6 packet (RFC 8200) with its extension headers in the given order; TCP and UDP checksums are right.
 */
export function ipv6(fields: Ipv6Fields): Uint8Array {
  const payload = toBytes(fields.payload);
  const src = addressBytes(fields.src);
  const dst = addressBytes(fields.dst);
  const protocol = fields.protocol ?? IpProtocol.tcp;
  const extensions = fields.extensions ?? [];
  const extended = extensions.map((extension, i) =>
    extensionHeader(extension.body, extensions[i + 1]?.type ?? protocol),
  );
  const headerLength = 40 + extended.reduce((sum, header) => sum + header.length, 0);

  const packet = new Uint8Array(headerLength + payload.length);
  packet[0] = 0x60;
  put16(packet, 4, fields.payloadLength ?? packet.length - 40);
  packet[6] = extensions[0]?.type ?? protocol;
  packet[7] = 64;
  packet.set(src, 8);
  packet.set(dst, 24);
  let at = 40;
  for (const header of extended) {
    packet.set(header, at);
    at += header.length;
  }
  packet.set(payload, headerLength);
  if (!extensions.some(({ type }) => type === IpProtocol.fragment)) {
    fillChecksum(packet, headerLength, protocol, src, dst);
  }
  return packet;
}

/**
 * Cuts an IPv6 packet without extension headers into fragments of at most `size` payload bytes (a multiple of
 * 8).
 */
export function ipv6Fragments(packet: Uint8Array, size: number, identification: number): Uint8Array[] {
  const payload = packet.subarray(40);
  const fragments: Uint8Array[] = [];
  for (let offset = 0; offset < payload.length; offset += size) {
    const more = offset + size < payload.length;
    const fragmentHeader = new Uint8Array(6);
    put16(fragmentHeader, 0, offset | (more ? 1 : 0));
    put32(fragmentHeader, 2, identification);
    fragments.push(
      ipv6({
        src: packet.subarray(8, 24),
        dst: packet.subarray(24, 40),
        protocol: packet[6]!,
        extensions: [{ type: IpProtocol.fragment, body: fragmentHeader }],
        payload: payload.subarray(offset, offset + size),
      }),
    );
  }
  return fragments;
}

function extensionHeader(body: Uint8Array, next: number): Uint8Array {
  const header = new Uint8Array((2 + body.length + 7) & ~7);
  header[0] = next;
  header[1] = (header.length >> 3) - 1;
  header.set(body, 2);
  return header;
}

/** RFC 9293 §3.1, RFC 768, RFC 8200 §8.1. Leaves bytes that are too short to have a checksum field alone. */
function fillChecksum(
  packet: Uint8Array,
  start: number,
  protocol: number,
  src: Uint8Array,
  dst: Uint8Array,
): void {
  const field = protocol === IpProtocol.tcp ? 16 : protocol === IpProtocol.udp ? 6 : -1;
  if (field < 0 || packet.length < start + field + 2) return;
  const pseudoHeader = wordSum(src) + wordSum(dst) + protocol + (packet.length - start);
  put16(packet, start + field, 0);
  put16(packet, start + field, checksum(packet, start, packet.length, pseudoHeader));
}
