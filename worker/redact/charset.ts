import { isUtf8 } from 'node:buffer';
import type { MediaType } from './media.ts';

/** Bodies in UTF-8, whatever they were written in: names and secrets can then be found as ASCII. */

const UTF8_NAMES = new Set(['utf-8', 'utf8', 'unicode-1-1-utf-8', 'us-ascii', 'ascii', '']);
/** An encoding declared inside a document stands near its beginning. */
const PROLOG = 1024;

/** Text as UTF-8. `data` may be what was given. */
export interface Utf8Text {
  readonly data: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * The text in UTF-8 without a byte order mark. `undefined`: it is not valid in its charset, or no such charset is
 * known (`isKnownCharset`). With `open` the last character may be cut in two; what there is of it is left out.
 */
export function toUtf8(
  data: Uint8Array,
  start: number,
  end: number,
  media: MediaType,
  open: boolean,
): Utf8Text | undefined {
  const charset = charsetOf(data, start, end, media);
  if (UTF8_NAMES.has(charset)) {
    if (end - start >= 3 && data[start] === 0xef && data[start + 1] === 0xbb && data[start + 2] === 0xbf)
      start += 3;
    if (open) end = characterBoundary(data, start, end);
    if (isUtf8(data.subarray(start, end))) return { data, start, end };
    // Text without a charset was ISO 8859-1 once (RFC 2616 §3.7.1), and is with old servers.
    return charset === '' && media.mime.startsWith('text/')
      ? decode(data, start, end, 'windows-1252', open)
      : undefined;
  }
  return decode(data, start, end, charset, open);
}

/** The end, moved back before a UTF-8 character that is not all there. */
export function characterBoundary(data: Uint8Array, start: number, end: number): number {
  let lead = end - 1;
  while (lead >= start && lead > end - 4 && (data[lead] & 0xc0) === 0x80) lead--;
  if (lead < start || data[lead] < 0xc0) return end;
  const length = data[lead] >= 0xf0 ? 4 : data[lead] >= 0xe0 ? 3 : 2;
  return lead + length > end ? lead : end;
}

export function isKnownCharset(charset: string): boolean {
  try {
    new TextDecoder(charset);
    return true;
  } catch {
    return false;
  }
}

function decode(
  data: Uint8Array,
  start: number,
  end: number,
  charset: string,
  open: boolean,
): Utf8Text | undefined {
  try {
    const text = new TextDecoder(charset, { fatal: true }).decode(data.subarray(start, end), {
      stream: open,
    });
    const utf8 = Buffer.from(text);
    return { data: utf8, start: 0, end: utf8.length };
  } catch {
    return undefined;
  }
}

/** A byte order mark wins, then the header, then what the document says of itself, then zeros that show UTF-16. */
function charsetOf(data: Uint8Array, start: number, end: number, media: MediaType): string {
  const first = end > start ? data[start] : 1;
  const second = end > start + 1 ? data[start + 1] : 1;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xef && second === 0xbb) return '';
  if (media.charset !== '') return media.charset;
  if (first !== 0 && second === 0) return 'utf-16le';
  if (first === 0 && second !== 0) return 'utf-16be';
  return first === 0x3c ? declaredInside(data, start, end) : '';
}

/** `<?xml encoding="...">`, `<meta charset=...>`, `<meta content="...; charset=...">`. */
function declaredInside(data: Uint8Array, start: number, end: number): string {
  const prolog = String.fromCharCode(...data.subarray(start, Math.min(end, start + PROLOG)));
  const match = /<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)|<meta[^>]*charset\s*=\s*["']?([\w.:-]+)/i.exec(
    prolog,
  );
  return (match?.[1] ?? match?.[2] ?? '').toLowerCase();
}
