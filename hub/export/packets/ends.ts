import { formatAddress } from '../../../flow/address.ts';
import type { ExchangeMark, SocketAddress } from '../../../flow/exchange-mark.ts';

/** Lengths of the IP headers that recorded packets have: no options, no extensions. */
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

/** Whether a TCP packet (from its IP header on) goes from one of the ends to the other, in either direction. */
export function isBetween(packet: Uint8Array, { src, dst }: NonNullable<ExchangeMark['ends']>): boolean {
  const isV4 = packet[0]! >> 4 === 4;
  const [header, addresses, length] = isV4 ? [IPV4_HEADER, 12, 4] : [IPV6_HEADER, 8, 16];
  const at = (end: number): SocketAddress => {
    const own = packet.subarray(addresses + end * length, addresses + (end + 1) * length);
    return {
      ip: formatAddress(isV4 ? Uint8Array.of(...MAPPED, ...own) : own, 0),
      port: (packet[header + 2 * end]! << 8) | packet[header + 2 * end + 1]!,
    };
  };
  const [from, to] = [at(0), at(1)];
  return (isSame(from, src) && isSame(to, dst)) || (isSame(from, dst) && isSame(to, src));
}

function isSame(a: SocketAddress, b: SocketAddress): boolean {
  return a.ip === b.ip && a.port === b.port;
}
