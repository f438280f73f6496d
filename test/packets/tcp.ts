import { type Content, put16, put32, toBytes } from './bytes.ts';

export interface TcpFields {
  srcPort: number;
  dstPort: number;
  /** Any integer: taken modulo 2^32. */
  seq?: number;
  ack?: number;
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32; default ACK. */
  flags?: number;
  window?: number;
  urgent?: number;
  /** Option bytes, padded with zeros to whole words. */
  options?: Uint8Array;
  payload?: Content;
}

const NO_BYTES = new Uint8Array(0);

/** A TCP segment (RFC 9293 §3.1); `ipv4` and `ipv6` fill in the checksum. */
export function tcp(fields: TcpFields): Uint8Array {
  const payload = toBytes(fields.payload ?? NO_BYTES);
  const options = fields.options ?? NO_BYTES;
  const headerLength = 20 + ((options.length + 3) & ~3);

  const segment = new Uint8Array(headerLength + payload.length);
  put16(segment, 0, fields.srcPort);
  put16(segment, 2, fields.dstPort);
  put32(segment, 4, fields.seq ?? 0);
  put32(segment, 8, fields.ack ?? 0);
  segment[12] = (headerLength >> 2) << 4;
  segment[13] = fields.flags ?? 16;
  put16(segment, 14, fields.window ?? 0xffff);
  put16(segment, 18, fields.urgent ?? 0);
  segment.set(options, 20);
  segment.set(payload, headerLength);
  return segment;
}

/** The timestamps option behind two NOPs, as every system sends it (RFC 7323, appendix A): 12 bytes. */
export function timestampOption(value: number, echoReply: number): Uint8Array {
  const option = Uint8Array.of(1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0);
  put32(option, 4, value);
  put32(option, 8, echoReply);
  return option;
}

/** Maximum segment size (RFC 9293 §3.2): 4 bytes. */
export function mssOption(size: number): Uint8Array {
  return Uint8Array.of(2, 4, size >> 8, size);
}
