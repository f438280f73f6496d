import { checksum, wordSum } from './checksum.ts';

const TCP = 6;
const HOP_LIMIT = 64;
export const TCP_DATA_OFFSET = 12;
const TCP_CHECKSUM = 16;
const MAX_LENGTH = 0xffff;

/** One direction of a connection: addresses as in Packet, four words each. */
export interface Path {
  readonly ipVersion: number;
  readonly source: Int32Array;
  readonly destination: Int32Array;
}

/**
 * An IP packet with nothing but a TCP segment, given as captured and with its true length. Its TCP checksum is not right yet: see
 * `sealTcp`. `identification`: of IPv4, or -1.
 */
export function ipPacket(
  path: Path,
  segment: Uint8Array,
  wireLength: number,
  identification: number,
): Uint8Array {
  const headerLength = ipHeaderLength(path);
  const packet = new Uint8Array(headerLength + segment.length);
  const view = new DataView(packet.buffer);
  if (path.ipVersion === 4) {
    packet[0] = 0x45;
    // Of a segment that is longer than IP allows (offload), the length is not told: 0, as kernels do it.
    const length = headerLength + wireLength;
    view.setUint16(2, length > MAX_LENGTH ? 0 : length);
    if (identification >= 0) view.setUint16(4, identification);
    packet[8] = HOP_LIMIT;
    packet[9] = TCP;
    view.setInt32(12, path.source[3]);
    view.setInt32(16, path.destination[3]);
    view.setUint16(10, checksum(packet, 0, headerLength));
  } else {
    packet[0] = 0x60;
    view.setUint16(4, wireLength > MAX_LENGTH ? 0 : wireLength);
    packet[6] = TCP;
    packet[7] = HOP_LIMIT;
    for (let i = 0; i < 4; i++) {
      view.setInt32(8 + 4 * i, path.source[i]);
      view.setInt32(24 + 4 * i, path.destination[i]);
    }
  }
  packet.set(segment, headerLength);
  return packet;
}

export function ipHeaderLength({ ipVersion }: Pick<Path, 'ipVersion'>): number {
  return ipVersion === 4 ? 20 : 40;
}

/** Of the TCP header at `start`; the whole packet where it is shorter than it says. */
export function tcpHeaderLength(packet: Uint8Array, start: number): number {
  return Math.min((packet[start + TCP_DATA_OFFSET] >> 4) << 2, packet.length - start);
}

/** Makes the TCP checksum right (RFC 9293 §3.1). Of a segment that the snapshot length cut, nobody can check it. */
export function sealTcp(packet: Uint8Array, ipVersion: number): void {
  const start = ipHeaderLength({ ipVersion });
  packet[start + TCP_CHECKSUM] = packet[start + TCP_CHECKSUM + 1] = 0;
  const addresses = ipVersion === 4 ? wordSum(packet, 12, 20) : wordSum(packet, 8, 40);
  const sum = checksum(packet, start, packet.length, addresses + TCP + packet.length - start);
  packet[start + TCP_CHECKSUM] = sum >> 8;
  packet[start + TCP_CHECKSUM + 1] = sum & 0xff;
}
