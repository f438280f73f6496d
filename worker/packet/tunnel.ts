import { IpProtocol } from './ip.ts';
import { type Layer, missing, Outcome, uint16 } from './layer.ts';
import { EtherType, readEthernet, readEtherType } from './link.ts';

/**
 * UDP ports of tunnels: IANA's for VXLAN and Geneve, and 8472, which Linux took before there was one
 * (flannel).
 */
export const TunnelPort = { vxlan: 4789, vxlanLinux: 8472, geneve: 6081 } as const;

/**
 * Reads what carries another IP packet: VXLAN, Geneve, GRE, IP in IP. On `ok` the layer stands at the inner
 * IP header; anything else that is not TCP is `notTcp`.
 */
export function readTunnel(data: Uint8Array, layer: Layer): Outcome {
  switch (layer.protocol) {
    case IpProtocol.udp:
      return readUdp(data, layer);
    case IpProtocol.ipv4:
      layer.etherType = EtherType.ipv4;
      return Outcome.ok;
    case IpProtocol.ipv6:
      layer.etherType = EtherType.ipv6;
      return Outcome.ok;
    case IpProtocol.gre:
      return readGre(data, layer);
    default:
      return Outcome.notTcp;
  }
}

function readUdp(data: Uint8Array, layer: Layer): Outcome {
  const at = layer.at;
  if (at + 8 > layer.end) return missing(layer, 8);
  layer.at = at + 8;
  switch (uint16(data, at + 2)) {
    case TunnelPort.vxlan:
    case TunnelPort.vxlanLinux:
      return readVxlan(data, layer);
    case TunnelPort.geneve:
      return readGeneve(data, layer);
    default:
      return Outcome.notTcp;
  }
}

/** RFC 7348 §5. Without the flag of a valid network identifier it is something else on that port. */
function readVxlan(data: Uint8Array, layer: Layer): Outcome {
  const at = layer.at;
  if (at + 8 > layer.end) return missing(layer, 8);
  if ((data[at]! & 0x08) === 0) return Outcome.notTcp;
  layer.at = at + 8;
  return readEthernet(data, layer);
}

/** RFC 8926 §3.4: version 0, options in words, control packets apart. */
function readGeneve(data: Uint8Array, layer: Layer): Outcome {
  const at = layer.at;
  if (at + 8 > layer.end) return missing(layer, 8);
  const first = data[at]!;
  if (first >> 6 !== 0 || (data[at + 1]! & 0x80) !== 0) return Outcome.notTcp;
  layer.etherType = uint16(data, at + 2);
  layer.at = at + 8 + ((first & 0x3f) << 2);
  return readEtherType(data, layer);
}

/** RFC 2784, RFC 2890; of RFC 1701 the routing field is not known any more. Version 1 is PPTP. */
function readGre(data: Uint8Array, layer: Layer): Outcome {
  const at = layer.at;
  if (at + 4 > layer.end) return missing(layer, 4);
  const flags = data[at]!;
  if ((flags & 0x40) !== 0 || (data[at + 1]! & 0x07) !== 0) return Outcome.notTcp;
  let length = 4;
  if ((flags & 0x80) !== 0) length += 4; // checksum
  if ((flags & 0x20) !== 0) length += 4; // key
  if ((flags & 0x10) !== 0) length += 4; // sequence number
  layer.etherType = uint16(data, at + 2);
  layer.at = at + length;
  return readEtherType(data, layer);
}
