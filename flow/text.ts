const utf8 = new TextDecoder('utf-8', { fatal: true });
const latin1 = new TextDecoder('latin1');

/** Below this, building the string from char codes beats the decoder's call overhead. */
const SHORT = 96;

/** Bytes of a header, target or body as text: UTF-8 where they are valid UTF-8, else ISO-8859-1. Never throws. */
export function bytesToText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= SHORT) {
    const text = asciiText(bytes, start, end);
    if (text !== undefined) return text;
  }
  const part = bytes.subarray(start, end);
  try {
    return utf8.decode(part);
  } catch {
    return latin1.decode(part);
  }
}

/** Undefined where a byte is none of ASCII. The codes are gathered in an array, since `apply` on bytes takes twice as long. */
function asciiText(bytes: Uint8Array, start: number, end: number): string | undefined {
  const codes = new Array<number>(end - start);
  for (let i = start; i < end; i++) {
    const code = bytes[i];
    if (code > 0x7f) return undefined;
    codes[i - start] = code;
  }
  return String.fromCharCode.apply(null, codes);
}
