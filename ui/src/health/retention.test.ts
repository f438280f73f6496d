import { expect, test } from 'vitest';
import type { Health } from '../../../flow/api.ts';
import { growthInWords } from './retention.ts';

test.each([
  [1.2e9, 26.2, 'grows by 1.2 GB an hour; the limit holds about 26 h'],
  [8e9, 0.25, 'grows by 8.0 GB an hour; the limit holds about 15 min'],
  [1e6, 2400, 'grows by 1.0 MB an hour; the limit holds about 100 days'],
  [0, null, 'grows by 0 B an hour'],
  [null, null, ''],
])('%s bytes an hour, room for %s hours', (bytesPerHour, keepsHours, words) => {
  expect(growthInWords({ bytesPerHour, keepsHours } as Health['hub'])).toBe(words);
});
