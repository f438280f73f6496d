import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClockOffset } from './clock-offset.ts';

test('nothing is said before both a report and a round trip are known', () => {
  const clock = new ClockOffset();
  clock.report(1000, 1000);
  expect(clock.value).toBeUndefined();
  clock.roundTrip(4);
  expect(clock.value).toBe(2);
});

test('an offset is found to within half a round trip, however long some reports wait', () => {
  const delays = fc.array(fc.integer({ min: 2, max: 900 }), { minLength: 1, maxLength: 15 });
  fc.assert(
    fc.property(fc.integer({ min: -100_000, max: 100_000 }), delays, (offset, late) => {
      const clock = new ClockOffset();
      // One of them takes the shortest way: 2 ms there and 2 ms back.
      for (const [n, delay] of [...late, 2].entries()) {
        const sent = 1_700_000_000_000 + n * 1000;
        clock.report(sent + offset, sent + delay);
        clock.roundTrip(delay + 2);
      }
      expect(Math.abs(clock.value! - offset)).toBeLessThanOrEqual(2);
    }),
  );
});

test('a clock that was put right is right after a while', () => {
  const clock = new ClockOffset();
  clock.roundTrip(0);
  for (let n = 0; n < 16; n++) clock.report(5000 + n, n);
  for (let n = 0; n < 16; n++) clock.report(n, n);
  expect(clock.value).toBe(0);
});
