import { type Content, concat, put16, put32, toBytes } from './bytes.ts';

/** UDP ports of the tunnels: IANA's VXLAN, Linux' first VXLAN (flannel), Geneve. */
export const TunnelPort = { vxlan: 4789, vxlanLinux: 8472, geneve: 6081 } as const;

/** A UDP datagram (RFC 768); `ipv4` and `ipv6` fill in the checksum. */
export function udp(fields: { srcPort: number; dstPort: number; payload: Content }): Uint8Array {
  const payload = toBytes(fields.payload);
  const header = new Uint8Array(8);
  put16(header, 0, fields.srcPort);
  put16(header, 2, fields.dstPort);
  put16(header, 4, 8 + payload.length);
  return concat(header, payload);
}

/** VXLAN (RFC 7348): the payload of a UDP datagram that holds an Ethernet frame. */
export function vxlan(fields: { vni: number; frame: Uint8Array }): Uint8Array {
  const header = new Uint8Array(8);
  header[0] = 0x08;
  put32(header, 4, fields.vni << 8);
  return concat(header, fields.frame);
}

/** Geneve (RFC 8926): protocol 0x6558 is an Ethernet frame; options are whole words. */
export function geneve(fields: {
  vni: number;
  protocol: number;
  options?: Uint8Array;
  payload: Content;
}): Uint8Array {
  const options = fields.options ?? new Uint8Array(0);
  const header = new Uint8Array(8);
  header[0] = options.length >> 2;
  put16(header, 2, fields.protocol);
  put32(header, 4, fields.vni << 8);
  return concat(header, options, fields.payload);
}

/** GRE (RFC 2784, RFC 2890), version 0: each field that is given is present in the header. */
export function gre(fields: {
  protocol: number;
  payload: Content;
  checksum?: number;
  key?: number;
  sequence?: number;
}): Uint8Array {
  const header = new Uint8Array(4);
  const optional: Uint8Array[] = [];
  for (const [bit, value] of [
    [0x80, fields.checksum],
    [0x20, fields.key],
    [0x10, fields.sequence],
  ] as const) {
    if (value === undefined) continue;
    header[0]! |= bit;
    const word = new Uint8Array(4);
    put32(word, 0, value);
    optional.push(word);
  }
  put16(header, 2, fields.protocol);
  return concat(header, ...optional, fields.payload);
}
