const CHUNK = 0x8000;

/** Base64 of a range of bytes (RFC 4648 §4). */
export function bytesToBase64(bytes: Uint8Array, start: number, end: number): string {
  let binary = '';
  for (let at = start; at < end; at += CHUNK) {
    const part = bytes.subarray(at, Math.min(at + CHUNK, end));
    binary += String.fromCharCode.apply(null, part as unknown as number[]);
  }
  return btoa(binary);
}
