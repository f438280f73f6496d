/** Octets as the classic three columns: offset, sixteen octets in hex, printable ASCII. */
export function hexDump(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const lines: string[] = [];
  for (let at = start; at < Math.min(end, bytes.length); at += 16) {
    const row = bytes.subarray(at, Math.min(at + 16, end));
    let hex = '';
    let text = '';
    for (let n = 0; n < 16; n++) {
      const byte = row[n];
      hex += `${byte === undefined ? '  ' : byte.toString(16).padStart(2, '0')}${n === 7 ? '  ' : ' '}`;
      if (byte !== undefined) text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
    }
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex} ${text}`);
  }
  return lines.join('\n');
}

/** Octets of base64 text; empty if it is not. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array(0);
  }
}
