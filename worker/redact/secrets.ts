import { decodesToAscii, decodesToPair } from './base64.ts';
import { cardEnd } from './cards.ts';
import {
  DIGIT,
  DIGITS,
  DOT,
  isLetter,
  isUpper,
  LETTERS_AND_DIGITS,
  skip,
  startsWith,
  startsWithFolded,
  TAB,
  tableOf,
  UPPER_CASE,
  WORD,
} from './octets.ts';

/**
 * Values that are secrets whatever they are called. Each begins at the start of a word; where the text is
 * `open` and a candidate runs into its end, the candidate is taken for the beginning of a secret.
 */

const SPACE = 0x20;
const BASE64URL = tableOf(`${LETTERS_AND_DIGITS}-_`);
const ALPHANUMERIC = tableOf(LETTERS_AND_DIGITS);
const UPPER_OR_DIGIT = tableOf(UPPER_CASE + DIGITS);
/** RFC 6750 §2.1 and RFC 7617 §2: token68. */
const TOKEN68 = tableOf(`${LETTERS_AND_DIGITS}-._~+/`);

interface Issued {
  readonly prefix: string;
  /** A rare and a usual octet of the prefix. */
  readonly mark: string;
  /** What follows the prefix, and at least how much of it. */
  readonly body: Uint8Array;
  readonly least: number;
  /** The number of characters is exactly `least`. */
  readonly exact?: boolean;
}

/** Keys that their issuers made recognisable. */
const ISSUED: readonly Issued[] = [
  { prefix: 'AKIA', mark: 'IA', body: UPPER_OR_DIGIT, least: 16, exact: true },
  { prefix: 'ASIA', mark: 'IA', body: UPPER_OR_DIGIT, least: 16, exact: true },
  { prefix: 'AIza', mark: 'IA', body: BASE64URL, least: 35 },
  { prefix: 'ya29.', mark: 'y.', body: BASE64URL, least: 20 },
  { prefix: 'GOCSPX-', mark: 'X-', body: BASE64URL, least: 20 },
  { prefix: 'ghp_', mark: 'h_', body: ALPHANUMERIC, least: 20 },
  { prefix: 'gho_', mark: 'h_', body: ALPHANUMERIC, least: 20 },
  { prefix: 'ghu_', mark: 'h_', body: ALPHANUMERIC, least: 20 },
  { prefix: 'ghs_', mark: 'h_', body: ALPHANUMERIC, least: 20 },
  { prefix: 'ghr_', mark: 'h_', body: ALPHANUMERIC, least: 20 },
  { prefix: 'github_pat_', mark: 'h_', body: BASE64URL, least: 20 },
  { prefix: 'glpat-', mark: 'l-', body: BASE64URL, least: 16 },
  { prefix: 'xoxa-', mark: 'x-', body: BASE64URL, least: 10 },
  { prefix: 'xoxb-', mark: 'x-', body: BASE64URL, least: 10 },
  { prefix: 'xoxe-', mark: 'x-', body: BASE64URL, least: 10 },
  { prefix: 'xoxo-', mark: 'x-', body: BASE64URL, least: 10 },
  { prefix: 'xoxp-', mark: 'x-', body: BASE64URL, least: 10 },
  { prefix: 'xoxr-', mark: 'x-', body: BASE64URL, least: 10 },
  { prefix: 'xoxs-', mark: 'x-', body: BASE64URL, least: 10 },
  { prefix: 'xapp-', mark: 'x-', body: BASE64URL, least: 10 },
  { prefix: 'sk_live_', mark: 'k_', body: ALPHANUMERIC, least: 10 },
  { prefix: 'rk_live_', mark: 'k_', body: ALPHANUMERIC, least: 10 },
  { prefix: 'sk_test_', mark: 'k_', body: ALPHANUMERIC, least: 10 },
  { prefix: 'rk_test_', mark: 'k_', body: ALPHANUMERIC, least: 10 },
  { prefix: 'whsec_', mark: 'h_', body: ALPHANUMERIC, least: 16 },
  { prefix: 'npm_', mark: 'm_', body: ALPHANUMERIC, least: 30 },
  { prefix: 'hvs.', mark: 'v.', body: BASE64URL, least: 20 },
  { prefix: 'SG.', mark: 'G.', body: TOKEN68, least: 40 },
  { prefix: 'sk-ant-', mark: 'k-', body: BASE64URL, least: 20 },
  { prefix: 'sk-proj-', mark: 'k-', body: BASE64URL, least: 20 },
  // A Kubernetes API token in Sec-WebSocket-Protocol.
  { prefix: 'base64url.bearer.authorization.k8s.io.', mark: 'z.', body: BASE64URL, least: 1 },
];

