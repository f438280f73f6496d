/** The Internet checksum (RFC 1071) of `data[start, end)`, begun with `sum`: the sum of words of a pseudo-header, or 0. */
export function checksum(data: Uint8Array, start: number, end: number, sum = 0): number {
  let folded = sum + wordSum(data, start, end);
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

/** Sum of the 16-bit words of `data[start, end)`, filled up with a zero. */
export function wordSum(data: Uint8Array, start: number, end: number): number {
  let sum = 0;
  let at = start;
  for (; at + 1 < end; at += 2) sum += (data[at] << 8) | data[at + 1];
  return at < end ? sum + (data[at] << 8) : sum;
}
