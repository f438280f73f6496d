import { expect, test } from 'vitest';
import { ExportSlots } from './export-slots.ts';
import { API_LIMITS } from './limits.ts';
import { MemoryStore } from './testing/memory-store.ts';

test('so many at once, and a place that is given back twice is one', () => {
  const slots = new ExportSlots(new MemoryStore());
  const taken = Array.from({ length: API_LIMITS.exports }, () => slots.take());
  expect(() => slots.take()).toThrow('too many exports');
  taken[0]!.giveBack();
  taken[0]!.giveBack();
  slots.take();
  expect(() => slots.take()).toThrow('too many exports');
});

test('a name tells how far its export is while that runs, the last of that name', () => {
  const slots = new ExportSlots(new MemoryStore());
  const [first, second] = [slots.take('same-name'), slots.take('same-name')];
  expect(slots.named('same-name')).toBe(second.job);
  first.giveBack();
  expect(slots.named('same-name')).toBe(second.job);
  second.giveBack();
  expect(slots.named('same-name')).toBeUndefined();
});