/** Two octets that each kind of secret but cards and credentials cannot lack. */
export const MARKS: readonly string[] = ['J.', 'G-', ...ISSUED.map(({ mark }) => mark)];

/** By first octet: the prefixes to try. */
const BY_FIRST: readonly (readonly Issued[])[] = Array.from({ length: 256 }, (_, octet) =>
  ISSUED.filter(({ prefix }) => prefix.charCodeAt(0) === octet),
);

const LEAD_NONE = 0;
const LEAD_DIGIT = 1;
const LEAD_SCHEME = 2;
const LEAD_ISSUED = 3;
const LEAD_JWT = 4;
const LEADS = tableOf(DIGITS, LEAD_DIGIT);
for (const { prefix } of ISSUED) LEADS[prefix.charCodeAt(0)] = LEAD_ISSUED;
LEADS[0x42] = LEAD_SCHEME;
LEADS[0x62] = LEAD_SCHEME;
LEADS[0x65] = LEAD_JWT;

/**
 * By first octet, which second octets (their low five bits) a secret may have. Rejects nearly every word of a
 * text before anything is called.
 */
const SECONDS = new Int32Array(256);
for (const digit of DIGITS) allow(digit, DIGITS);
for (const first of 'bB') allow(first, 'eEaA');
allow('e', 'y');
for (const { prefix } of ISSUED) allow(prefix[0], prefix[1]);

function allow(first: string, seconds: string): void {
  for (const second of seconds) SECONDS[first.charCodeAt(0)] |= 1 << (second.charCodeAt(0) & 31);
}

/** Whether a secret may begin with these two octets. */
export function mayBegin(first: number, second: number): boolean {
  return ((SECONDS[first] >>> (second & 31)) & 1) === 1;
}

/** End of the secret that begins at the word start `at`, or -1. `[floor, end)` is the whole text. */
export function secretEnd(data: Uint8Array, at: number, floor: number, end: number, open: boolean): number {
  switch (LEADS[data[at]]) {
    case LEAD_NONE:
      return -1;
    case LEAD_DIGIT:
      return cardEnd(data, at, floor, end, open);
    case LEAD_SCHEME: {
      const credentials = credentialsEnd(data, at, floor, end, open);
      return credentials >= 0 ? credentials : issuedEnd(data, at, end, open);
    }
    case LEAD_JWT:
      return jwtEnd(data, at, end, open);
    default:
      return issuedEnd(data, at, end, open);
  }
}

function issuedEnd(data: Uint8Array, at: number, end: number, open: boolean): number {
  for (const { prefix, body, least, exact } of BY_FIRST[data[at]]) {
    if (!startsWith(data, at, end, prefix)) continue;
    const from = at + prefix.length;
    const stop = skip(body, data, from, end);
    if (open && stop === end && stop > from) return end;
    if (stop - from < least || (exact && (stop - from !== least || (stop < end && WORD[data[stop]] === 1))))
      continue;
    return stop;
  }
  return -1;
}

const MIN_JWT_HEADER = 10;
const MAX_JWT_PARTS = 5;

