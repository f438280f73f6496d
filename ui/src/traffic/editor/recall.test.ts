import { expect, test } from 'vitest';
import { MOST_RECENT, Recall, recentFilters, remember } from './recall.ts';

function storage(text?: string) {
  let kept = text ?? null;
  return {
    getItem: () => kept,
    setItem: (_key: string, value: string) => {
      kept = value;
    },
  };
}

test('filters are kept once each, the newest first, and not without end', () => {
  const kept = storage();
  for (const filter of ['a', 'b', '', 'a']) remember(filter, kept);
  expect(recentFilters(kept)).toEqual(['a', 'b']);
  for (let n = 0; n < 2 * MOST_RECENT; n++) remember(`f${n}`, kept);
  expect(recentFilters(kept)).toHaveLength(MOST_RECENT);
});

test('what is stored is not trusted', () => {
  for (const text of ['{', '{"a":1}', 'null']) expect(recentFilters(storage(text))).toEqual([]);
  expect(recentFilters(storage('["a",1,null]'))).toEqual(['a']);
});

test('up goes back, down comes again to what was being written', () => {
  const recall = new Recall(() => ['new', 'old']);
  expect(recall.go(1, 'draft')).toBeUndefined();
  expect(recall.go(-1, 'draft')).toBe('new');
  expect(recall.go(-1, 'new')).toBe('old');
  expect(recall.go(-1, 'old')).toBeUndefined();
  expect(recall.go(1, 'old')).toBe('new');
  expect(recall.go(1, 'new')).toBe('draft');
  recall.go(-1, 'draft');
  recall.changed('new');
  expect(recall.go(-1, 'new')).toBe('old');
  recall.changed('old, but changed');
  expect(recall.go(-1, 'old, but changed')).toBe('new');
  expect(recall.go(1, 'new')).toBe('old, but changed');
});
