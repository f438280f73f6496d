/**
 * Traffic with a marked secret in every place the redaction policy names, and a marked harmless value beside
 * each. In the templates `{S}` is a secret and `{K}` a value that must be kept.
 */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { Conversation, concat, toBytes } from '../packets/index.ts';

const URLS = [
  '/login?token={S}&page={K}',
  '/search?q={K}&api_key={S}',
  '/cb?%61ccess_token={S}&state={K}',
  '/a;jsessionid={S}/{K}',
  'http://bob:{S}@shop.internal/{K}',
  '/reset/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.{S}?x={K}',
];

const REQUEST_HEADERS = [
  'Authorization: Bearer {S}\r\nX-Page: {K}',
  'authorization:   {S}\r\nX-Page: {K}',
  'Authorization: Digest nonce={S}, response={S}\r\nX-Page: {K}',
  'Authorization:\r\n Bearer\r\n\t{S}\r\nX-Page: {K}',
  'Cookie: session={S}; theme={S}\r\nX-Page: {K}',
  'Proxy-Authorization: Basic {S}\r\nX-Page: {K}',
  'X-Api-Key: {S}\r\nX-Monkey: {K}',
  'X-Vault-Token: {S}\r\nX-Keyboard: {K}',
  'X-CSRF-Token: {S}\r\nAccept: {K}',
  'Referer: https://shop.internal/a?access_token={S}&p={K}',
  'X-Forwarded-Url: https://bob:{S}@host.internal/{K}',
  'X-Trace: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.{S}\r\nX-Page: {K}',
];

const RESPONSE_HEADERS = [
  'Set-Cookie: sid={S}; Path=/{K}; HttpOnly',
  'Location: https://shop.internal/next?auth_token={S}&p={K}',
  'X-Auth-Token: {S}\r\nX-Page: {K}',
];

/** Media type and body. */
const BODIES: readonly (readonly [string, string])[] = [
  ['application/json', '{"password":"{S}","note":"{K}"}'],
  ['application/json', '{"customer":{"first_name":"{S}","a":[{"apiKey":"{S}"},{"b":"{K}"}]},"n":1}'],
  ['application/json', '[{"access_token": "{S}", "monkey": "{K}"}, {"secret":["{S}","{S}"]}]'],
  ['application/json', '{"\\u0070assword":"{S}","x":"{K}"}'],
  ['application/json', '{"credential":{"deep":{"er":"{S}"}},"x":"{K}"}'],
  ['application/json', '{"raw":"{\\"refreshToken\\":\\"{S}\\"}","x":"{K}"}'],
  ['application/json', '{"url":"postgres://app:{S}@db.internal/shop","x":"{K}"}'],
  ['application/vnd.api+json; charset=utf-8', '{"data":{"session":"{S}"},"x":"{K}"}'],
  ['application/x-ndjson', '{"jwt":"{S}"}\n{"x":"{K}"}\n{"iban":"{S}"}\n'],
  ['application/graphql', 'mutation { login(password: "{S}") { note } } # {K}'],
  ['application/x-www-form-urlencoded', 'username={S}&password={S}&page={K}'],
  ['application/x-www-form-urlencoded', 'p%61ssword={S}&page={K}&pass+code={S}'],
  [
    'multipart/form-data; boundary=b0',
    '--b0\r\nContent-Disposition: form-data; name="password"\r\n\r\n{S}\r\n--b0\r\nContent-Disposition: form-data; name="note"\r\n\r\n{K}\r\n--b0--\r\n',
  ],
  ['application/xml', '<login><password>{S}</password><note>{K}</note><a token="{S}"/></login>'],
  ['text/xml', '<s:Envelope><s:Body><x:secret><![CDATA[{S}]]></x:secret><n>{K}</n></s:Body></s:Envelope>'],
  ['text/plain', 'level=info password={S} note={K}\nsecret: {S}\n'],
  ['text/plain', 'Authorization: Bearer {S}\nnote {K}\n'],
  ['text/html', '<form><input name="password" value="{S}"><p>{K}</p></form>'],
  ['text/plain', '-----BEGIN PRIVATE KEY-----\n{S}\n-----END PRIVATE KEY-----\nnote {K}\n'],
  ['', '{"token":"{S}","note":"{K}"}'],
];

const CODINGS: readonly (readonly [string, (body: Uint8Array) => Uint8Array])[] = [
  ['', (body) => body],
  ['gzip', (body) => gzipSync(body)],
  ['deflate', (body) => deflateSync(body)],
  ['deflate', (body) => deflateRawSync(body)],
  ['br', (body) => brotliCompressSync(body)],
];