/** JSON Web Token, signed or encrypted (RFC 7515 §7.1, RFC 7516 §7.1): base64url parts, the first of them a JSON object. */
function jwtEnd(data: Uint8Array, at: number, end: number, open: boolean): number {
  if (at + MIN_JWT_HEADER > end || data[at + 1] !== 0x79 || data[at + 2] !== 0x4a) return -1;
  const headerEnd = skip(BASE64URL, data, at, end);
  if (headerEnd - at < MIN_JWT_HEADER || !decodesToAscii(data, at, headerEnd)) return -1;
  if (headerEnd === end) return open ? end : -1;
  if (open && headerEnd + 1 === end) return end;
  if (data[headerEnd] !== DOT) return -1;
  let stop = headerEnd;
  let parts = 1;
  while (parts < MAX_JWT_PARTS && stop < end && data[stop] === DOT) {
    const partEnd = skip(BASE64URL, data, stop + 1, end);
    if (partEnd === stop + 1 && parts === 1 && !(partEnd < end && data[partEnd] === DOT)) break;
    stop = partEnd;
    parts++;
  }
  if (parts === 1) return -1;
  return skip(PADDING, data, stop, end);
}
const PADDING = tableOf('=');

/** Whether `Bearer` or `Basic` and a space may be there. */
export function mayHoldCredentials(data: Uint8Array, start: number, end: number): boolean {
  for (let i = start + 5; i < end; i++) {
    if (data[i] !== SPACE) continue;
    const last = data[i - 1] | 0x20;
    if (last === 0x63 && (data[i - 5] | 0x20) === 0x62) return true;
    if (last === 0x72 && i - 6 >= start && (data[i - 6] | 0x20) === 0x62) return true;
  }
  return false;
}

/** `Bearer x` and `Basic x` outside a field named Authorization. */
function credentialsEnd(data: Uint8Array, at: number, floor: number, end: number, open: boolean): number {
  const isBearer = startsWithFolded(data, at, end, 'bearer');
  if (!isBearer && !startsWithFolded(data, at, end, 'basic')) return -1;
  const schemeEnd = at + (isBearer ? 6 : 5);
  let from = schemeEnd;
  while (from < end && (data[from] === SPACE || data[from] === TAB)) from++;
  if (from === schemeEnd || from === end) return -1;
  const runEnd = skip(TOKEN68, data, from, end);
  const stop = skip(PADDING, data, runEnd, end);
  if (runEnd === from) return -1;
  if (open && stop === end) return end;
  if (!isBearer) return runEnd - from >= 4 && decodesToPair(data, from, runEnd) ? stop : -1;
  // `Bearer realm="x"` is a challenge (RFC 9110 §11.6.1), not a token.
  if (stop > runEnd && stop < end && (data[stop] === 0x22 || WORD[data[stop]] === 1)) return -1;
  if (at === floor && stop === end) return stop;
  return isPlainWord(data, from, runEnd) ? -1 : stop;
}

/** Prose after the word bearer, not a token: letters only, none but the first a capital. */
function isPlainWord(data: Uint8Array, start: number, end: number): boolean {
  if (data[end - 1] === DOT) end--;
  if (end - start >= 20) return false;
  for (let i = start; i < end; i++) {
    if (!isLetter(data[i]) || (i > start && isUpper(data[i]))) return false;
  }
  return true;
}

/** End of the PEM private key (RFC 7468 §10, OpenSSH, PGP) whose first dash is at `at`, or -1. Without its last line it reaches to `end`. */
export function privateKeyEnd(data: Uint8Array, at: number, end: number): number {
  if (!startsWith(data, at, end, '-----BEGIN ')) return -1;
  const label = at + 11;
  const limit = Math.min(end, label + 40);
  let i = label;
  while (i < limit && !startsWith(data, i, limit, 'PRIVATE KEY')) {
    if (data[i] !== SPACE && !isUpper(data[i]) && DIGIT[data[i]] === 0) return -1;
    i++;
  }
  if (i + 11 > limit) return -1;
  for (i += 11; i < end; i++) {
    if (data[i] !== 0x2d || !startsWith(data, i, end, '-----END ')) continue;
    let stop = i + 9;
    while (stop < end && data[stop] !== 0x2d) stop++;
    while (stop < end && data[stop] === 0x2d) stop++;
    return stop;
  }
  return end;
}
