import { type Content, concat, put16, put32, toBytes } from './bytes.ts';

/** LINKTYPE_* values (https://www.tcpdump.org/linktypes.html) for which there is a builder. */
export const LinkType = {
  null: 0,
  ethernet: 1,
  raw: 101,
  loop: 108,
  linuxSll: 113,
  ipv4: 228,
  ipv6: 229,
  linuxSll2: 276,
} as const;

export const EtherType = {
  ipv4: 0x0800,
  arp: 0x0806,
  transparentEthernetBridging: 0x6558,
  vlan: 0x8100,
  ipv6: 0x86dd,
  pppoeSession: 0x8864,
  qinq: 0x88a8,
} as const;

const CLIENT_MAC = Uint8Array.of(0x02, 0, 0, 0, 0, 0x01);
const SERVER_MAC = Uint8Array.of(0x02, 0, 0, 0, 0, 0x02);

/** ETHERTYPE of an IP packet, by its version. */
export function etherTypeOf(packet: Uint8Array): number {
  return packet[0]! >> 4 === 6 ? EtherType.ipv6 : EtherType.ipv4;
}

/** A VLAN tag: its identifier, or identifier and tag protocol (0x8100, 0x88a8, 0x9100). */
export type VlanTag = number | { id: number; protocol: number };

export interface EthernetFields {
  payload: Content;
  /** Default: IPv4 or IPv6, by the first half byte of the payload. */
  etherType?: number;
  /** Outermost first. */
  vlans?: readonly VlanTag[];
  dst?: Uint8Array;
  src?: Uint8Array;
  /** Pads the frame with zeros to this length; Ethernet's own least is 60. */
  minimumLength?: number;
}

/** An Ethernet II frame with any number of VLAN tags (IEEE 802.1Q), without frame check sequence. */
export function ethernet(fields: EthernetFields): Uint8Array {
  const payload = toBytes(fields.payload);
  const vlans = fields.vlans ?? [];
  const length = 14 + 4 * vlans.length + payload.length;
  const frame = new Uint8Array(Math.max(length, fields.minimumLength ?? 0));
  frame.set(fields.dst ?? SERVER_MAC, 0);
  frame.set(fields.src ?? CLIENT_MAC, 6);
  let at = 12;
  for (const tag of vlans) {
    const { id, protocol } = typeof tag === 'number' ? { id: tag, protocol: EtherType.vlan } : tag;
    put16(frame, at, protocol);
    put16(frame, at + 2, id);
    at += 4;
  }
  put16(frame, at, fields.etherType ?? etherTypeOf(payload));
  frame.set(payload, at + 2);
  return frame;
}

/** PPPoE session payload of an Ethernet frame (RFC 2516): the header, the PPP protocol, the IP packet. */
export function pppoeSession(packet: Uint8Array): Uint8Array {
  const header = new Uint8Array(8);
  header[0] = 0x11;
  put16(header, 2, 1);
  put16(header, 4, packet.length + 2);
  put16(header, 6, etherTypeOf(packet) === EtherType.ipv6 ? 0x0057 : 0x0021);
  return concat(header, packet);
}

/** BSD null (`little` or `big`: the host's order) and OpenBSD loop (always `big`) encapsulation. */
export function nullLoopback(
  packet: Uint8Array,
  byteOrder: 'little' | 'big' = 'little',
  family?: number,
): Uint8Array {
  const header = new Uint8Array(4);
  const value = family ?? (etherTypeOf(packet) === EtherType.ipv6 ? 30 : 2);
  new DataView(header.buffer).setUint32(0, value, byteOrder === 'little');
  return concat(header, packet);
}

/** Direction in Linux cooked captures: to us, broadcast, multicast, to another host, sent by us. */
export const SllPacketType = { host: 0, broadcast: 1, multicast: 2, otherHost: 3, outgoing: 4 } as const;

export interface SllFields {
  payload: Content;
  etherType?: number;
  packetType?: number;
  /** ARPHRD_*: 1 Ethernet, 772 loopback, 778 GRE. */
  hardwareType?: number;
}

/** Linux cooked capture (LINKTYPE_LINUX_SLL): 16 bytes of header. */
export function linuxSll(fields: SllFields): Uint8Array {
  const payload = toBytes(fields.payload);
  const header = new Uint8Array(16);
  put16(header, 0, fields.packetType ?? SllPacketType.host);
  put16(header, 2, fields.hardwareType ?? 1);
  put16(header, 4, 6);
  header.set(CLIENT_MAC, 6);
  put16(header, 14, fields.etherType ?? etherTypeOf(payload));
  return concat(header, payload);
}

/** Linux cooked capture, version 2 (LINKTYPE_LINUX_SLL2): 20 bytes of header, with the interface's index. */
export function linuxSll2(fields: SllFields & { interfaceIndex?: number }): Uint8Array {
  const payload = toBytes(fields.payload);
  const header = new Uint8Array(20);
  put16(header, 0, fields.etherType ?? etherTypeOf(payload));
  put32(header, 4, fields.interfaceIndex ?? 1);
  put16(header, 8, fields.hardwareType ?? 1);
  header[10] = fields.packetType ?? SllPacketType.host;
  header[11] = 6;
  header.set(CLIENT_MAC, 12);
  return concat(header, payload);
}
