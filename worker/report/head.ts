const COLON = 58;
const SPACE = 32;

/**
 * Whether the field lines `first` to `last` of a head stand one behind the other with nothing between them but
 * a colon, white space and line ends: then they can be copied as they are.
 */
export function isDense(bytes: Uint8Array, fields: Int32Array, first: number, last: number): boolean {
  for (let at = first << 2; at < last << 2; at += 4) {
    const nameEnd = fields[at + 1];
    if (nameEnd === fields[at] || bytes[nameEnd] !== COLON) return false;
    if (!isBlank(bytes, nameEnd + 1, fields[at + 2])) return false;
    if (at + 4 < last << 2 && !isBlank(bytes, fields[at + 3], fields[at + 4])) return false;
  }
  return true;
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  if (end < start) return false;
  for (let i = start; i < end; i++) if (bytes[i] > SPACE) return false;
  return true;
}
