import { int32, type Layer, missing, Outcome, uint16 } from './layer.ts';
import type { Packet } from './packet.ts';

/**
 * LINKTYPE_* values that can be read (https://www.tcpdump.org/linktypes.html). Raw IP has several numbers by
 * system.
 */
export const LinkType = {
  null: 0,
  ethernet: 1,
  rawBsd: 12,
  rawOpenBsd: 14,
  raw: 101,
  loop: 108,
  linuxSll: 113,
  ipv4: 228,
  ipv6: 229,
  linuxSll2: 276,
} as const;

export const EtherType = {
  ipv4: 0x0800,
  ipv6: 0x86dd,
  /** An Ethernet frame inside Geneve, GRE or SLL (RFC 1701: transparent Ethernet bridging). */
  ethernet: 0x6558,
  vlan: 0x8100,
  serviceVlan: 0x88a8,
  /** Tags in tags, by makers of before IEEE 802.1ad. */
  oldServiceVlan: 0x9100,
  pppoeSession: 0x8864,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
} as const;

/** Values below are the length of an IEEE 802.3 frame, not a type. */
const LEAST_ETHERTYPE = 0x0600;

/** Reads the link layer of a captured frame. On `ok` the layer stands at an IPv4 or IPv6 header. */
export function readLink(packet: Packet, layer: Layer): Outcome {
  switch (packet.linkType) {
    case LinkType.ethernet:
      return readEthernet(packet.data, layer);
    case LinkType.linuxSll:
      return readLinuxSll(packet.data, layer);
    case LinkType.linuxSll2:
      return readLinuxSll2(packet, layer);
    case LinkType.raw:
    case LinkType.rawBsd:
    case LinkType.rawOpenBsd:
    case LinkType.ipv4:
    case LinkType.ipv6:
      return readIpVersion(packet.data, layer);
    case LinkType.null:
    case LinkType.loop:
      // The number of the address family differs among systems, and its byte order: the IP header is surer.
      layer.at += 4;
      return readIpVersion(packet.data, layer);
    default:
      return Outcome.unsupportedLink;
  }
}

export function readEthernet(data: Uint8Array, layer: Layer): Outcome {
  const at = layer.at;
  if (at + 14 > layer.end) return missing(layer, 14);
  layer.etherType = uint16(data, at + 12);
  layer.at = at + 14;
  return readEtherType(data, layer);
}

/** From a type to the IP header: through VLAN tags, PPPoE, MPLS, an Ethernet frame inside. */
export function readEtherType(data: Uint8Array, layer: Layer): Outcome {
  for (;;) {
    switch (layer.etherType) {
      case EtherType.ipv4:
      case EtherType.ipv6:
        return Outcome.ok;
      case EtherType.vlan:
      case EtherType.serviceVlan:
      case EtherType.oldServiceVlan:
        if (layer.at + 4 > layer.end) return missing(layer, 4);
        layer.etherType = uint16(data, layer.at + 2);
        layer.at += 4;
        break;
      case EtherType.pppoeSession:
        return readPppoe(data, layer);
      case EtherType.mpls:
      case EtherType.mplsMulticast:
        return readMpls(data, layer);
      case EtherType.ethernet:
        if (layer.at + 14 > layer.end) return missing(layer, 14);
        layer.etherType = uint16(data, layer.at + 12);
        layer.at += 14;
        break;
      default:
        return layer.etherType < LEAST_ETHERTYPE ? readSnap(data, layer) : Outcome.notTcp;
    }
  }
}

/**
 * RFC 2516 §4: version and type, code 0 for data, session, length; then the PPP protocol, whose first byte
 * may be left out when it is zero (RFC 1661 §6.5: an odd byte is the last one).
 */
function readPppoe(data: Uint8Array, layer: Layer): Outcome {
  const at = layer.at;
  if (at + 8 > layer.end) return missing(layer, 8);
  if (data[at + 1] !== 0) return Outcome.notTcp;
  const compressed = (data[at + 6]! & 1) === 1;
  const protocol = compressed ? data[at + 6]! : uint16(data, at + 6);
  layer.at = at + (compressed ? 7 : 8);
  if (protocol === 0x0021) layer.etherType = EtherType.ipv4;
  else if (protocol === 0x0057) layer.etherType = EtherType.ipv6;
  else return Outcome.notTcp;
  return Outcome.ok;
}

/** RFC 3032: labels of 4 bytes, the last one marked; what follows is not said, so the IP version tells. */
function readMpls(data: Uint8Array, layer: Layer): Outcome {
  for (;;) {
    const at = layer.at;
    if (at + 4 > layer.end) return missing(layer, 4);
    layer.at = at + 4;
    if ((data[at + 2]! & 1) === 1) return readIpVersion(data, layer);
  }
}

/** An IEEE 802.3 frame: IP only behind an LLC/SNAP header of the Internet's (RFC 1042). */
function readSnap(data: Uint8Array, layer: Layer): Outcome {
  const at = layer.at;
  if (at + 8 > layer.end) return Outcome.notTcp;
  if (int32(data, at) !== (0xaaaa0300 | 0) || data[at + 4] !== 0 || data[at + 5] !== 0) return Outcome.notTcp;
  const etherType = uint16(data, at + 6);
  if (etherType !== EtherType.ipv4 && etherType !== EtherType.ipv6) return Outcome.notTcp;
  layer.etherType = etherType;
  layer.at = at + 8;
  return Outcome.ok;
}

/** LINKTYPE_LINUX_SLL: packet type, ARPHRD, address length, 8 bytes of address, protocol. */
function readLinuxSll(data: Uint8Array, layer: Layer): Outcome {
  const at = layer.at;
  if (at + 16 > layer.end) return missing(layer, 16);
  layer.etherType = uint16(data, at + 14);
  layer.at = at + 16;
  return readEtherType(data, layer);
}

/** LINKTYPE_LINUX_SLL2: protocol, 2 reserved bytes, interface index, ARPHRD, packet type, address. */
function readLinuxSll2(packet: Packet, layer: Layer): Outcome {
  const data = packet.data;
  const at = layer.at;
  if (at + 20 > layer.end) return missing(layer, 20);
  layer.etherType = uint16(data, at);
  packet.interfaceId = int32(data, at + 4);
  layer.at = at + 20;
  return readEtherType(data, layer);
}

function readIpVersion(data: Uint8Array, layer: Layer): Outcome {
  if (layer.at >= layer.end) return missing(layer, 1);
  const version = data[layer.at]! >> 4;
  if (version === 4) layer.etherType = EtherType.ipv4;
  else if (version === 6) layer.etherType = EtherType.ipv6;
  else return Outcome.notTcp;
  return Outcome.ok;
}
