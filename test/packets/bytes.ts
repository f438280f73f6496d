/** Bytes as the builders take them: bytes, or text that becomes UTF-8. */
export type Content = Uint8Array | string;

const encoder = new TextEncoder();

export function toBytes(content: Content): Uint8Array {
  return typeof content === 'string' ? encoder.encode(content) : content;
}

/** Bytes from hexadecimal digits; spaces and line ends do not count: `hex('de ad be ef')`. */
export function hex(digits: string): Uint8Array {
  const compact = digits.replace(/\s+/g, '');
  if (compact.length % 2 !== 0 || /[^0-9a-f]/i.test(compact))
    throw new TypeError(`not hexadecimal: ${digits}`);
  return Uint8Array.from({ length: compact.length / 2 }, (_, i) =>
    Number.parseInt(compact.slice(2 * i, 2 * i + 2), 16),
  );
}

export function concat(...parts: readonly Content[]): Uint8Array {
  return join(parts.map(toBytes));
}

/** `concat` for lists of any length. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** Writes `value` big endian at `at`: network byte order, whatever the sign of `value`. */
export function put16(to: Uint8Array, at: number, value: number): void {
  to[at] = value >>> 8;
  to[at + 1] = value;
}

export function put32(to: Uint8Array, at: number, value: number): void {
  to[at] = value >>> 24;
  to[at + 1] = value >>> 16;
  to[at + 2] = value >>> 8;
  to[at + 3] = value;
}
