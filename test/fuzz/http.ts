/** HTTP as no library would write it, right or nearly right, said by both ends of a connection. */
import { type Conversation, concat, join, toBytes } from '../packets/index.ts';
import { hostileBody } from './bodies.ts';
import type { Chance } from './chance.ts';
import { mutateBytes } from './mutate.ts';

const METHODS = [
  'GET',
  'GET',
  'POST',
  'POST',
  'PUT',
  'HEAD',
  'OPTIONS',
  'CONNECT',
  'M-SEARCH',
  'get',
  'X'.repeat(300),
  '',
];
const TARGETS = [
  '/',
  '/a?token=x&b=c',
  '*',
  'http://a.b/c',
  'a:443',
  '/%',
  '/?',
  '//',
  'no slash',
  '/\u00e9',
  '?'.repeat(50),
  '',
];
const VERSIONS = [
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/1.1 ',
  'http/1.1',
  'HTTP/11',
  '',
];
const STATUSES = [
  '200 OK',
  '204 No Content',
  '304 Not Modified',
  '404',
  '500 ',
  '101 Switching Protocols',
  '999 x',
  '000',
  '99',
  '2000',
  'OK',
  '',
];
const INTERIM = ['100 Continue', '103 Early Hints', '102 Processing', '101 Switching Protocols', '199'];
const LINE_ENDS = ['\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r', '\r\r\n', '\n\r\n'];
const FIELDS = [
  'Host: a',
  'Host:',
  'Authorization: Bearer abc',
  'Cookie: a=b; c="d; e',
  'X: y',
  ' folded',
  '\tfolded',
  'no colon',
  ': no name',
  'a b: c',
  'X:\u0000',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: upgrade',
  'Upgrade: h2c',
  'Upgrade: websocket, foo',
  'Expect: 100-continue',
  'Trailer: X-Sum',
  'Set-Cookie: a=b',
  'Referer: http://u:p@h/?key=x',
  'Content-Type:',
  'Date: '.padEnd(2000, 'x'),
];
const FRAMING = [
  'Content-Length: 5',
  'Content-Length: 5, 5',
  'Content-Length: 5, 6',
  'Content-Length: 0x5',
  'Content-Length: +5',
  'Content-Length:',
  'Content-Length: 9007199254740993',
  'Content-Length: 99999999999999999999999',
  'Content-Length: 4294967297',
  'Transfer-Encoding: gzip',
  'Transfer-Encoding: chunked, gzip',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding:\tchunked',
  'transfer-encoding: CHUNKED',
];
const CHUNK_SIZES = [
  '0',
  '00',
  'g',
  '-1',
  '+1',
  '0x1',
  '',
  ' 1',
  '1 ',
  'fffffff',
  'ffffffffffffffff',
  '1fffffffffffff',
  '0'.repeat(5000),
];
const EXTENSIONS = ['', '', ';a', ';a=b', ';a="b\r\n"', ';', '; '.repeat(3000), ';a=\u0000'];

/** A flood: one message may have so many fields. */
const MAX_FLOOD = 20_000;
const MAX_LONG = 100_000;
/** Of one message are sent. */
const MAX_SEGMENTS = 500;

function fields(chance: Chance, end: string): string {
  let text = '';
  for (let n = chance.size(12); n > 0; n--) text += chance.pick(FIELDS) + end;
  if (chance.happens(0.02)) text += `${chance.pick(FIELDS)}${end}`.repeat(chance.size(MAX_FLOOD));
  if (chance.happens(0.02))
    text += `X-${'l'.repeat(chance.size(MAX_LONG))}: ${'v'.repeat(chance.size(MAX_LONG))}${end}`;
  return text;
}

function chunked(chance: Chance, body: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  const size = 1 + chance.size(5000);
  for (let at = 0; at < body.length && parts.length < 3000; at += size) {
    const part = body.subarray(at, at + size);
    const told = chance.happens(0.01) ? chance.pick(CHUNK_SIZES) : part.length.toString(16);
    parts.push(toBytes(`${told}${chance.happens(0.05) ? chance.pick(EXTENSIONS) : ''}\r\n`), part);
    parts.push(toBytes(chance.happens(0.98) ? '\r\n' : chance.pick(LINE_ENDS)));
  }
  if (chance.happens(0.95)) {
    parts.push(toBytes(`0\r\n${chance.happens(0.2) ? fields(chance, '\r\n') : ''}\r\n`));
  }
  return join(parts);
}

function message(chance: Chance, startLine: string): Uint8Array {
  const end = chance.happens(0.9) ? '\r\n' : chance.pick(LINE_ENDS);
  const body = hostileBody(chance);
  const lines = [...body.fields];
  let payload = body.bytes;
  const framing = chance.below(10);
  if (framing < 5) lines.push(`Content-Length: ${payload.length}`);
  else if (framing < 8) {
    lines.push('Transfer-Encoding: chunked');
    payload = chunked(chance, payload);
  }
  if (chance.happens(0.1)) lines.push(chance.pick(FRAMING));
  const head = `${startLine}${end}${fields(chance, end)}${lines.map((line) => line + end).join('')}${end}`;
  return concat(head, payload);
}

function request(chance: Chance): Uint8Array {
  if (chance.happens(0.01))
    return concat(
      `GET /${'a'.repeat(chance.size(MAX_LONG))}`,
      chance.happens(0.5) ? ' HTTP/1.1\r\n\r\n' : '',
    );
  const usual = chance.happens(0.7);
  const method = usual ? chance.pick(['GET', 'POST', 'HEAD']) : chance.pick(METHODS);
  const target = usual ? '/a?token=x' : chance.pick(TARGETS);
  return message(chance, `${method} ${target} ${usual ? 'HTTP/1.1' : chance.pick(VERSIONS)}`);
}

function response(chance: Chance): Uint8Array {
  const usual = chance.happens(0.7);
  const status = usual
    ? chance.pick(['200 OK', '204 No Content', '304 Not Modified', '500 Oops'])
    : chance.pick(STATUSES);
  const final = message(chance, `${usual ? 'HTTP/1.1' : chance.pick(VERSIONS)} ${status}`);
  if (!chance.happens(0.1)) return final;
  const interim = `HTTP/1.1 ${chance.pick(INTERIM)}\r\n${chance.pick(FIELDS)}\r\n\r\n`;
  return concat(interim.repeat(1 + chance.size(500)), final);
}

/** Requests and answers, pipelined or not; one in three times the bytes themselves are spoiled too. */
export function hostileTalk(chance: Chance, talk: Conversation, mss: number): Conversation {
  const spoils = chance.happens(0.33);
  const send = (end: Conversation['client'], bytes: Uint8Array) => {
    const said = spoils && chance.happens(0.3) ? mutateBytes(bytes, chance) : bytes;
    end.send(said.subarray(0, MAX_SEGMENTS * mss));
  };
  if (chance.happens(0.9)) talk.handshake();
  let open = 0;
  for (let n = 1 + chance.size(12); n > 0; n--) {
    if (chance.happens(0.03)) {
      // Pipelined without end.
      const pipelined = toBytes('GET / HTTP/1.1\r\n\r\n'.repeat(chance.size(2000)));
      send(talk.client, pipelined);
    }
    send(talk.client, request(chance));
    open++;
    while (open > 0 && chance.happens(0.7)) {
      send(talk.server, response(chance));
      open--;
    }
    if (chance.happens(0.03)) send(talk.server, chance.bytes(chance.size(500)));
  }
  if (chance.happens(0.6)) talk.close(chance.happens(0.5) ? 'client' : 'server');
  else if (chance.happens(0.5)) talk.server.reset();
  return talk;
}
