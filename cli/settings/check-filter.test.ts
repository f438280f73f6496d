import { expect, test } from 'vitest';
import { checkFilter } from './check-filter.ts';

/** What is said of a wrong filter: the message, and the lines below it. */
function refusal(filter: string): { message: string; shown: string[] } {
  try {
    checkFilter(filter);
  } catch (error) {
    const [message, ...shown] = (error as Error).message.split('\n');
    return { message: message!, shown };
  }
  throw new Error('was taken');
}

test('a right filter is taken', () => {
  expect(() => checkFilter('http && status_code >= 500')).not.toThrow();
  expect(() => checkFilter('')).not.toThrow();
});

test('carets stand below the wrong word, and the right one is named', () => {
  const { message, shown } = refusal('status_code == 200 && methud == "GET"');
  expect(message).toBe('wrong filter: There is no field methud. Did you mean method?');
  expect(shown).toEqual(['  status_code == 200 && methud == "GET"', '                        ^^^^^^']);
});

test('what is missing at the end is pointed at behind it', () => {
  expect(refusal('http &&').shown).toEqual(['  http &&', '         ^']);
});

test('of several lines, the one with the mistake', () => {
  expect(refusal('http\n\t&& methud == "GET"\n&& slow').shown).toEqual([
    '   && methud == "GET"',
    '      ^^^^^^',
  ]);
});

test('characters that are drawn wide, or not at all, do not move the carets', () => {
  expect(refusal('path == "注文" && methud == ""').shown[1]).toBe(`${' '.repeat(20)}^^^^^^`);
  expect(refusal('path == "é" && methud == ""').shown[1]).toBe(`${' '.repeat(17)}^^^^^^`);
});

test('a terminal cannot be acted on by what the filter holds', () => {
  const { shown } = refusal('path == "\u001b[2J" && methud == ""');
  expect(shown[0]).toContain('\\u001b[2J');
  expect(shown[0]!.indexOf('methud')).toBe(shown[1]!.indexOf('^'));
});

test('of a long line, the part around the place', () => {
  const { shown } = refusal(`${'http && '.repeat(100)}methud == "x"${' && http'.repeat(100)}`);
  expect(shown[0]!.length).toBeLessThanOrEqual(80);
  expect(shown[0]!.slice(shown[1]!.indexOf('^'))).toMatch(/^methud == "x" .*…$/);
});
