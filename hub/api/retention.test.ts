import { expect, test } from 'vitest';
import { retention } from './retention.ts';

const GB = 1e9;
const store = { flows: 1_000_000, bytes: GB, limits: { storageLimit: 32 * GB } };

test('what comes in an hour at the rate of the last minute, and for how many hours there is room', () => {
  expect(retention(store, 60_000, 60_000)).toEqual({ bytesPerHour: 3.6 * GB, keepsHours: 32 / 3.6 });
});

test('an age limit ends history sooner than the room does', () => {
  const limits = { ...store.limits, maxAgeMs: 2 * 3_600_000 };
  expect(retention({ ...store, limits }, 60_000, 60_000).keepsHours).toBe(2);
});

test('nothing comes: it does not grow, and nothing is foretold', () => {
  expect(retention(store, 0, 60_000)).toEqual({ bytesPerHour: 0, keepsHours: null });
});

test.each([
  ['few flows', { ...store, flows: 999 }, 60_000],
  ['a short time', store, 9_000],
])('%s say nothing', (_, stats, ms) => {
  expect(retention(stats, 500, ms)).toEqual({ bytesPerHour: null, keepsHours: null });
});
