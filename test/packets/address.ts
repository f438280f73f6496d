/** An IP address: text, or its 4 or 16 bytes (quicker where thousands of packets bear the same one). */
export type Address = string | Uint8Array;

/** The 4 bytes of `10.0.0.1`, the 16 bytes of `fd00::1`. */
export function addressBytes(address: Address): Uint8Array {
  if (typeof address !== 'string') return address;
  return address.includes(':') ? ipv6Bytes(address) : ipv4Bytes(address);
}

function ipv4Bytes(text: string): Uint8Array {
  const octets = text.split('.').map(Number);
  if (octets.length !== 4 || octets.some((octet) => !(octet >= 0 && octet <= 255))) {
    throw new TypeError(`not an IPv4 address: ${text}`);
  }
  return Uint8Array.from(octets);
}

function ipv6Bytes(text: string): Uint8Array {
  const [head = '', tail] = text.split('::');
  const left = groups(head);
  const right = groups(tail ?? '');
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 0) throw new TypeError(`not an IPv6 address: ${text}`);
  const words = [...left, ...Array<number>(missing).fill(0), ...right];
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
