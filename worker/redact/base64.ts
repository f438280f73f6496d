const SEXTET = new Int8Array(256).fill(-1);
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
for (let i = 0; i < 62; i++) SEXTET[ALPHABET.charCodeAt(i)] = i;
for (const [char, value] of [
  ['+', 62],
  ['-', 62],
  ['/', 63],
  ['_', 63],
] as const) {
  SEXTET[char.charCodeAt(0)] = value;
}

/** Whether `[start, end)` is base64 or base64url and every whole octet in it passes `test`. Padding ends it. */
function everyOctet(data: Uint8Array, start: number, end: number, test: (octet: number) => boolean): boolean {
  let bits = 0;
  let held = 0;
  for (let i = start; i < end; i++) {
    const sextet = SEXTET[data[i]];
    if (sextet < 0) return data[i] === 0x3d;
    held = ((held << 6) | sextet) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      if (!test((held >> bits) & 0xff)) return false;
    }
  }
  return true;
}

/** Whether base64 text decodes to printable ASCII and white space: JSON, not a word that looks like base64. */
export function decodesToAscii(data: Uint8Array, start: number, end: number): boolean {
  return everyOctet(data, start, end, isAsciiText);
}

/** Whether base64 text decodes to something with a colon: user and password (RFC 7617). */
export function decodesToPair(data: Uint8Array, start: number, end: number): boolean {
  return !everyOctet(data, start, end, isNotColon);
}

function isAsciiText(octet: number): boolean {
  return (octet >= 0x20 && octet < 0x7f) || octet === 0x09 || octet === 0x0a || octet === 0x0d;
}

function isNotColon(octet: number): boolean {
  return octet !== 0x3a;
}
