/** Hostile HTTP on clean connections, through the whole worker. */
import { expect, test } from 'vitest';
import { CAMPAIGN_TIMEOUT_MS, campaign } from './campaign.ts';
import { ownCapture } from './captures.ts';
import { readThrough } from './check.ts';

test('HTTP as no library would write it', { timeout: CAMPAIGN_TIMEOUT_MS }, async () => {
  let exchanges = 0;
  let malformed = 0;
  await campaign('hostile HTTP', {
    cases: 250,
    run: (chance) => {
      const { counters } = readThrough(ownCapture(chance));
      exchanges += counters['exchanges']!;
      malformed += counters['malformedMessages']!;
    },
  });
  // The generator makes HTTP, and not all of it good.
  expect(exchanges).toBeGreaterThan(250);
  expect(malformed).toBeGreaterThan(50);
});
