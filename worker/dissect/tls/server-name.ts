/** TLS record and handshake types (RFC 8446 §5.1, §4). */
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
/** The extension server_name and its only type of name (RFC 6066 §3). */
const SERVER_NAME = 0;
const HOST_NAME = 0;

const RECORD_HEADER = 5;
const HANDSHAKE_HEADER = 4;
/** legacy_version, random. */
const FIXED = 2 + 32;
const MAX_NAME = 253;

/** Letters, digits, hyphens, underscores and dots: what is no name of a host is none. */
const NAME = /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;

/**
 * The server that a ClientHello asks for, in lower case, as far as the hello is in `data[start, end)`; '' where that is none, or
 * says nothing of it. Of an encrypted hello (ECH) it is the name that everybody may read.
 */
export function readServerName(data: Uint8Array, start: number, end: number): string {
  let at = start + RECORD_HEADER;
  if (at + HANDSHAKE_HEADER + FIXED >= end || data[start] !== HANDSHAKE || data[at] !== CLIENT_HELLO)
    return '';
  at += HANDSHAKE_HEADER + FIXED;
  at = afterVector(data, at, 1, end); // legacy_session_id
  at = afterVector(data, at, 2, end); // cipher_suites
  at = afterVector(data, at, 1, end); // legacy_compression_methods
  const extensionsEnd = Math.min(end, afterVector(data, at, 2, end));
  at += 2;
  while (at + 4 <= extensionsEnd) {
    const type = uint16(data, at);
    const next = afterVector(data, at + 2, 2, end);
    if (type === SERVER_NAME) return hostName(data, at + 4, Math.min(next, extensionsEnd));
    at = next;
  }
  return '';
}

/** The first name of a ServerNameList. */
function hostName(data: Uint8Array, at: number, end: number): string {
  if (at + 5 > end || data[at + 2] !== HOST_NAME) return '';
  const length = uint16(data, at + 3);
  const from = at + 5;
  if (length === 0 || length > MAX_NAME || from + length > end) return '';
  let name = '';
  for (let i = from; i < from + length; i++) name += String.fromCharCode(data[i]!);
  return NAME.test(name) ? name.toLowerCase() : '';
}

/** Behind a vector whose length stands before it in `width` octets; beyond `end` where it does not end before. */
function afterVector(data: Uint8Array, at: number, width: 1 | 2, end: number): number {
  if (at + width > end) return end + 1;
  return at + width + (width === 1 ? data[at]! : uint16(data, at));
}

function uint16(data: Uint8Array, at: number): number {
  return (data[at]! << 8) | data[at + 1]!;
}
