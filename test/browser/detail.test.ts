import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Flow } from '../../flow/flow.ts';
import { browserFixture, filterText, hasBrowser, openNewest, rows } from './fixture.ts';

const end = (name: string): Flow['src'] => ({ ip: '10.0.0.9', port: 8080, name });

/** An order that fails, with something in every place. */
const ORDER: Partial<Flow> = {
  src: end('web'),
  dst: end('orders'),
  request: {
    method: 'POST',
    target: '/orders?page=2&token=[REDACTED]',
    url: 'http://orders:8080/orders?page=2&token=[REDACTED]',
    path: '/orders',
    query: { page: '2', token: '[REDACTED]' },
    host: 'orders:8080',
    headers: [
      ['Host', 'orders:8080'],
      ['Authorization', '[REDACTED]'],
      ['X-Trace', 'abc'],
    ],
    cookies: { theme: 'dark', session: '[REDACTED]' },
    bodySize: 40,
    body: { mime: 'application/json', text: '{"items":[1,2],"password":"[REDACTED]"}' },
  },
  response: {
    status: 503,
    reason: 'Service Unavailable',
    headers: [['Content-Type', 'application/json']],
    bodySize: 30,
    body: { mime: 'application/json', text: '{"error":{"code":"NO_STOCK"}', truncated: 1200 },
  },
  elapsedMs: 52,
  timing: { requestMs: 1, serverMs: 50, ttfbMs: 51, responseMs: 1, networkMs: 0.5, clientMs: 52.5 },
  completeness: ['gap', 'truncated'],
  gapBytes: 1448,
  redacted: 4,
};

const tab = (pane: Locator, name: string): Promise<void> => pane.getByRole('tab', { name }).first().click();
/** Text of the code view, which lives in a shadow root. */
const code = (page: Page): Locator => page.locator('[data-code] .cm-content');

