/** What a bad network, or a capture with holes, does to a message must not bring a secret to light. */
import { expect, test } from 'vitest';
import { plantSecrets } from '../e2e/canary-plants.ts';
import { impair, LinkType, snap, type TimedFrame } from '../packets/index.ts';
import { CAMPAIGN_TIMEOUT_MS, campaign } from './campaign.ts';
import type { Chance } from './chance.ts';
import { readThrough } from './check.ts';

/** The marker, also within base64. */
const SECRET = /CaNaRy\d+q|Q2FOYVJ5|NhTmFSe|DYU5hUn/;

const { talks } = plantSecrets();

function spoiledTalk(chance: Chance): TimedFrame[] {
  let frames = impair(chance.pick(talks).packets, {
    loss: chance.pick([0, 0.03, 0.2]),
    reorder: chance.pick([0, 0.2]),
    duplicate: chance.pick([0, 0.1]),
    seed: chance.below(2 ** 31),
  });
  if (chance.happens(0.2)) frames = frames.slice(chance.below(frames.length));
  if (!chance.happens(0.2)) return frames;
  const snapLength = chance.between(54, 200);
  return frames.map((frame) => snap(frame, snapLength));
}

/** What stands around the first secret that is shown. */
function shown(frames: TimedFrame[], redacted: boolean): string | undefined {
  const { records } = readThrough({ frames, linkType: LinkType.ethernet }, redacted);
  const text = Buffer.from(records).toString('latin1');
  const found = SECRET.exec(text);
  return found === null ? undefined : text.slice(Math.max(0, found.index - 200), found.index + 50);
}

test('secrets in spoiled connections', { timeout: CAMPAIGN_TIMEOUT_MS }, async () => {
  let visible = 0;
  let cases = 0;
  await campaign('secrets in spoiled connections', {
    cases: 1000,
    run: (chance) => {
      const frames = spoiledTalk(chance);
      const leak = shown(frames, true);
      if (leak !== undefined) throw new Error(`a secret is shown: ${JSON.stringify(leak)}`);
      cases++;
      if (shown(frames, false) !== undefined) visible++;
    },
  });
  // With redaction off most of them can be seen: the test can fail.
  expect(visible).toBeGreaterThan(cases * 0.4);
});
