import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineReader } from './line-reader.ts';

function read(text: string, size: number, limit = 1000): { lines: string[]; skipped: number } {
  let skipped = 0;
  const reader = new LineReader(limit, () => skipped++);
  const bytes = Buffer.from(text);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += size) lines.push(...reader.push(bytes.subarray(at, at + size)));
  return { lines, skipped };
}

test('lines as they end, in whatever chunks; blank ones are none', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 1, max: 50 }), (texts, size) => {
      const lines = texts.map((text) => text.replaceAll('\n', ''));
      const whole = lines.filter((line) => line.trim() !== '');
      expect(read(lines.map((line) => `${line}\n`).join(''), size).lines).toEqual(whole);
    }),
  );
});

test('a line that has not ended is not told', () => {
  expect(read('{"a":1}\n{"b"', 4).lines).toEqual(['{"a":1}']);
});

test('a line that is too long is left out and counted, the next one is read', () => {
  const text = `short\n${'x'.repeat(5000)}\nshort too\n`;
  for (const size of [1, 333, 10_000]) {
    expect(read(text, size)).toEqual({ lines: ['short', 'short too'], skipped: 1 });
  }
});
