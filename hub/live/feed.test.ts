import { describe, expect, test } from 'vitest';
import { compileFilter } from '../../flow/filter.ts';
import { exchange } from '../api/testing/arrival.ts';
import { FlowFeed } from './feed.ts';
import { LiveFlow } from './flow.ts';
import { LIVE_LIMITS } from './limits.ts';

const flow = (n: number, body?: string) =>
  new LiveFlow(exchange({ n, ...(body === undefined ? {} : { body }) }));
const rows = (taken: { flows: string[] }): string[] => taken.flows.map((json) => JSON.parse(json).path);

function feed(filter = '', full = false): FlowFeed {
  return new FlowFeed(compileFilter(filter), full);
}

test('a subscriber gets what comes after it began, once, oldest first', () => {
  const live = feed();
  live.offer(flow(1));
  const cursor = live.cursor();
  expect(live.hasNews(cursor)).toBe(false);
  live.offer(flow(2));
  live.offer(flow(3));
  expect(live.hasNews(cursor)).toBe(true);
  const taken = live.take(cursor);
  expect(rows(taken)).toEqual(['/2', '/3']);
  expect(taken.skipped).toBe(0);
  expect(live.hasNews(cursor)).toBe(false);
  expect(live.take(cursor)).toEqual({ flows: [], skipped: 0 });
});

test('subscribers of one feed share its rows and each has its own place', () => {
  const live = feed();
  const first = live.cursor();
  live.offer(flow(1));
  const second = live.cursor();
  live.offer(flow(2));
  expect(rows(live.take(second))).toEqual(['/2']);
  expect(rows(live.take(first))).toEqual(['/1', '/2']);
});

test('only what passes the filter, in the form asked for', () => {
  const live = feed('path == "/2"', true);
  const cursor = live.cursor();
  for (let n = 0; n < 4; n++) live.offer(flow(n));
  const { flows } = live.take(cursor);
  expect(flows).toHaveLength(1);
  expect(JSON.parse(flows[0])).toMatchObject({
    request: { path: '/2' },
    response: { body: { text: 'hello' } },
  });
});

describe('a slow subscriber', () => {
  test('gets the newest, and the count of the others', () => {
    const live = feed();
    const cursor = live.cursor();
    const total = LIVE_LIMITS.liveFeedFlows * 3 + 17;
    for (let n = 0; n < total; n++) live.offer(flow(n));
    const seen: string[] = [];
    let skipped = 0;
    while (live.hasNews(cursor)) {
      const taken = live.take(cursor);
      expect(taken.flows.length).toBeLessThanOrEqual(LIVE_LIMITS.liveFrameRows);
      seen.push(...rows(taken));
      skipped += taken.skipped;
    }
    expect(seen).toHaveLength(LIVE_LIMITS.liveFeedFlows);
    expect(seen.at(-1)).toBe(`/${total - 1}`);
    expect(seen.length + skipped).toBe(total);
  });

  test('of large flows gets fewer: the bytes are bounded too', () => {
    const body = 'x'.repeat(64 * 1024);
    for (const filter of ['', 'http']) {
      const live = feed(filter, true);
      const cursor = live.cursor();
      for (let n = 0; n < 1000; n++) live.offer(flow(n, body));
      let bytes = 0;
      let skipped = 0;
      let frames = 0;
      while (live.hasNews(cursor)) {
        const taken = live.take(cursor);
        const frame = taken.flows.reduce((sum, json) => sum + json.length, 0);
        expect(frame).toBeLessThanOrEqual(LIVE_LIMITS.liveFrameBytes);
        bytes += frame;
        skipped += taken.skipped;
        frames++;
      }
      expect(frames).toBeGreaterThan(3);
      expect(bytes).toBeLessThanOrEqual(LIVE_LIMITS.liveFeedBytes * 1.05);
      expect(skipped).toBeGreaterThan(900);
    }
  });

  test('of few flows in large batches too: a flow keeps its whole batch in memory', () => {
    const live = feed();
    const cursor = live.cursor();
    const batch = 1024 * 1024;
    for (let n = 0; n < 40; n++) {
      const arrival = exchange({ n });
      const memory = new Uint8Array(batch);
      memory.set(arrival.record);
      live.offer(new LiveFlow({ ...arrival, record: memory.subarray(0, arrival.record.length) }));
    }
    const { flows, skipped } = live.take(cursor);
    expect(flows.length).toBe(LIVE_LIMITS.liveFeedBytes / batch);
    expect(skipped).toBe(40 - flows.length);
  });

  test('and one flow larger than a frame still arrives', () => {
    const live = feed('', true);
    const cursor = live.cursor();
    live.offer(flow(1, 'x'.repeat(LIVE_LIMITS.liveFrameBytes + 1)));
    live.offer(flow(2));
    expect(live.take(cursor).flows).toHaveLength(1);
    expect(live.take(cursor).flows).toHaveLength(1);
  });
});

test('flows there was no time to look at count as skipped, once', () => {
  const live = feed('http');
  const cursor = live.cursor();
  live.pass(5);
  expect(live.hasNews(cursor)).toBe(true);
  live.offer(flow(1));
  expect(live.take(cursor).skipped).toBe(5);
  expect(live.take(cursor).skipped).toBe(0);
  expect(live.take(live.cursor()).skipped).toBe(0);
});
