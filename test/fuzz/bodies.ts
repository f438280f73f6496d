/** Bodies that are hard to read: nested, packed, repeated, cut off, lying about what they are. */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { concat, toBytes } from '../packets/index.ts';
import type { Chance } from './chance.ts';

export interface HostileBody {
  /** Content-Type and Content-Encoding lines, or neither. */
  fields: string[];
  bytes: Uint8Array;
}

type Maker = (chance: Chance) => { type: string; bytes: Uint8Array };

const JSON_PIECES = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '"a"',
  '"password"',
  '"\\u0070assword"',
  '"\\ud800"',
  'null',
  '-1e999',
  '4111111111111111',
  'true',
  ' ',
  '\n',
  '\u0000',
  '\u00e9',
  '"eyJhbGciOiJIUzI1NiJ9.e30.x"',
  '"\\',
  '"\\u12',
];
const XML_PIECES = [
  '<',
  '>',
  '</',
  '/>',
  '<a',
  '<password>',
  '</password>',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '&lt;',
  '&#x41;',
  '&#',
  '<?xml version="1.0"?>',
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  ' token="',
  '"',
  "'",
  '=',
  'x',
  '\n',
];
const FORM_PIECES = ['&', '=', '%', '%7', '%70assword=', 'token=', ';', '+', 'a', '%00', '%ff', '&&', '=='];
const TEXT_PIECES = [
  'password=',
  'secret: ',
  'Authorization: Bearer ',
  '-----BEGIN PRIVATE KEY-----',
  '-----END',
  'AKIA',
  '://',
  '@',
  ':',
  '\n',
  ' ',
  '"',
  "'",
  '4111 1111 1111 1111',
  'eyJ',
  '.',
  '==',
  '\u{1f600}',
  'user:pass@',
  '\\',
];
const TYPES = [
  'application/json',
  'application/xml',
  'text/html',
  'text/plain; charset=utf-16',
  'text/plain; charset=iso-8859-1',
  'text/plain;charset="',
  'application/x-www-form-urlencoded',
  'image/png',
  'image/svg+xml',
  'application/grpc',
  'multipart/form-data',
  'multipart/mixed; boundary=""',
  'text/csv',
  'application/x-ndjson',
  'text/event-stream',
  '/',
  ';',
  'application/octet-stream',
  'text/plain; charset=shift_jis',
  'application/graphql',
  'font/woff2',
];

/** Any of the pieces in any order, many of them or few. */
function rubble(chance: Chance, pieces: readonly string[]): Uint8Array {
  let text = '';
  for (let n = chance.size(3000); n > 0; n--) text += chance.pick(pieces);
  return toBytes(text);
}

/** One thing again and again: what is quadratic shows here. */
function run(chance: Chance, pieces: readonly string[]): Uint8Array {
  return toBytes(chance.pick(pieces).repeat(chance.size(60_000)));
}

const either = (chance: Chance, pieces: readonly string[]) =>
  chance.happens(0.7) ? rubble(chance, pieces) : run(chance, pieces);

function deepJson(chance: Chance): Uint8Array {
  const depth = chance.size(50_000);
  const open = chance.pick(['[', '{"a":', '{"password":[', '[{"b":']);
  return toBytes(`${open.repeat(depth)}1${chance.happens(0.5) ? ']'.repeat(depth) : ''}`);
}

function multipart(chance: Chance): { type: string; bytes: Uint8Array } {
  const boundary = chance.pick([
    'b',
    '-',
    '--',
    'b'.repeat(70),
    'b'.repeat(300),
    '\\',
    'a b',
    '',
    "'()+_,-./:=?",
  ]);
  let text = '';
  for (let n = chance.size(400); n > 0; n--) {
    text += chance.pick([
      `--${boundary}\r\n`,
      `\r\n--${boundary}`,
      `--${boundary}--`,
      '\r\n',
      '\r\n\r\n',
      '\n',
      '--',
      boundary,
      'Content-Disposition: form-data; name="password"\r\n\r\n',
      'Content-Disposition: form-data; name="',
      'Content-Type: multipart/mixed; boundary=c\r\n\r\n',
      'Content-Transfer-Encoding: base64\r\n\r\n',
      'value',
      '\u0000\u00ff',
      ': ',
    ]);
  }
  const quote = chance.pick(['', '"', '"']);
  return { type: `multipart/form-data; boundary=${quote}${boundary}${quote}`, bytes: toBytes(text) };
}

const KINDS: readonly Maker[] = [
  (chance) => ({ type: 'application/json', bytes: either(chance, JSON_PIECES) }),
  (chance) => ({ type: 'application/json', bytes: deepJson(chance) }),
  (chance) => ({ type: 'application/xml', bytes: either(chance, XML_PIECES) }),
  (chance) => ({ type: 'text/html', bytes: either(chance, XML_PIECES) }),
  (chance) => ({ type: 'application/x-www-form-urlencoded', bytes: either(chance, FORM_PIECES) }),
  (chance) => ({ type: 'text/plain', bytes: either(chance, TEXT_PIECES) }),
  (chance) => ({ type: chance.pick(TYPES), bytes: chance.bytes(chance.size(3000)) }),
  (chance) => ({
    type: chance.pick(TYPES),
    bytes: either(chance, chance.pick([JSON_PIECES, XML_PIECES, FORM_PIECES, TEXT_PIECES])),
  }),
  multipart,
];

const CODERS: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array])[] = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', (bytes) => brotliCompressSync(bytes, { params: { 1: 1 } })],
];
const WRONG_CODINGS = [
  'gzip',
  'br',
  'zstd',
  'deflate',
  'identity',
  'aes128gcm',
  ',',
  'gzip,'.repeat(40),
  'compress',
  '\u0000',
];

/** Some megabytes of nothing in some kilobytes. */
function bomb(chance: Chance): Uint8Array {
  const plain = chance.happens(0.5)
    ? Buffer.alloc(1 << chance.between(10, 23))
    : Buffer.alloc(1 << 20, '{"password":"');
  return plain;
}

export function hostileBody(chance: Chance): HostileBody {
  if (chance.happens(0.15)) return { fields: [], bytes: new Uint8Array(0) };
  const made = chance.pick(KINDS)(chance);
  let bytes = chance.happens(0.05) ? bomb(chance) : made.bytes;
  const fields = chance.happens(0.9) ? [`Content-Type: ${made.type}`] : [];
  const codings: string[] = [];
  for (let n = bytes.length > 100_000 ? chance.between(1, 4) : chance.below(3); n > 0; n--) {
    const [name, encode] = chance.pick(CODERS);
    bytes = encode(bytes);
    codings.push(name);
  }
  if (chance.happens(0.1)) codings.push(chance.pick(WRONG_CODINGS));
  if (codings.length > 0) {
    if (chance.happens(0.8)) fields.push(`Content-Encoding: ${codings.join(', ')}`);
    else fields.push(...codings.map((coding) => `Content-Encoding: ${coding}`));
    if (chance.happens(0.1)) bytes = bytes.subarray(0, chance.below(bytes.length + 1));
    if (chance.happens(0.1)) bytes = concat(bytes, chance.bytes(50));
  }
  return { fields, bytes };
}