/** Bytes a segment: whole messages, usual ones, and so small that every secret is cut. */
const SEGMENTS = [65_000, 1460, 5];

export interface Plants {
  talks: Conversation[];
  /** None of these may be found anywhere. */
  secrets: string[];
  /** Each of these is in a flow. */
  kept: string[];
}

export function plantSecrets(): Plants {
  const plants: Plants = { talks: [], secrets: [], kept: [] };
  const fill = (template: string) =>
    template
      .replaceAll('{S}', () => remember(plants.secrets, 'CaNaRy'))
      .replaceAll('{K}', () => remember(plants.kept, 'InTaCt'));
  const say = (segment: number, request: Uint8Array, response: Uint8Array) => {
    const n = plants.talks.length;
    const talk = new Conversation({
      clientPort: 20_000 + n,
      clientSeq: 0x10000000 + n * 65_536,
      serverSeq: 0x20000000 + n * 65_536,
      mss: segment,
      time: 1_750_000_000_000_000 + n * 1_000_000,
    });
    talk.handshake();
    talk.client.send(request);
    talk.server.send(response);
    plants.talks.push(talk.close());
  };
  const ok = toBytes('HTTP/1.1 204 No Content\r\n\r\n');
  const get = (target: string, headers: string) =>
    toBytes(`GET ${target} HTTP/1.1\r\nHost: shop.internal\r\n${headers}\r\n`);

  for (const segment of SEGMENTS) {
    for (const url of URLS) say(segment, get(fill(url), ''), ok);
    for (const header of REQUEST_HEADERS) say(segment, get('/', `${fill(header)}\r\n`), ok);
    for (const header of RESPONSE_HEADERS) {
      say(
        segment,
        get('/', ''),
        toBytes(`HTTP/1.1 302 Found\r\n${fill(header)}\r\nContent-Length: 0\r\n\r\n`),
      );
    }
    for (const [type, template] of BODIES) {
      for (const [coding, encode] of CODINGS) {
        const request = message(
          'POST / HTTP/1.1\r\nHost: shop.internal\r\n',
          type,
          coding,
          encode(toBytes(fill(template))),
          false,
        );
        const response = message('HTTP/1.1 200 OK\r\n', type, coding, encode(toBytes(fill(template))), true);
        say(segment, request, response);
      }
    }
    const trailers = toBytes(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Token\r\n\r\n0\r\n${fill('X-Token: {S}\r\nX-Sum: {K}')}\r\n\r\n`,
    );
    say(segment, get('/', ''), trailers);
    // What follows an upgrade is no HTTP; it must not be shown as anything either.
    const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
    const frame = toBytes(fill('{"password":"{S}"}'));
    say(
      segment,
      get('/ws', 'Upgrade: websocket\r\nConnection: Upgrade\r\n'),
      concat(upgrade, Uint8Array.of(0x81, frame.length), frame),
    );
  }
  return plants;
}

/** The secrets found in `bytes`: as they are, and as base64 of themselves. */
export function leaksOf({ secrets }: Plants, bytes: Buffer | string): string[] {
  const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
  if (!/CaNaRy|Q2FOYVJ5|NhTmFSe|DYU5hUn/.test(text)) return [];
  const found = secrets.filter((secret) => text.includes(secret));
  return found.length > 0 ? found : ['in base64'];
}

/** A message with its body by content-length, or (`chunked`) in chunks of seven octets. */
function message(
  start: string,
  type: string,
  coding: string,
  body: Uint8Array,
  chunked: boolean,
): Uint8Array {
  const fields = [
    ...(type === '' ? [] : [`Content-Type: ${type}`]),
    ...(coding === '' ? [] : [`Content-Encoding: ${coding}`]),
    chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`,
  ];
  const head = toBytes(`${start}${fields.join('\r\n')}\r\n\r\n`);
  if (!chunked) return concat(head, body);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += 7) {
    const part = body.subarray(at, at + 7);
    chunks.push(toBytes(`${part.length.toString(16)}\r\n`), part, toBytes('\r\n'));
  }
  return concat(head, ...chunks, '0\r\n\r\n');
}

/** Markers of a length and look that no rule knows by itself: only their place makes them secret. */
function remember(list: string[], word: string): string {
  const marker = `${word}${list.length}q`;
  list.push(marker);
  return marker;
}
