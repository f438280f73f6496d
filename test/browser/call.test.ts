import { describe, expect, test } from 'vitest';
import type { Flow } from '../../flow/flow.ts';
import { formatTime } from '../../flow/time.ts';
import { browserFixture, hasBrowser, rows } from './fixture.ts';
import type { MockHub } from './mock-hub.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const start = Date.now() * 1000 - 5_000_000;

const end = (name: string): Flow['src'] => ({
  ip: `10.0.0.${name.length}`,
  port: 8080,
  name,
  namespace: 'shop',
  pod: `${name}-0`,
  workload: name,
});

/** A hop of the call, `ms` after its beginning. */
function hop(hub: MockHub, from: string, to: string, ms: number, elapsedMs: number, status = 200): string {
  return hub.push((base) => ({
    time: formatTime(start + ms * 1000),
    src: end(from),
    dst: end(to),
    request: { ...base.request!, headers: [['traceparent', `00-${TRACE}-b7ad6b7169203331-01`]] },
    response: { status, reason: '', headers: [], bodySize: 0 },
    elapsedMs,
    timing: { requestMs: 1, serverMs: elapsedMs - 2, responseMs: 1 },
    completeness: ['complete'],
  }));
}

describe.skipIf(!hasBrowser)('a call through several services', () => {
  const { hub: startHub, open } = browserFixture();

  test('is a waterfall from what came in to the last hop, and each hop is one press away', async () => {
    const hub = await startHub({ history: 20 });
    const failed = hop(hub, 'orders', 'payments', 30, 40, 503);
    hop(hub, 'web', 'orders', 20, 70, 502);
    hop(hub, 'shopper', 'web', 0, 100, 502);
    hop(hub, 'web', 'cart', 4, 10);
    const page = await open(`${hub.url}?flow=${failed}&tab=call`);
    const call = page.getByRole('group', { name: 'Call' });
    await call.getByText('4 exchanges with 4 servers, 100 ms in all').waitFor();
    const hops = call.getByRole('listitem');
    const servers = () => hops.locator('b').allInnerTexts();
    expect(await servers()).toEqual(['shop/web', 'shop/cart', 'shop/orders', 'shop/payments']);
    const current = call.locator('[aria-current]');
    expect(await current.innerText()).toContain('payments');
    await expect.poll(() => call.locator('.track .server').count()).toBe(4);

    await hops.nth(2).getByRole('button').click();
    await expect.poll(() => current.innerText()).toContain('orders');
    expect(new URL(page.url()).searchParams.get('tab')).toBe('call');
    expect(await servers()).toHaveLength(4);

    await call.getByRole('button', { name: 'All flows of this call' }).click();
    await expect.poll(() => rows(page).count()).toBe(4);
  });

  test('of which only one exchange was seen says so', async () => {
    const hub = await startHub();
    const only = hop(hub, 'web', 'orders', 0, 70);
    const page = await open(`${hub.url}?flow=${only}&tab=call`);
    await page.getByText('Only this exchange of the call was seen.').waitFor();
  });

  test('has no tab where the exchange bears no id', async () => {
    const hub = await startHub();
    const plain = hub.push((base) => ({ request: { ...base.request!, headers: [] } }));
    const page = await open(`${hub.url}?flow=${plain}&tab=call`);
    await page.getByRole('tab', { name: 'Timing' }).waitFor();
    expect(await page.getByRole('tab', { name: 'Call' }).count()).toBe(0);
    expect(await page.getByRole('tab', { name: 'Response' }).getAttribute('aria-selected')).toBe('true');
  });
});
