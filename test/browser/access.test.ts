import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browserFixture, hasBrowser, openNewest, rows } from './fixture.ts';
import { shopRefusal } from './shop.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface AxeResult {
  violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
}

/** Faults that axe finds, of every weight, as lines. */
async function faults(page: Page): Promise<string[]> {
  // The page's policy rightly refuses a script element: axe comes in through the debugger.
  if (!(await page.evaluate(() => 'axe' in window))) {
    const { readFileSync } = await import('node:fs');
    await page.evaluate(readFileSync(AXE, 'utf8'));
  }
  const result = await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<AxeResult> } }).axe.run(),
  );
  return result.violations.flatMap(({ id, impact, nodes }) =>
    nodes.map((node) => `${impact} ${id}: ${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 300)}`),
  );
}

describe.skipIf(!hasBrowser).each([
  ['light', false],
  ['dark', true],
])('axe finds nothing: %s', (_, dark) => {
  const { hub: startHub, open } = browserFixture();

  test('traffic, with and without a flow, tab by tab', async () => {
    const hub = await startHub({ history: 200 });
    const page = await open(hub.url, { dark });
    await rows(page).first().waitFor();
    expect(await faults(page)).toEqual([]);
    const pane = await openNewest(page);
    for (const name of ['Response', 'Request', 'Timing', 'Connection', 'Raw']) {
      await pane.getByRole('tab', { name }).first().click();
      await page.waitForTimeout(250);
      expect(await faults(page)).toEqual([]);
    }
    await pane.getByRole('tab', { name: 'Request' }).first().click();
    await pane.getByRole('tab', { name: 'Headers' }).click();
    expect(await faults(page)).toEqual([]);
  });

  test('errors of a filter, its help, the keys, the columns', async () => {
    const hub = await startHub({ history: 100 });
    const page = await open(`${hub.url}?filter=nonsense`, { dark });
    await page.locator('#filter-error').waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Filter examples and fields' }).click();
    expect(await faults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('metod == dst.i');
    await page.getByRole('option').first().waitFor();
    expect(await faults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Use method' }).last().waitFor();
    expect(await faults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    expect(await faults(page)).toEqual([]);
  });

  test('what is opened over the list, two flows, several selected', async () => {
    const hub = await startHub({ history: 8 });
    const page = await open(`${hub.url}?statistics=shown&filter=http`, { dark });
    await page.getByRole('region', { name: 'Statistics' }).waitFor();
    for (const name of ['Saved filters', 'Time: All']) {
      await page.getByRole('button', { name }).click();
      expect(await faults(page)).toEqual([]);
      await page.keyboard.press('Escape');
    }
    hub.exports = { running: true, flows: 12, since: null, searched: 0.3, packets: null };
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('link', { name: /PCAP/ }).click();
    await page.getByRole('button', { name: 'Cancel PCAP' }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Cancel PCAP' }).click();
    await page.keyboard.press('Escape');
    await rows(page).first().click({ button: 'right' });
    await page.getByRole('dialog', { name: 'Values of the flow' }).waitFor();
    expect(await faults(page)).toEqual([]);
    for (const key of ['Escape', 'x', 'c', 'j', 'x', 'c']) await page.keyboard.press(key);
    await page.getByRole('group', { name: 'Comparison' }).waitFor();
    expect(await faults(page)).toEqual([]);
  });

  test('errors in the list', async () => {
    const hub = await startHub({ history: 400 });
    hub.refused = [shopRefusal('one-1', 'cart', 'orders', 8080, Date.now())];
    const filter = encodeURIComponent('error || incomplete');
    const page = await open(`${hub.url}?refused=list&filter=${filter}`, { dark });
    await rows(page).first().waitFor();
    const pane = page.getByRole('complementary', { name: 'Refused connections' });
    await pane.getByRole('listitem').getByRole('button').waitFor();
    expect(await faults(page)).toEqual([]);
    await pane.getByRole('listitem').getByRole('button').click();
    await pane.getByRole('table').waitFor();
    expect(await faults(page)).toEqual([]);
  });

  test('map, its panel and its table', async () => {
    const hub = await startHub({ history: 500 });
    hub.refused = [shopRefusal('one-1', 'cart', 'orders', 8080, Date.now())];
    const page = await open(`${hub.url}?view=map`, { dark });
    await page.locator('[data-map] canvas').first().waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByLabel('Find a service').fill('orders');
    await page.keyboard.press('Enter');
    const panel = page.locator('[data-pane=map-detail]');
    await Promise.all([panel.getByRole('grid').waitFor(), panel.getByRole('table').waitFor()]);
    await panel.getByText('1 connection refused in this range').waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Table' }).click();
    expect(await faults(page)).toEqual([]);
  });

  test('health', async () => {
    const hub = await startHub({
      history: 10,
      health: {
        status: 'degraded',
        messages: [
          { level: 'warning', text: 'w' },
          { level: 'error', text: 'e' },
        ],
      },
    });
    const page = await open(`${hub.url}?view=health`, { dark });
    await page.getByRole('table').first().waitFor();
    expect(await faults(page)).toEqual([]);
  });

  test('nothing there, not let in, hub gone, narrow', async () => {
    const hub = await startHub();
    const page = await open(hub.url, { dark, width: 400, height: 760 });
    await page.getByRole('heading', { name: 'No traffic yet' }).waitFor();
    expect(await faults(page)).toEqual([]);
    hub.push();
    await rows(page).first().waitFor();
    expect(await faults(page)).toEqual([]);
    await hub.hangUp();
    await page.getByText('The hub does not answer.').waitFor();
    expect(await faults(page)).toEqual([]);
    hub.failure = { status: 401, error: { code: 'UNAUTHORIZED', message: 'No token.' } };
    await hub.listen();
    await page.getByRole('heading', { name: 'This address is not enough' }).waitFor({ timeout: 20_000 });
    expect(await faults(page)).toEqual([]);
  });
});
