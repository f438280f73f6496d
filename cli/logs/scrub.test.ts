import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Scrubber } from './scrub.ts';

const TOKEN = 'CANARYtoken0123456789abcdefghijklmnopqrstuv';
const KEY = `-----BEGIN PRIVATE KEY-----
CANARYkeyLine1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
CANARYkeyLine2BBBBBBBBBBBBBBBBBBBBB=
-----END PRIVATE KEY-----
`;

describe('what is known to be a secret', () => {
  const scrubber = new Scrubber([TOKEN, KEY]);

  test.each([
    ['alone', TOKEN],
    ['inside of a word', `x${TOKEN}y`],
    ['in an address', `https://localhost:8899/?token=${TOKEN}&filter=`],
    ['in base64', Buffer.from(TOKEN).toString('base64')],
    ['a line of a key, without the rest', KEY.split('\n')[2] as string],
    ['a key in one line of JSON', JSON.stringify({ message: KEY })],
  ])('goes: %s', (_what, text) => {
    for (const kind of ['log', 'facts'] as const) {
      const clean = scrubber.text(`before ${text} after`, kind);
      expect(clean).not.toContain('CANARY');
      expect(clean).not.toContain(Buffer.from(TOKEN).toString('base64').slice(4, 20));
      expect(clean).toMatch(/^before .*after$/s);
    }
  });

  test('wherever it stands, whatever is around it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, after) => {
        expect(scrubber.text(`${before}${TOKEN}${after}`, 'facts')).not.toContain(TOKEN);
      }),
    );
  });

  test('what is too short to be one is left: it would be found by accident', () => {
    expect(new Scrubber(['', '\n', 'hub']).text('the hub', 'log')).toBe('the hub');
  });
});

describe('what only looks like one', () => {
  const scrubber = new Scrubber([]);

  test.each([
    ['Authorization: Bearer CANARYaaaabbbbccccdddd'],
    ['GET https://bob:CANARYpass@example.com/'],
    ['{"password":"CANARYpass","n":1}'],
    ['cookie: sid=CANARYsession'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.CANARYsignatureAAAAAAAAAAAAAAA'],
  ])('goes from logs: %s', (text) => {
    expect(scrubber.text(text, 'log')).not.toContain('CANARY');
  });

  test('of facts only what is a secret by itself goes: names say other things there', () => {
    const yaml =
      'secretName: remora\nautomountServiceAccountToken: false\nkey: token\nserviceAccountName: x\n';
    expect(scrubber.text(yaml, 'facts')).toBe(yaml);
    expect(scrubber.text(`a: ${KEY}`, 'facts')).not.toContain('CANARYkeyLine1');
  });

  test('ordinary lines of the programs stay as they are', () => {
    const line =
      '{"level":30,"time":1795269974688,"pid":1,"hostname":"n1","name":"hub","node":"node2","session":"ba426d009b9f44ae","sources":["any"],"msg":"A worker has connected."}\n';
    expect(scrubber.text(line, 'log')).toBe(line);
    const listening =
      '{"level":30,"msg":"Server listening at https://10.0.0.1:8898","address":"10.0.0.1:8898"}\n';
    expect(scrubber.text(listening, 'log')).toBe(listening);
  });
});
