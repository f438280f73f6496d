import { int32, type Layer, missing, Outcome, uint16 } from './layer.ts';
import type { Packet } from './packet.ts';

/** Internet protocol numbers that matter here (IANA "protocol-numbers"). */
export const IpProtocol = {
  hopByHop: 0,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  gre: 47,
  authentication: 51,
  noNext: 59,
  destinationOptions: 60,
  mobility: 135,
  hip: 139,
  shim6: 140,
} as const;

const IPV4_MAPPED = 0xffff;

/**
 * Reads an IPv4 header (RFC 791 §3.1). A total length of 0 is what the kernel shows of a segment that the
 * network card is to cut up (TSO): then the frame's length counts. The checksum is not looked at.
 */
export function readIpv4(packet: Packet, layer: Layer): Outcome {
  const data = packet.data;
  const at = layer.at;
  if (at + 20 > layer.end) return missing(layer, 20);
  const first = data[at]!;
  const headerLength = (first & 0x0f) << 2;
  const totalLength = uint16(data, at + 2);
  if (first >> 4 !== 4 || headerLength < 20) return Outcome.malformed;
  if (totalLength !== 0) {
    if (totalLength < headerLength) return Outcome.malformed;
    endAt(layer, at + totalLength);
  }
  if (at + headerLength > layer.end) return missing(layer, headerLength);

  packet.ipVersion = 4;
  packet.ipId = uint16(data, at + 4);
  packet.src0 = packet.src1 = packet.dst0 = packet.dst1 = 0;
  packet.src2 = packet.dst2 = IPV4_MAPPED;
  packet.src3 = int32(data, at + 12);
  packet.dst3 = int32(data, at + 16);
  layer.protocol = data[at + 9]!;
  layer.at = at + headerLength;

  const fragment = uint16(data, at + 6) & 0x3fff;
  if (fragment === 0) return Outcome.ok;
  layer.fragmentOffset = (fragment & 0x1fff) << 3;
  layer.moreFragments = (fragment & 0x2000) !== 0;
  layer.fragmentId = packet.ipId;
  return Outcome.fragment;
}

/**
 * Reads an IPv6 header and its extension headers (RFC 8200 §3, §4). A payload length of 0 stands for more
 * than 65,535 bytes (RFC 2675, Linux' BIG TCP): then the frame's length counts.
 */
export function readIpv6(packet: Packet, layer: Layer): Outcome {
  const data = packet.data;
  const at = layer.at;
  if (at + 40 > layer.end) return missing(layer, 40);
  if (data[at]! >> 4 !== 6) return Outcome.malformed;
  const payloadLength = uint16(data, at + 4);
  if (payloadLength !== 0) endAt(layer, at + 40 + payloadLength);

  packet.ipVersion = 6;
  packet.ipId = -1;
  packet.src0 = int32(data, at + 8);
  packet.src1 = int32(data, at + 12);
  packet.src2 = int32(data, at + 16);
  packet.src3 = int32(data, at + 20);
  packet.dst0 = int32(data, at + 24);
  packet.dst1 = int32(data, at + 28);
  packet.dst2 = int32(data, at + 32);
  packet.dst3 = int32(data, at + 36);
  layer.protocol = data[at + 6]!;
  layer.at = at + 40;
  return layer.protocol === IpProtocol.tcp ? Outcome.ok : readExtensions(data, layer);
}

/** Goes through the extension headers that stand at the layer; each one moves it on by at least 8 bytes. */
export function readExtensions(data: Uint8Array, layer: Layer): Outcome {
  for (;;) {
    const at = layer.at;
    switch (layer.protocol) {
      case IpProtocol.hopByHop:
      case IpProtocol.routing:
      case IpProtocol.destinationOptions:
      case IpProtocol.mobility:
      case IpProtocol.hip:
      case IpProtocol.shim6:
        if (at + 8 > layer.end) return missing(layer, 8);
        layer.at = at + ((data[at + 1]! + 1) << 3);
        break;
      case IpProtocol.authentication: // RFC 4302 §2.2: counts words, less 2
        if (at + 8 > layer.end) return missing(layer, 8);
        layer.at = at + ((data[at + 1]! + 2) << 2);
        break;
      case IpProtocol.fragment:
        if (at + 8 > layer.end) return missing(layer, 8);
        layer.at = at + 8;
        if ((uint16(data, at + 2) & 0xfff9) !== 0) {
          layer.protocol = data[at]!;
          layer.fragmentOffset = uint16(data, at + 2) & 0xfff8;
          layer.moreFragments = (data[at + 3]! & 1) !== 0;
          layer.fragmentId = int32(data, at + 4);
          return Outcome.fragment;
        }
        break;
      default:
        return Outcome.ok;
    }
    layer.protocol = data[at]!;
  }
}

/**
 * The IP header rules over the frame: past its length there is only padding, or bytes that were not captured.
 */
function endAt(layer: Layer, wireEnd: number): void {
  layer.wireEnd = wireEnd;
  if (wireEnd < layer.end) layer.end = wireEnd;
}
