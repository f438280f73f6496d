import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bounded, visible, visibleLines } from './text.ts';

test('characters that cannot be seen are spelled out', () => {
  expect(visible('a\u0000b\tc\nd\u007f')).toBe('a␀b␉c␊d␡');
  expect(visible('user\u202egnp.exe')).toBe('user⟨U+202E⟩gnp.exe');
  expect(visible('zero\u200bwidth\ufeff')).toBe('zero⟨U+200B⟩width⟨U+FEFF⟩');
  expect(visible('\u{e0041}tag')).toBe('⟨U+E0041⟩tag');
  expect(visible('\ud800 alone')).toBe('⟨U+D800⟩ alone');
});

test('what can be seen stays as it is', () => {
  const text = '<script>alert(1)</script> Zürich 東京 🐟 שלום';
  expect(visible(text)).toBe(text);
});

test('lines stay lines where there are many', () => {
  expect(visibleLines('a\r\nb\n\tc\rd\u202e', 100)).toBe('a\nb\n\tc␍d⟨U+202E⟩');
});

test('a cut never splits a character', () => {
  expect(bounded('ab🐟', 3)).toBe('ab…');
  expect(bounded('ab🐟', 4)).toBe('ab🐟');
});

test('whatever comes, nothing that steers or hides is left and the length is bounded', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const shown = visible(text, 50);
      expect(shown).not.toMatch(/[\p{Cc}\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u);
      expect(shown.length).toBeLessThanOrEqual(50 * 9 + 1);
    }),
  );
});
