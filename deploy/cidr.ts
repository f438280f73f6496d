/** Ranges of addresses, as Kubernetes takes them. */

import ipaddr from 'ipaddr.js';

/** `10.0.0.7` → `10.0.0.7/32`, `10.0.3.1/16` → `10.0.0.0/16`, IPv6 in its short form; undefined for all else. */
export function readCidr(text: string): string | undefined {
  const trimmed = text.trim();
  const slash = trimmed.indexOf('/');
  const address = slash === -1 ? trimmed : trimmed.slice(0, slash);
  if (!isAddress(address)) return undefined;
  if (slash === -1) return hostCidr(trimmed);
  return ipaddr.isValidCIDR(trimmed) ? rangeOf(trimmed) : undefined;
}

/** The one address in `10.0.0.7` or `10.0.0.7/24`, as a range of its own; undefined for all else. */
export function hostCidr(text: string): string | undefined {
  const [address = ''] = text.trim().split('/', 1);
  if (!isAddress(address)) return undefined;
  const parsed = ipaddr.parse(address);
  return `${parsed.toString()}/${parsed.kind() === 'ipv4' ? 32 : 128}`;
}

/** The first two addresses of a range: its `.0` and `.1`. undefined for what is no range. */
export function firstTwo(cidr: string): string | undefined {
  const range = cidr.includes('/') ? readCidr(cidr) : undefined;
  if (range === undefined) return undefined;
  const [network = '', bits] = range.split('/');
  return `${network}/${Math.max(Number(bits), network.includes(':') ? 127 : 31)}`;
}

/** The address that is `n` after the first of a range, as a range of its own. undefined for what is no range. */
export function nth(cidr: string, n: number): string | undefined {
  const range = cidr.includes('/') ? readCidr(cidr) : undefined;
  if (range === undefined) return undefined;
  const bytes = ipaddr.parse(range.split('/', 1)[0] as string).toByteArray();
  // Ranges of nodes are larger than a byte: nothing is carried.
  bytes[bytes.length - 1] = (bytes.at(-1) as number) + n;
  return hostCidr(ipaddr.fromByteArray(bytes).toString());
}

/** Whether the address is in one of the ranges, all of which are valid. */
export function isWithin(address: string, cidrs: readonly string[]): boolean {
  if (!isAddress(address)) return false;
  const parsed = ipaddr.parse(address);
  return cidrs.some((cidr) => {
    const [network, bits] = ipaddr.parseCIDR(cidr);
    return network.kind() === parsed.kind() && parsed.match(network, bits);
  });
}

function rangeOf(cidr: string): string {
  const network = cidr.includes(':')
    ? ipaddr.IPv6.networkAddressFromCIDR(cidr)
    : ipaddr.IPv4.networkAddressFromCIDR(cidr);
  return `${network.toString()}/${Number(cidr.slice(cidr.indexOf('/') + 1))}`;
}

/** Without the short, octal and zoned forms that the library reads too and Kubernetes refuses. */
function isAddress(text: string): boolean {
  return text.includes(':')
    ? ipaddr.IPv6.isValid(text) && !text.includes('%')
    : ipaddr.IPv4.isValidFourPartDecimal(text);
}
