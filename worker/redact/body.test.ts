import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WITHHELD } from '../../flow/flow.ts';
import { apply, bodyOf, redactBody } from '../../test/redact/redact.ts';
import { Finder } from './finder.ts';
import { createPolicy } from './policy.ts';

const JSON_TYPE = 'application/json';

describe('content codings', () => {
  const text = JSON.stringify({ token: 'x', text: 'hello '.repeat(50) });
  const shown = text.replace('"x"', '"[REDACTED]"');

  test.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['identity', Buffer.from(text)],
    ['deflate, gzip', gzipSync(deflateSync(text))],
    ['gzip, gzip, br', brotliCompressSync(gzipSync(gzipSync(text)))],
  ])('%s is undone', (encoding, coded) => {
    expect(redactBody(JSON_TYPE, coded, { encoding })).toBe(shown);
    const body = bodyOf(JSON_TYPE, coded, { encoding });
    expect(body.decodedSize).toBe(encoding === 'identity' ? -1 : text.length);
    expect(body.truncated).toBe(0);
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('%s cut off gives what there is, of unknown size', (encoding, encode) => {
    const varied = JSON.stringify(Array.from({ length: 5000 }, (_, id) => ({ id: Math.sin(id) })));
    const coded = encode(varied);
    const body = bodyOf(JSON_TYPE, coded.subarray(0, coded.length >> 1), { encoding, complete: false });
    expect(body).toMatchObject({ kind: 'text', decodedSize: -1 });
    expect(body.truncated).toBeGreaterThan(0);
    const shown = body.data.subarray(body.start, body.end).toString();
    expect(shown.length).toBeGreaterThan(1000);
    expect(varied.startsWith(shown)).toBe(true);
  });

  test('withheld: what cannot be undone', () => {
    expect(redactBody(JSON_TYPE, 'no gzip at all', { encoding: 'gzip' })).toBe('<withheld: undecodable>');
    expect(redactBody(JSON_TYPE, 'x', { encoding: 'compress' })).toBe('<withheld: unsupported-encoding>');
    expect(redactBody(JSON_TYPE, 'x', { encoding: 'aes128gcm' })).toBe('<withheld: encrypted>');
    expect(redactBody(JSON_TYPE, gzipSync('x'), { encoding: 'gzip, gzip, gzip, gzip' })).toBe(
      '<withheld: unsupported-encoding>',
    );
  });

  test('a bomb is withheld and costs little', () => {
    const zeros = Buffer.alloc(32 << 20, 0x20);
    for (const [encoding, bomb] of [
      ['gzip', gzipSync(zeros)],
      ['br', brotliCompressSync(zeros)],
      ['gzip, gzip', gzipSync(gzipSync(zeros))],
    ] as const) {
      const before = performance.now();
      expect(redactBody(JSON_TYPE, bomb, { encoding })).toBe('<withheld: ratio-limit>');
      expect(performance.now() - before).toBeLessThan(3000);
    }
  });

  test('a large body that is no bomb is shown from its beginning', () => {
    const large = JSON.stringify(
      Array.from({ length: 50_000 }, (_, id) => ({ id: Math.sin(id), token: 'CANARY' })),
    );
    const body = bodyOf(JSON_TYPE, gzipSync(large), { encoding: 'gzip', maxBody: 10_000 });
    expect(body).toMatchObject({ kind: 'text', decodedSize: -1 });
    expect(body.end - body.start).toBe(10_000);
    expect(body.truncated).toBeGreaterThan(0);
    expect(apply(body.data, body.start, body.end, body.spans).toString()).not.toContain('CANARY');
  });
});

describe('size', () => {
  test('what is not shown is counted', () => {
    const text = JSON.stringify({ a: 'x'.repeat(10_000) });
    expect(bodyOf(JSON_TYPE, text, { maxBody: 100 }).truncated).toBe(text.length - 100);
    expect(bodyOf(JSON_TYPE, text, { maxBody: text.length }).truncated).toBe(0);
    expect(bodyOf(JSON_TYPE, text, { complete: false }).truncated).toBeGreaterThan(0);
  });

  test('no character is cut in two', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀'), minLength: 1 }),
        fc.nat(40),
        (text, maxBody) => {
          for (const type of [JSON_TYPE, 'text/plain']) {
            const shown = redactBody(type, JSON.stringify(text), { maxBody });
            expect(JSON.stringify(text).startsWith(shown)).toBe(true);
            expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(maxBody);
          }
        },
      ),
    );
  });

  test('none', () => {
    expect(bodyOf(JSON_TYPE, '').kind).toBe('none');
    expect(bodyOf('', '', { encoding: 'gzip' }).kind).toBe('none');
  });
});

