/**
 * One packet on its way through the worker: `capture/` fills the first part, `packet/` the second,
 * `tcp/` reads both. A single instance is used again and again, so nothing is allocated per packet and
 * nothing in here may be kept after the call that received it.
 *
 * Integers that can pass 2^31 (addresses, sequence numbers) are held as signed 32-bit values (`| 0`):
 * those stay small integers in the engine, and `(a - b) | 0` is RFC 9293 sequence arithmetic.
 */
export class Packet {
  /** Holds the frame in `[start, end)`. After `decode` it may be another buffer (reassembled fragments). */
  data: Uint8Array = EMPTY;
  start = 0;
  /** Where in `data` room for copies begins (frame-memory.ts), a multiple of 8; -1: there is none. */
  copyRoom = -1;
  /** End of the captured bytes. */
  end = 0;
  /** Length on the wire in bytes; larger than `end - start` when the snapshot length cut the frame. */
  wireLength = 0;
  /** Microseconds since the Unix epoch; may have a fraction (nanosecond captures). */
  time = 0;
  /** LINKTYPE_* of the frame (https://www.tcpdump.org/linktypes.html). */
  linkType = 0;
  /** Which interface saw it: index in the file or live source, or the SLL2 interface index. */
  interfaceId = 0;

  /** 4 or 6. IPv4 addresses stand as IPv4-mapped IPv6: (0, 0, 0xffff, address). */
  ipVersion = 0;
  src0 = 0;
  src1 = 0;
  src2 = 0;
  src3 = 0;
  dst0 = 0;
  dst1 = 0;
  dst2 = 0;
  dst3 = 0;
  /** IPv4 identification, or -1 (IPv6). Tells a copy of a packet from a retransmission. */
  ipId = -1;
  srcPort = 0;
  dstPort = 0;
  seq = 0;
  ack = 0;
  /** TCP flags, low 8 bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
  flags = 0;
  window = 0;
  /** Urgent pointer; meaningful with URG. */
  urgent = 0;
  /** TCP timestamp option, or 0: TSval, TSecr (RFC 7323). */
  tsVal = 0;
  tsEcr = 0;
  /** Where the TCP header begins in `data`. */
  tcpStart = 0;
  /** Captured TCP payload: `data[payloadStart, payloadEnd)`. */
  payloadStart = 0;
  payloadEnd = 0;
  /** TCP payload length on the wire, from the IP header: what was not captured is a hole of known size. */
  payloadLength = 0;
}

const EMPTY = new Uint8Array(0);

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;
export const URG = 32;
