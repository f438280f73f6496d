import type { TimedFrame } from './frame.ts';

/** What a bad network does; each a share of the packets, 0 to 1. */
export interface Impairment {
  loss?: number;
  duplicate?: number;
  /** Changes places with the next packet. */
  reorder?: number;
  /** The same seed spoils the same packets. */
  seed?: number;
}

/** The packets as a bad network would have delivered them; the times stay in order. */
export function impair(packets: readonly TimedFrame[], impairment: Impairment): TimedFrame[] {
  const { loss = 0, duplicate = 0, reorder = 0 } = impairment;
  const random = randomNumbers(impairment.seed ?? 1);
  const arrived: TimedFrame[] = [];
  for (const packet of packets) {
    if (random() < loss) continue;
    arrived.push(packet);
    if (random() < duplicate) arrived.push(packet);
    if (arrived.length > 1 && random() < reorder) {
      const last = arrived.length - 1;
      [arrived[last - 1], arrived[last]] = [arrived[last]!, arrived[last - 1]!];
    }
  }
  const times = arrived.map(({ time }) => time).sort((a, b) => a - b);
  return arrived.map((packet, i) => ({ ...packet, time: times[i]! }));
}

/**
 * Numbers in [0, 1) that are the same for the same seed (mulberry32): tests that use chance must be
 * repeatable.
 */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