describe('charset', () => {
  test.each([
    ['text/plain; charset=iso-8859-1', Buffer.from('café', 'latin1'), 'café'],
    ['text/plain; charset="ISO-8859-1"', Buffer.from('café', 'latin1'), 'café'],
    ['text/plain', Buffer.from('café', 'latin1'), 'café'],
    ['text/plain', Buffer.from('café'), 'café'],
    ['application/json', Buffer.from('\ufeff{"é":1}'), '{"é":1}'],
    ['application/json', Buffer.from('\ufeff{"é":1}', 'utf16le'), '{"é":1}'],
    ['application/json', Buffer.from('{"é":1}', 'utf16le'), '{"é":1}'],
    ['application/json', Buffer.from('{"é":1}', 'utf16le').swap16(), '{"é":1}'],
    [
      'text/xml',
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><é/>', 'latin1'),
      '<?xml version="1.0" encoding="ISO-8859-1"?><é/>',
    ],
    ['text/html', Buffer.from('<meta charset=iso-8859-1>é', 'latin1'), '<meta charset=iso-8859-1>é'],
    ['text/plain; charset=shift_jis', Buffer.from([0x93, 0xfa, 0x96, 0x7b]), '日本'],
    ['text/plain; charset=us-ascii', Buffer.from('plain'), 'plain'],
  ])('%s', (type, content, expected) => expect(redactBody(type, content)).toBe(expected));

  test('withheld: not valid in it, or unknown', () => {
    expect(redactBody('application/json', Buffer.from('{"a":"é"}', 'latin1'))).toBe(
      '<withheld: undecodable>',
    );
    expect(redactBody('text/plain; charset=utf-8', Buffer.from('café', 'latin1'))).toBe(
      '<withheld: undecodable>',
    );
    expect(redactBody('text/plain; charset=x-unheard-of', 'abc')).toBe('<withheld: unsupported-encoding>');
    expect(redactBody('text/plain; charset=utf-7', 'abc')).toBe('<withheld: unsupported-encoding>');
  });
});

describe('what is not text', () => {
  const PNG = Buffer.from('89504e470d0a1a0a0000000d', 'hex');

  test('an image that is one is shown', () => {
    expect(redactBody('image/png', PNG)).toBe(PNG.toString('base64'));
    expect(redactBody('image/png', gzipSync(PNG), { encoding: 'gzip' })).toBe(PNG.toString('base64'));
    expect(bodyOf('image/png', PNG, { maxBody: 10 })).toMatchObject({ kind: 'base64', truncated: 2 });
    expect(redactBody('font/woff2', 'wOF2....')).toBe(Buffer.from('wOF2....').toString('base64'));
  });

  test.each([
    ['image/png', Buffer.from('{"password":"x"}')],
    ['application/octet-stream', Buffer.from('{"a":1}')],
    ['application/pdf', Buffer.from('%PDF-1.7')],
    ['application/zip', Buffer.from('PK\x03\x04')],
    ['application/grpc', Buffer.from('\0\0\0\0\x05hello')],
    ['application/x-protobuf', Buffer.from('\n\x05hello')],
    ['application/wasm', Buffer.from('\0asm')],
    ['video/mp4', Buffer.from('abc')],
    ['', Buffer.from([0, 1, 2, 3])],
    ['text/plain', Buffer.from('abc\0\x01\x02')],
    ['application/json', PNG],
    ['application/x-unheard-of', Buffer.from([0xff, 0x00, 0xfe])],
  ])('%s is withheld', (type, content) =>
    expect(redactBody(type, content)).toMatch(/^<withheld: (binary|undecodable)>$/),
  );

  test('a hole in the middle', () =>
    expect(redactBody(JSON_TYPE, '{"a":1}', { gap: true })).toBe('<withheld: gap>'));
});

