/**
 * The Internet checksum (RFC 1071) of `data[start, end)`, begun with `sum`: the plain sum of 16-bit words
 * of a pseudo-header, or 0.
 */
export function checksum(data: Uint8Array, start: number, end: number, sum = 0): number {
  let at = start;
  for (; at + 1 < end; at += 2) sum += (data[at]! << 8) | data[at + 1]!;
  if (at < end) sum += data[at]! << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** Sum of the 16-bit words of an address, as it enters the pseudo-header of TCP and UDP. */
export function wordSum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!;
  return sum;
}
