import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rootField, tokensOf } from './tokens.ts';

test('names know their path, strings whether they end', () => {
  const tokens = tokensOf('src.pod.name == "a \\" b" && path in ["x');
  expect(tokens.map(({ text }) => text)).toEqual([
    ...['src', '.', 'pod', '.', 'name', '==', '"a \\" b"', '&&', 'path', 'in', '[', '"x'],
  ]);
  expect(tokens[4]!.path).toBe('src.pod.name');
  expect(tokens[8]!.path).toBe('path');
  expect(tokens[6]!.open).toBeUndefined();
  expect(tokens.at(-1)!.open).toBe(true);
});

test('a quote behind a backslash ends nothing', () => {
  expect(tokensOf('"a\\"')[0]).toMatchObject({ open: true });
  expect(tokensOf('"a\\\\"')[0]!.open).toBeUndefined();
});

test('a path into JSON is of the field it leads into', () => {
  expect(rootField('request.json.a.b')?.name).toBe('request.json');
  expect(rootField('src.pod')).toBeUndefined();
});

test('whatever is typed: pieces in order, and nothing but blanks between them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      let rebuilt = '';
      for (const { start, text: piece } of tokensOf(text)) {
        rebuilt += text.slice(rebuilt.length, start).replace(/\S/g, '!') + piece;
      }
      expect(rebuilt + text.slice(rebuilt.length).replace(/\S/g, '!')).toBe(text);
    }),
  );
});
