import { expect, test } from 'vitest';
import { ExportSlots } from './export-slots.ts';
import { API_LIMITS } from './limits.ts';
import { MemoryStore } from './testing/memory-store.ts';

/** Somebody who waits for the export until it has ended. */
const STAYS = new AbortController().signal;

test('so many at once, and a place that is given back twice is one', () => {
  const slots = new ExportSlots(new MemoryStore());
  const taken = Array.from({ length: API_LIMITS.exports }, () => slots.take(STAYS));
  expect(() => slots.take(STAYS)).toThrow('too many exports');
  taken[0]!.giveBack();
  taken[0]!.giveBack();
  slots.take(STAYS);
  expect(() => slots.take(STAYS)).toThrow('too many exports');
});

test('a name tells how far its export is while that runs, the last of that name', () => {
  const slots = new ExportSlots(new MemoryStore());
  const [first, second] = [slots.take(STAYS, 'same-name'), slots.take(STAYS, 'same-name')];
  expect(slots.named('same-name')).toBe(second.job);
  first.giveBack();
  expect(slots.named('same-name')).toBe(second.job);
  second.giveBack();
  expect(slots.named('same-name')).toBeUndefined();
});

test('an export is cancelled when nobody waits for it any more, also where that was before', () => {
  const slots = new ExportSlots(new MemoryStore());
  const gone = new AbortController();
  const { job } = slots.take(gone.signal);
  expect(job.signal.aborted).toBe(false);
  gone.abort();
  expect(job.signal.reason).toMatchObject({ code: 'EXPORT_CANCELLED' });
  expect(slots.take(gone.signal).job.signal.aborted).toBe(true);
});
