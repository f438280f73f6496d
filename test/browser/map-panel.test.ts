import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browserFixture, filterText, hasBrowser, rows } from './fixture.ts';
import type { MockHub } from './mock-hub.ts';

/** Few enough that all flows of a cell are rows that are drawn. */
const HISTORY = 250;

/** The map of all that happened, which stands still, with the panel of the first edge to a service. */
async function openEdge(page: Page, to: string): Promise<Locator> {
  await page.getByRole('button', { name: 'Table' }).click();
  await page.getByRole('region', { name: 'Who talks to whom' }).getByRole('button', { name: to }).click();
  const panel = page.locator('[data-pane=map-detail]');
  await panel.getByRole('table').waitFor();
  return panel;
}

function past(hub: MockHub): string {
  const now = Date.now();
  const [from, to] = [now - 60_000, now].map((time) => new Date(time).toISOString());
  return `${hub.url}?view=map&from=${from}&to=${to}`;
}

describe.skipIf(!hasBrowser)('what the panel of the map tells', () => {
  const { hub: startHub, open } = browserFixture();

  test('latencies over time: keys go from cell to cell, and Enter leads to the flows that are counted there', async () => {
    const hub = await startHub({ history: HISTORY });
    const page = await open(past(hub));
    const panel = await openEdge(page, 'shop/orders');
    const grid = panel.getByRole('grid', { name: 'Latency' });
    const busiest = grid.locator('button[tabindex="0"]');
    const told = (await busiest.getAttribute('aria-label')) ?? '';
    const [, count] = /^(\d+) requests?, .* ms, from /.exec(told) ?? [];
    expect(Number(count)).toBeGreaterThan(1);
    await busiest.focus();
    expect(await panel.locator('figcaption').innerText()).toBe(told);
    for (const key of ['End', 'ArrowUp', 'Home']) await page.keyboard.press(key);
    const focused = page.locator(':focus');
    expect(await focused.getAttribute('aria-label')).not.toBe(told);
    expect(await grid.locator('button[tabindex="0"]').count()).toBe(1);
    await grid.getByRole('button', { name: told }).press('Enter');
    await expect
      .poll(() => filterText(page))
      .toMatch(/dst\.name == "orders".* && elapsed_time >= \d+ && elapsed_time < \d+$/);
    await expect.poll(() => rows(page).count()).toBe(Number(count));
    await page.goBack();
    await grid.getByRole('button', { name: told }).waitFor();
  });

  test('endpoints: sorted by a press, each a link to its flows', async () => {
    const hub = await startHub({ history: HISTORY });
    const page = await open(past(hub));
    const panel = await openEdge(page, 'shop/web');
    const table = panel.getByRole('table');
    const names = (): Promise<string[]> => table.getByRole('link').allInnerTexts();
    expect((await names()).map((name) => name.trim())).toEqual([
      'GET /products/{id}',
      'GET /static/logo.png',
    ]);
    await table.getByRole('button', { name: 'p99' }).press('Enter');
    const head = table.getByRole('columnheader', { name: 'p99' });
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    await table.getByRole('button', { name: 'p99' }).press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    expect((await names())[0]).toContain('/static/logo.png');
    const link = table.getByRole('link', { name: '/products/{id}' });
    expect(await link.getAttribute('href')).toContain('filter=');
    await link.press('Enter');
    await rows(page).first().waitFor();
    expect(await filterText(page)).toMatch(
      /&& method == "GET" && path.matches\("\^\/products\/\[\^\/\]\+\$"\)$/,
    );
    expect(new URL(page.url()).searchParams.get('from')).not.toBeNull();
  });
});
