import { int32, type Layer, missing, Outcome, uint16 } from './layer.ts';
import type { Packet } from './packet.ts';

const OPTION_END = 0;
const OPTION_NOP = 1;
const OPTION_TIMESTAMPS = 8;
/** NOP, NOP, timestamps, length 10: what nearly every segment bears (RFC 7323, appendix A). */
const ALIGNED_TIMESTAMPS = 0x0101080a;

/** Reads a TCP header (RFC 9293 §3.1) and says where the payload is. The checksum is not looked at. */
export function readTcp(packet: Packet, layer: Layer): Outcome {
  const data = packet.data;
  const at = layer.at;
  if (at + 20 > layer.end) return missing(layer, 20);
  const headerLength = (data[at + 12]! >> 4) << 2;
  const payloadStart = at + headerLength;
  if (headerLength < 20 || payloadStart > layer.wireEnd) return Outcome.malformed;

  packet.tcpStart = at;
  packet.srcPort = uint16(data, at);
  packet.dstPort = uint16(data, at + 2);
  packet.seq = int32(data, at + 4);
  packet.ack = int32(data, at + 8);
  packet.flags = data[at + 13]!;
  packet.window = uint16(data, at + 14);
  packet.urgent = uint16(data, at + 18);
  packet.payloadLength = layer.wireEnd - payloadStart;
  // Where the snapshot length cut the options, the payload is a hole of known size all the same.
  packet.payloadStart = Math.min(payloadStart, layer.end);
  packet.payloadEnd = layer.end;
  packet.tsVal = 0;
  packet.tsEcr = 0;
  if (headerLength > 20) readOptions(packet, at + 20, packet.payloadStart);
  return Outcome.ok;
}

function readOptions(packet: Packet, at: number, end: number): void {
  const data = packet.data;
  if (at + 12 <= end && int32(data, at) === ALIGNED_TIMESTAMPS) {
    packet.tsVal = int32(data, at + 4);
    packet.tsEcr = int32(data, at + 8);
    return;
  }
  while (at < end) {
    const kind = data[at]!;
    if (kind === OPTION_NOP) {
      at++;
      continue;
    }
    if (kind === OPTION_END || at + 2 > end) return;
    const length = data[at + 1]!;
    if (length < 2 || at + length > end) return;
    if (kind === OPTION_TIMESTAMPS && length === 10) {
      packet.tsVal = int32(data, at + 2);
      packet.tsEcr = int32(data, at + 6);
      return;
    }
    at += length;
  }
}
