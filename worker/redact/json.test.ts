import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apply, redactBody } from '../../test/redact/redact.ts';
import { Finder } from './finder.ts';
import { Json } from './json.ts';
import { createPolicy } from './policy.ts';

const policy = createPolicy();

function redact(text: string): string {
  const data = Buffer.from(text);
  const finder = new Finder(policy);
  expect(finder.json(data, 0, data.length, false)).not.toBe(Json.no);
  return apply(data, 0, data.length, finder.spans).toString();
}

function accepts(text: string): boolean {
  const data = Buffer.from(text);
  const finder = new Finder(policy);
  const answer = finder.json(data, 0, data.length, false);
  if (answer === Json.no) expect(finder.spans.count).toBe(0);
  return answer !== Json.no;
}

/** The same by the slow and certain way. */
function redactValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const octets = Buffer.from(name);
      return [name, policy.isSensitive(octets, 0, octets.length) ? '[REDACTED]' : redactValue(member)];
    }),
  );
}

const name = fc.oneof(
  fc.constantFrom(
    'password',
    'Token',
    'api_key',
    'user',
    'pass"word',
    'to\\ken',
    'é',
    'id',
    'status',
    'a b',
    '',
  ),
  fc.string(),
);
// Values that are secrets by themselves have their own tests.
const leaf = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
  fc.boolean(),
  fc.constant(null),
  fc.string({ unit: fc.constantFrom(...'abcxyz ,{}[]"\\/\n\té€😀'), maxLength: 30 }),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      name.filter((text) => text !== '__proto__'),
      tie('value'),
      { maxKeys: 6 },
    ),
  ),
})).value;

test('any JSON stays JSON, and what is not secret stays as it is', () => {
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(JSON.parse(redact(text))).toEqual(redactValue(JSON.parse(text)));
    }),
    { numRuns: 1500 },
  );
});

test('a body is JSON however it is cut', () => {
  fc.assert(
    fc.property(json, fc.nat(200), (value, length) => {
      const text = JSON.stringify(value);
      expect(accepts(text.slice(0, length))).toBe(true);
    }),
  );
});

test('octets outside of the spans are kept to the last space', () => {
  expect(redact('{ "a" :\r\n 1.50e+3 , "password"  : "x" ,"b":[ true,null,{ } , [ ]]\t}\n')).toBe(
    '{ "a" :\r\n 1.50e+3 , "password"  : "[REDACTED]" ,"b":[ true,null,{ } , [ ]]\t}\n',
  );
});

test.each([
  ['{"password":12.5}', '{"password":"[REDACTED]"}'],
  ['{"password":null,"a":1}', '{"password":"[REDACTED]","a":1}'],
  ['{"password":false}', '{"password":"[REDACTED]"}'],
  ['{"password":""}', '{"password":"[REDACTED]"}'],
  ['{"password":{},"a":[]}', '{"password":"[REDACTED]","a":[]}'],
  ['{"user":{"a":"]}\\"","b":[{}]},"c":2}', '{"user":"[REDACTED]","c":2}'],
  ['[{"token":["a"]},{"token":"b"}]', '[{"token":"[REDACTED]"},{"token":"[REDACTED]"}]'],
  ['{"pass\\u0077ord":"x","user\\/id":"y"}', '{"pass\\u0077ord":"[REDACTED]","user\\/id":"[REDACTED]"}'],
  ['{"s":"{\\"pin\\":1,\\"key\\":2}"}', '{"s":"{\\"pin\\":1,\\"key\\":\\"[REDACTED]\\"}"}'],
  ['{"n":4111111111111111,"m":4111111111111112}', '{"n":"[REDACTED]","m":4111111111111112}'],
  [
    '{"env":[{"name":"DB_PASSWORD","value":"x"},{"name":"A","value":"y"}]}',
    '{"env":[{"name":"DB_PASSWORD","value":"[REDACTED]"},{"name":"A","value":"y"}]}',
  ],
  ['1 "a" {"key":1}\n{"key":2}', '1 "a" {"key":"[REDACTED]"}\n{"key":"[REDACTED]"}'],
])('%s', (text, expected) => expect(redact(text)).toBe(expected));

test.each([
  '{a:1}',
  "{'a':1}",
  '{"a"}',
  '{"a":1,}',
  '[1,]',
  '[1 2]',
  '{"a":1]',
  ']',
  '{"a":tru}',
  '"a\nb"',
  '{"a":1 "b":2}',
  '{,}',
  '{"a"::1}',
])('%s is not JSON', (text) => expect(accepts(text)).toBe(false));

test('names seen in one order are still judged when they come in another', () => {
  const finder = new Finder(policy);
  const run = (text: string): string => {
    const data = Buffer.from(text);
    finder.spans.clear();
    finder.json(data, 0, data.length, false);
    return apply(data, 0, data.length, finder.spans).toString();
  };
  for (let i = 0; i < 3; i++) {
    expect(run('{"id":"a","toke":"b","status":"c"}')).toBe('{"id":"a","toke":"b","status":"c"}');
    expect(run('{"id":"a","token":"b","status":"c"}')).toBe('{"id":"a","token":"[REDACTED]","status":"c"}');
    expect(run('{"id":"a","tok\\"en":"b"}')).toBe('{"id":"a","tok\\"en":"[REDACTED]"}');
  }
});

test('deep nesting is read as text, and still redacted', () => {
  const deep = `${'['.repeat(5000)}{"password":"hunter2"}`;
  expect(redactBody('application/json', deep)).not.toContain('hunter2');
});