test('without redaction everything is shown as it is', () => {
  const off = { policy: createPolicy({ enabled: false }) };
  expect(redactBody(JSON_TYPE, '{"password":"x"}', off)).toBe('{"password":"x"}');
  expect(redactBody('application/octet-stream', 'abc', off)).toBe(Buffer.from('abc').toString('base64'));
});

test('a span is the secret alone: masked, all else stands where it was', () => {
  const data = Buffer.from('{"a":1,"password":"hunter2","token":12}');
  const finder = new Finder(createPolicy());
  finder.json(data, 0, data.length, false);
  const { count, starts, ends } = finder.spans;
  for (let i = 0; i < count; i++) data.fill('*', starts[i], ends[i]);
  expect(data.toString()).toBe('{"a":1,"password":"*******","token":**}');
});

describe('hostile input', () => {
  const TYPES = [
    JSON_TYPE,
    'text/plain',
    'text/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=B',
    'text/csv',
    '',
  ];

  test('nothing throws, and what is shown is UTF-8', () => {
    const fragment = fc.oneof(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        '"',
        '\\',
        ':',
        '=',
        '&',
        '<',
        '>',
        '/',
        '//',
        '://',
        '@',
        '%41',
        '%',
        '\n',
        '\r\n',
        ' ',
        ',',
        ';',
        '|',
        "'",
        '`',
      ),
      fc.constantFrom(
        'password',
        'token',
        'name',
        'value',
        'eyJ',
        'Bearer ',
        '--B',
        '-----BEGIN PRIVATE KEY-----',
        '4111 1111 ',
        '<![CDATA[',
        '\\"',
        '\\u0070',
        '&quot;',
        '&#x41;',
      ),
      fc.string({ maxLength: 5 }),
    );
    const bytes = fc.oneof(
      fc.array(fragment, { maxLength: 60 }).map((parts) => Buffer.from(parts.join(''))),
      fc.uint8Array({ maxLength: 200 }).map((octets) => Buffer.from(octets)),
    );
    fc.assert(
      fc.property(
        bytes,
        fc.constantFrom(...TYPES),
        fc.boolean(),
        fc.nat(100),
        (content, type, complete, maxBody) => {
          const body = bodyOf(type, content, { complete, maxBody });
          if (body.kind === 'withheld') expect(WITHHELD).toContain(body.reason);
          const { spans } = body;
          for (let i = 0; i < spans.count; i++) {
            expect(spans.starts[i]).toBeGreaterThanOrEqual(i === 0 ? body.start : spans.ends[i - 1]);
            expect(spans.ends[i]).toBeGreaterThanOrEqual(spans.starts[i]);
            expect(spans.ends[i]).toBeLessThanOrEqual(body.end);
          }
        },
      ),
      { numRuns: 4000 },
    );
  });

  // What is worse than linear takes many seconds for this much.
  const SIZE = 1 << 15;
  test.each([
    '"',
    '[',
    '{"a":',
    '{"password":',
    '://',
    'a://b:',
    'http://?=',
    '1',
    '4111 ',
    '=',
    ':',
    'a=',
    'a:b',
    'password=',
    'password="',
    "token:'",
    '\\',
    '\\"',
    '\\\\"',
    '<',
    '<a ',
    '<a x="',
    '<password>',
    '<key a="',
    '</',
    '&',
    '&#',
    '&quot;',
    '%',
    '%25',
    '--B\r\n',
    '--B',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
    'eyJ',
    'eyJhbGciOi',
    'Bearer ',
    'Basic ',
    ' ',
    '\n',
    'key:\n',
    'key:\n ',
    ';a',
    '&a=',
    ',password=',
    '"key":{',
    'auth:[',
    '\\u0022',
    '\ud83d\ude00',
    'a,"',
    '"a""',
    'Phone ',
    'x-',
    '/;',
    '%3F',
    '=http://',
    '"x":"\\"',
    '{"a":"\\"',
  ])('%j over and over', (unit) => {
    const content = Buffer.from(unit.repeat(Math.ceil(SIZE / unit.length)));
    for (const type of TYPES) {
      const before = performance.now();
      bodyOf(type, content, { maxBody: SIZE, complete: false });
      expect(performance.now() - before).toBeLessThan(3000);
    }
  });
});
