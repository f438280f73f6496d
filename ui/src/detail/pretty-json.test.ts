import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prettyJson } from './pretty-json.ts';

test('lays out as JSON.stringify does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
    }),
  );
});

test('keeps what JSON.parse would lose', () => {
  expect(prettyJson('{"n":12345678901234567890,"e":1.0e+2,"a":1,"a":2,"s":"\\u00e9"}')).toBe(
    '{\n  "n": 12345678901234567890,\n  "e": 1.0e+2,\n  "a": 1,\n  "a": 2,\n  "s": "\\u00e9"\n}',
  );
});

test('shows what is cut off or not JSON as far as it goes', () => {
  expect(prettyJson('{"a":[1,2,{"b":"unfin')).toBe('{\n  "a": [\n    1,\n    2,\n    {\n      "b": "unfin');
  expect(prettyJson('{"a": [REDACTED], x}')).toContain('REDACTED');
  expect(prettyJson('}]}')).toBe('\n}\n]\n}');
  expect(prettyJson('{"a":1}\n{"a":2}\n')).toBe('{\n  "a": 1\n}\n{\n  "a": 2\n}');
});

test('changes blanks only', () => {
  const bare = (text: string): string => text.replace(/\s/g, '');
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[],:" \\ab1\n') }), (text) => {
      expect(bare(prettyJson(text))).toBe(bare(text));
    }),
  );
});

test('nesting without end costs no more than its length in proportion', () => {
  expect(prettyJson('['.repeat(100_000)).length).toBeLessThan(100_000 * 90);
});
