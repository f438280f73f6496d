import { describe, expect, test } from 'vitest';
import { apply, redactBody, redactHeader, redactTarget, redactText } from '../../test/redact/redact.ts';
import { Finder } from './finder.ts';
import { createPolicy } from './policy.ts';

// What is around a secret stays: structure, names, attributes.

describe('header fields', () => {
  test.each([
    ['Authorization', 'Bearer x', '[REDACTED]'],
    ['Cookie', 'a=1; b="2";c=', 'a=[REDACTED]; b=[REDACTED];c=[REDACTED]'],
    [
      'Set-Cookie',
      'sid=x; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly; SameSite=Lax',
      'sid=[REDACTED]; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly; SameSite=Lax',
    ],
    ['Location', '/a/b?x=1&token=y&z=2#top', '/a/b?x=1&token=[REDACTED]&z=2#top'],
    ['Referer', 'https://u:p@h/?a=1', 'https://[REDACTED]@h/?a=1'],
    [
      'Link',
      '</a?token=x&b=1>; rel="next", </c>; rel=prev',
      '</a?token=[REDACTED]&b=1>; rel="next", </c>; rel=prev',
    ],
    ['User-Agent', 'Mozilla/5.0 (X11; Linux x86_64) key=1', 'Mozilla/5.0 (X11; Linux x86_64) key=[REDACTED]'],
    ['Content-Type', 'multipart/form-data; boundary=x', 'multipart/form-data; boundary=x'],
    ['Host', 'a.example:80', 'a.example:80'],
    ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZQ=='],
    ['X-Empty', '', ''],
  ])('%s: %s', (name, value, expected) => expect(redactHeader(name, value)).toBe(expected));
});

test.each([
  ['/', '/'],
  ['*', '*'],
  ['/a/b;v=1/c?x=1&y', '/a/b;v=1/c?x=1&y'],
  ['/a?token=x&b=2', '/a?token=[REDACTED]&b=2'],
  ['/a;jsessionid=x/b?c', '/a;jsessionid=[REDACTED]/b?c'],
  ['http://u:p@h:80/a?key=1', 'http://[REDACTED]@h:80/a?key=[REDACTED]'],
  ['h:443', 'h:443'],
  ['/a?next=%2Fb%3Ftoken%3Dx%26c%3D1', '/a?next=%2Fb%3Ftoken%3D[REDACTED]%26c%3D1'],
  ['/a?q=%7B%22key%22%3A1%7D', '/a?q=%7B%22key%22%3A[REDACTED]%7D'],
  ['/a%', '/a%'],
  ['/%zz?%=1&=&&', '/%zz?%=1&=&&'],
])('target %s', (target, expected) => expect(redactTarget(target)).toBe(expected));

describe('bodies', () => {
  test.each([
    ['application/x-www-form-urlencoded', 'a=1&password=x%20y&b=%41', 'a=1&password=[REDACTED]&b=%41'],
    [
      'application/xml',
      '<a x="1"><ns:password a="2">x</ns:password><b/></a>',
      '<a x="1"><ns:password a="2">[REDACTED]</ns:password><b/></a>',
    ],
    ['application/xml', '<a token="x" b="2"/>', '<a token="[REDACTED]" b="2"/>'],
    ['application/xml', '<password><![CDATA[x]]></password>', '<password><![CDATA[[REDACTED]]]></password>'],
    ['application/xml', '<password/><b>1</b>', '<password/><b>1</b>'],
    [
      'text/html',
      '<p>a &amp; b</p><input name="token" value="x"><p>c',
      '<p>a &amp; b</p><input name="token" value="[REDACTED]"><p>c',
    ],
    [
      'text/csv',
      'id,token,n\r\n1,"a,b",2\r\n3,c,4\r\n',
      'id,token,n\r\n1,"[REDACTED]",2\r\n3,[REDACTED],4\r\n',
    ],
    ['text/plain', 'a=1 password=x, b=2', 'a=1 password=[REDACTED], b=2'],
    ['text/plain', 'x: 1\npassword: a b\ny: 2', 'x: 1\npassword: [REDACTED]\ny: 2'],
    ['text/plain', 'user=bob&x=1', 'user=[REDACTED]&x=1'],
    ['application/json', '{"a":1,"password":x}', '{"a":1,"password":[REDACTED]}'],
    ['application/json', "{'a':1,'password':'x','b':2}", "{'a':1,'password':'[REDACTED]','b':2}"],
    ['text/event-stream', 'data: {"token":"x","a":1}\n\n', 'data: {"token":"[REDACTED]","a":1}\n\n'],
    ['', '{"token":"x"}', '{"token":"[REDACTED]"}'],
  ])('%s: %s', (type, body, expected) => expect(redactBody(type, body)).toBe(expected));

  test('multipart: parts by their name and type, files withheld in place', () => {
    const part = (head: string, body: string): string => `--B\r\n${head}\r\n\r\n${body}\r\n`;
    const field = (name: string): string => `Content-Disposition: form-data; name="${name}"`;
    const file = `${field('f')}; filename="a"\r\nContent-Type: image/png`;
    const make = (password: string, binary: string, json: string): Buffer =>
      Buffer.from(
        `${part(field('a'), '1')}${part(field('password'), password)}${part(file, binary)}${part('Content-Type: application/json', json)}--B--\r\n`,
        'latin1',
      );
    const shown = redactBody('multipart/form-data; boundary="B"', make('x', '\x89PNG\xff\0', '{"key":1}'));
    expect(shown).toBe(make('[REDACTED]', '[REDACTED]', '{"key":"[REDACTED]"}').toString());
  });
});

test.each([
  ['password="a b" x=1', 'password="[REDACTED]" x=1'],
  ['password=abc; x=1', 'password=[REDACTED]; x=1'],
  ['(token=abc).', '(token=[REDACTED]).'],
  ['token=abc) and', 'token=[REDACTED]'],
  ["password='it''s'", "password='[REDACTED]'"],
  ['"a": "b", "auth": {"x": [1, "}"]}, "c": 1', '"a": "b", "auth": [REDACTED], "c": 1'],
  ['key:\n  a: 1\n  b: 2\nx: 1', 'key:\n  [REDACTED]\nx: 1'],
  ['PASSWORD=a,b;c d\nX=1', 'PASSWORD=[REDACTED]\nX=1'],
])('text %s', (text, expected) => expect(redactText(text)).toBe(expected));

test('a head that is cut off shows no beginning of a secret', () => {
  const finder = new Finder(createPolicy());
  const data = Buffer.from('X-A: https://user:pass');
  finder.header(data, 0, 3, 5, data.length, true);
  expect(apply(data, 5, data.length, finder.spans).toString()).toBe('https://[REDACTED]');
});

test('a field is judged anew when one octet differs', () => {
  const finder = new Finder(createPolicy());
  for (const [value, count] of [
    ['a=1', 0],
    ['a=1', 0],
    ['key=1', 1],
    ['a=1', 0],
    ['key=1', 1],
  ] as const) {
    const data = Buffer.from(`X-A: ${value}`);
    finder.spans.clear();
    finder.header(data, 0, 3, 5, data.length);
    expect(finder.spans.count).toBe(count);
  }
});
