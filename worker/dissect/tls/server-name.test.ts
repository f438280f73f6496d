import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clientHello } from '../../../test/dissect/client-hello.ts';
import { readServerName } from './server-name.ts';

const read = (bytes: Uint8Array) => readServerName(bytes, 0, bytes.length);

test('the name that is asked for, wherever its extension stands', () => {
  expect(read(clientHello('shop.example'))).toBe('shop.example');
  expect(read(clientHello('shop.example', { before: 900 }))).toBe('shop.example');
});

test('in the middle of a buffer, and nothing of what is around it', () => {
  const hello = clientHello('a.example');
  const bytes = Buffer.concat([clientHello('b.example'), hello, clientHello('c.example')]);
  const start = clientHello('b.example').length;
  expect(readServerName(bytes, start, start + hello.length)).toBe('a.example');
});

test('capitals are no other name', () => {
  expect(read(clientHello('API.Example.COM'))).toBe('api.example.com');
});

test('the name comes before the end of what was captured', () => {
  const hello = clientHello('shop.example', { after: 2000 });
  expect(readServerName(hello, 0, 1448)).toBe('shop.example');
});

test.each(['', '<b>', 'a b', 'käse', '-a', 'x'.repeat(254), 'a\u0000b'])('"%s" is no name', (name) => {
  expect(read(clientHello(name))).toBe('');
});

test('what is no ClientHello has no name', () => {
  const hello = clientHello('shop.example');
  const serverHello = hello.slice();
  serverHello[5] = 2;
  expect(read(serverHello)).toBe('');
  const alert = hello.slice();
  alert[0] = 21;
  expect(read(alert)).toBe('');
});

test('cut anywhere: the name, or none', () => {
  const hello = clientHello('shop.example', { before: 40, after: 40 });
  const found = Array.from(hello, (_, end) => readServerName(hello, 0, end));
  expect(new Set(found)).toEqual(new Set(['', 'shop.example']));
  expect(found.indexOf('shop.example')).toBe(found.lastIndexOf('') + 1);
});

test('spoiled anywhere: never a throw, never a name from outside the hello', () => {
  const hello = clientHello('shop.example', { before: 20 });
  const around = Buffer.concat([hello, Buffer.from('outside.example'.repeat(20))]);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
      const bytes = Uint8Array.from(around);
      for (const [at, value] of changes) bytes[at] = value;
      expect(readServerName(bytes, 0, hello.length)).not.toContain('outside');
    }),
  );
});