describe.skipIf(!hasBrowser)('a flow', () => {
  const { hub: startHub, open } = browserFixture();

  async function show(change: Partial<Flow>): Promise<{ page: Page; pane: Locator }> {
    const hub = await startHub();
    hub.push(() => change);
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    return { page, pane: await openNewest(page) };
  }

  test('says first what went wrong, where, and what is not known', async () => {
    const { page, pane } = await show(ORDER);
    const text = await pane.innerText();
    for (const part of ['503', 'Service Unavailable', '52.0 ms', 'POST', 'web', 'orders', '1.4 kB missing']) {
      expect(text).toContain(part);
    }
    await code(page).getByText('NO_STOCK').waitFor();
    expect(await pane.innerText()).toContain('1.2 kB left out');
  });

  test('every tab has its part', async () => {
    const { page, pane } = await show(ORDER);
    await tab(pane, 'Request');
    await code(page).getByText('items').waitFor();
    await tab(pane, 'Headers');
    await pane.getByRole('rowheader', { name: 'X-Trace' }).waitFor();
    await tab(pane, 'Query');
    await pane.getByRole('rowheader', { name: 'page' }).waitFor();
    await tab(pane, 'Cookies');
    await pane.getByRole('rowheader', { name: 'theme' }).waitFor();
    expect(new URL(page.url()).searchParams.get('tab')).toBe('request.cookies');
    await tab(pane, 'Timing');
    await pane.getByText('95% of the time went to').waitFor();
    await tab(pane, 'Connection');
    await pane.getByText('The server closed it in good order').waitFor();
    await pane.getByRole('rowheader', { name: 'Retransmissions' }).waitFor();
    await tab(pane, 'Raw');
    await code(page).getByText('HTTP/1.1 503 Service Unavailable').waitFor();
    await tab(pane, 'JSON');
    await code(page).getByText('"time"').waitFor();
  });

  test('redacted values are marked wherever they stand', async () => {
    const { page, pane } = await show(ORDER);
    const chips = pane.getByText('redacted', { exact: true });
    expect(await chips.count()).toBe(1);
    await tab(pane, 'Request');
    await code(page).locator('.cm-redacted').waitFor();
    await tab(pane, 'Headers');
    expect(await pane.getByRole('row', { name: 'Authorization' }).getByText('redacted').count()).toBe(1);
    expect(await chips.first().getAttribute('title')).toContain('Redacted on the node');
  });

  test('JSON can be folded', async () => {
    const { page } = await show(ORDER);
    await code(page).getByText('NO_STOCK').waitFor();
    await page.locator('[data-code] .cm-foldGutter span[title="Fold line"]').nth(1).click();
    await page.locator('[data-code] .cm-foldPlaceholder').first().waitFor();
    expect(await code(page).getByText('NO_STOCK').count()).toBe(0);
  });

  test('a value narrows the list with one press', async () => {
    const { page, pane } = await show(ORDER);
    await tab(pane, 'Request');
    await tab(pane, 'Headers');
    const row = pane.getByRole('row', { name: 'X-Trace' });
    await row.hover();
    await row.getByRole('button', { name: 'Filter by' }).click();
    await expect.poll(() => filterText(page)).toBe('request.headers["x-trace"] == "abc"');
    await rows(page).first().waitFor();
    expect(await page.locator('#filter-error').count()).toBe(0);
    // There is nothing to filter by in a value that is not known.
    expect(
      await pane
        .getByRole('row', { name: 'Authorization' })
        .getByRole('button', { name: 'Filter by' })
        .count(),
    ).toBe(0);
  });

  test('images are drawn from the bytes, other binary is shown in hex', async () => {
    const png =
      'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mPgzqsnCTGMahjVMHw1AABlRfgBeL82DAAAAABJRU5ErkJggg==';
    const { page, pane } = await show({
      response: {
        status: 200,
        reason: 'OK',
        headers: [],
        bodySize: 84,
        body: { mime: 'image/png', base64: png },
      },
    });
    await pane.getByText('16 × 16').waitFor();
    expect(await pane.getByRole('img', { name: 'Body of the message' }).getAttribute('src')).toMatch(
      /^blob:/,
    );
    await page.getByRole('button', { name: 'Hex' }).click();
    await pane.getByText('89 50 4e 47').waitFor();
  });

  test('a body that is withheld says why and what can be done', async () => {
    const { pane } = await show({
      response: {
        status: 200,
        reason: '',
        headers: [],
        bodySize: 900,
        body: { mime: 'x/y', withheld: 'ratio-limit' },
      },
    });
    await pane.getByRole('heading', { name: 'This body is withheld' }).waitFor();
    expect(await pane.innerText()).toContain('decompression bomb');
  });

  test('a request without an answer is explained', async () => {
    const { pane } = await show({
      response: undefined,
      completeness: ['one-sided'],
    } as unknown as Partial<Flow>);
    await pane.getByRole('heading', { name: 'No answer was seen' }).waitFor();
    expect(await pane.innerText()).toContain('one side');
  });

  test('what else happened then is one press away', async () => {
    const hub = await startHub({ history: 300 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    await rows(page).nth(8).click();
    const pane = page.locator('[data-pane=detail]');
    await pane.getByRole('tab', { name: 'Timing' }).click();
    await pane.getByRole('button', { name: 'within 1 s' }).click();
    await page.getByRole('button', { name: 'Back to live' }).waitFor();
    const count = Number(await page.locator('[role=grid]').getAttribute('aria-rowcount'));
    expect(count).toBeGreaterThan(20);
    expect(count).toBeLessThan(110);
  });

  test('its packets can be taken away, or it is said why not', async () => {
    const hub = await startHub({ history: 5 });
    const page = await open(hub.url);
    const pane = await openNewest(page);
    const button = pane.getByRole('button', { name: /PCAP/ });
    await button.click();
    const link = pane.getByRole('link', { name: /This flow 1\s234 packets, about 99 kB/ });
    expect(await link.getAttribute('href')).toMatch(/^\/api\/v1\/flows\.pcapng\?flow=/);
    expect(await pane.getByRole('link', { name: /Its connection/ }).getAttribute('href')).toContain(
      '?connection=',
    );
    await button.click();
    hub.packets = { flows: 1, packets: 0, bytes: 0, missing: ['They were overwritten at noon.'] };
    await button.click();
    await pane.getByText('They were overwritten at noon.').first().waitFor();
    expect(await pane.getByRole('link', { name: /This flow/ }).count()).toBe(0);
  });

  test('replay: the command for a server that is named, to the first one only once more is said', async () => {
    const { page, pane } = await show({ ...ORDER, completeness: [] });
    await pane.getByRole('button', { name: /^Replay/ }).click();
    const dialog = pane.getByRole('dialog', { name: /^Replay/ });
    const command = dialog.locator('pre');
    await dialog.getByText('Name a server').waitFor();
    expect(await command.count()).toBe(0);
    const to = dialog.getByRole('textbox', { name: 'Send to' });
    expect(await to.inputValue()).toBe('');
    await to.fill('http://orders:8080');
    const confirm = dialog.getByRole('checkbox', { name: /orders:8080, where it went at first/ });
    await confirm.check();
    expect(await command.innerText()).toContain('--yes');
    await to.fill('http://localhost:8080');
    await expect.poll(() => confirm.count()).toBe(0);
    const id = new URL(page.url()).searchParams.get('flow');
    expect((await command.innerText()).split(/\s+\\\s+/)).toEqual([
      `remora replay ${id}`,
      `--url ${new URL(page.url()).origin}`,
      '--to http://localhost:8080',
      ...['TOKEN', 'AUTHORIZATION', 'PASSWORD'].map(
        (name) => `--set REDACTED_${name}="\${REDACTED_${name}:?}"`,
      ),
    ]);
    await to.fill('http://orders:8080');
    await confirm.waitFor();
    expect(await command.count()).toBe(0);
  });

  test('a flow that is gone says so', async () => {
    const hub = await startHub({ history: 5 });
    const page = await open(`${hub.url}?flow=no-such-flow`);
    await page.getByRole('heading', { name: 'This flow is gone' }).waitFor();
  });
});
