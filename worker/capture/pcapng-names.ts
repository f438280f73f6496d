import { formatAddress } from '../../flow/address.ts';
import { type AddressNames, isAddressName } from '../../flow/address-names.ts';
import { uint16 } from './format.ts';
import type { FileStats } from './source.ts';

const RECORD_END = 0;
const IPV4 = 1;
const IPV6 = 2;
/** Of one address; the first ones are left out, and counted. */
const MAX_NAMES = 8;

/**
 * Reads the body of a name resolution block (draft-ietf-opsawg-pcapng §4.5), `data[start, end)`: records of an address and its names,
 * each with a zero behind it. What is no address of IP, and what is no name, is left out; a record that runs over its block ends there.
 * No more than `most` addresses are read, the names of others are counted.
 */
export function readNames(
  data: Uint8Array,
  start: number,
  end: number,
  little: boolean,
  most: number,
  stats: Pick<FileStats, 'namesLeftOut'>,
): AddressNames[] {
  const found: AddressNames[] = [];
  for (let at = start; at + 4 <= end; ) {
    const type = uint16(data, at, little);
    const length = uint16(data, at + 2, little);
    const value = at + 4;
    at = value + ((length + 3) & ~3);
    if (type === RECORD_END || value + length > end) break;
    const addressLength = type === IPV4 ? 4 : type === IPV6 ? 16 : 0;
    if (addressLength === 0 || length <= addressLength) continue;
    const names = Buffer.from(data.subarray(value + addressLength, value + length))
      .toString('latin1')
      .split('\0')
      .filter(isAddressName);
    if (names.length === 0) continue;
    const read = found.length < most ? names.slice(-MAX_NAMES) : [];
    stats.namesLeftOut += names.length - read.length;
    if (read.length > 0) found.push([textOf(data, value, addressLength), ...read]);
  }
  return found;
}

function textOf(data: Uint8Array, at: number, length: number): string {
  if (length === 16) return formatAddress(data, at);
  return data.subarray(at, at + length).join('.');
}
