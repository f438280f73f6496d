import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FlowPage, FlowRow, LiveFrame } from '../../../flow/api.ts';
import { flowId, rowOf, shopFlow } from '../../../test/browser/shop.ts';
import type { TrafficFeed } from './feed.svelte.ts';

/** A hub in memory behind the browser's own doors: what the feed asks for by HTTP, and a socket that the test feeds. */
class Hub {
  readonly flows: FlowRow[] = [];
  sockets: FakeSocket[] = [];

  /** `late`: it was captured earlier than others that are there already. */
  arrive(count: number, { late = 0 } = {}): FlowRow[] {
    return Array.from({ length: count }, () => {
      const n = this.flows.length;
      const timeMs = 1_700_000_000_000 + (n - late) * 0.001;
      const row = { ...rowOf(shopFlow(n, timeMs)), id: flowId(n, timeMs) };
      this.flows.push(row);
      return row;
    });
  }

  tell(rows: FlowRow[], skipped = 0): void {
    const frame: LiveFrame = { type: 'flows', rows, skipped };
    this.sockets.at(-1)?.onmessage?.({ data: JSON.stringify(frame) });
  }

  newestFirst(): string[] {
    return this.flows
      .map(({ id }) => id)
      .sort()
      .reverse();
  }

  page(query: URLSearchParams): FlowPage {
    const [before, to] = [query.get('before'), query.get('to')];
    const found = [...this.flows]
      .sort((a, b) => (a.id < b.id ? 1 : -1))
      .filter(({ id, time }) => (before === null || id < before) && (to === null || time < to));
    const flows = found.slice(0, Number(query.get('limit')));
    const next = found.length > flows.length ? flows.at(-1)!.id : null;
    return { flows, next, scanned: flows.length, since: null, partial: false };
  }
}

class FakeSocket {
  static OPEN = 1;
  readyState = 1;
  onopen: (() => void) | undefined;
  onmessage: ((event: { data: string }) => void) | undefined;
  send(): void {}
  close(): void {}
}

let hub: Hub;
let feed: TrafficFeed;

beforeEach(async () => {
  hub = new Hub();
  const rune = <T>(value: T): T => value;
  vi.stubGlobal('$state', Object.assign(rune, { raw: rune }));
  vi.stubGlobal('document', { baseURI: 'http://hub/' });
  vi.stubGlobal('fetch', async (url: URL) => ({ ok: true, json: async () => hub.page(url.searchParams) }));
  vi.stubGlobal(
    'WebSocket',
    class extends FakeSocket {
      constructor() {
        super();
        hub.sockets.push(this);
      }
    },
  );
  const { TrafficFeed: Feed } = await import('./feed.svelte.ts');
  feed = new Feed();
});
afterEach(() => {
  feed.suspend();
  vi.unstubAllGlobals();
});

const shown = (): string[] =>
  Array.from({ length: feed.buffer.length }, (_, n) => feed.buffer.fromNewest(n)!.id);
const connect = async (): Promise<void> => {
  hub.sockets.at(-1)?.onopen?.();
  await vi.waitFor(() => expect(feed.loading).toBe('no'), { timeout: 10_000 });
  await new Promise((resolve) => setTimeout(resolve, 0));
};
const toTheEnd = async (): Promise<void> => {
  for (let page = 0; page < 100 && !feed.complete; page++) await feed.loadOlder();
};

test('what comes flows into history: nothing twice, nothing missed', async () => {
  hub.arrive(900);
  await feed.open({ filter: '', from: '', to: '' });
  hub.arrive(30);
  await connect();
  hub.tell(hub.arrive(5));
  await feed.loadOlder();
  hub.tell([...hub.arrive(3, { late: 100 }), hub.flows[0]!]);
  await toTheEnd();
  expect(shown()).toEqual(hub.newestFirst());
});

test('what came before the stream opened onto an empty list is history too', async () => {
  await feed.open({ filter: '', from: '', to: '' });
  hub.arrive(450);
  await connect();
  await toTheEnd();
  expect(shown()).toEqual(hub.newestFirst());
});

test('what came while the list was held is there afterwards, in its place', async () => {
  hub.arrive(50);
  await feed.open({ filter: '', from: '', to: '' });
  await connect();
  feed.hold(true);
  hub.tell(hub.arrive(20));
  expect(feed.waitingCount).toBe(20);
  expect(shown()).toHaveLength(50);
  await toTheEnd();
  feed.hold(false);
  expect(shown()).toEqual(hub.newestFirst());
});

test('more than a page came while the connection was down: the list begins anew, without a hole', async () => {
  hub.arrive(300);
  await feed.open({ filter: '', from: '', to: '' });
  await connect();
  hub.arrive(500);
  await connect();
  await toTheEnd();
  expect(shown()).toEqual(hub.newestFirst());
});
