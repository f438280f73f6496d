import type { Route } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Summary } from '../../flow/api.ts';
import { browserFixture, filterField, filterText, hasBrowser, idsOf, openNewest, rows } from './fixture.ts';

describe.skipIf(!hasBrowser)('the traffic list', () => {
  const { hub: startHub, open } = browserFixture();

  test('shows history, newest first, and then what comes', async () => {
    const hub = await startHub({ history: 50 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    expect(await page.title()).toBe('Traffic · Remora');
    const before = await idsOf(page, 20);
    expect(before).toEqual([...before].sort().reverse());
    const id = hub.push();
    await expect.poll(async () => (await idsOf(page))[0]).toBe(id);
  });

  test('paused it stands still, and resumed it has all that came', async () => {
    const hub = await startHub({ history: 30 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    await page.keyboard.press('Space');
    const before = await idsOf(page);
    const pushed = [hub.push(), hub.push(), hub.push()];
    await page.getByRole('button', { name: '3 new' }).waitFor();
    expect(await idsOf(page)).toEqual(before);
    await page.keyboard.press('Space');
    await expect.poll(async () => (await idsOf(page, 3)).sort()).toEqual(pushed.sort());
  });

  test('scrolled away from the top, no row moves; the pill goes back to the newest', async () => {
    const hub = await startHub({ history: 400 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    await page.locator('[role=grid]').evaluate((grid) => grid.scrollTo({ top: 2000 }));
    await expect.poll(async () => (await idsOf(page, 1))[0]).not.toBe(undefined);
    await page.waitForTimeout(200);
    const before = await idsOf(page);
    const id = hub.push();
    const pill = page.getByRole('button', { name: '1 new' });
    await pill.waitFor();
    expect(await idsOf(page)).toEqual(before);
    await pill.click();
    await expect.poll(async () => (await idsOf(page))[0]).toBe(id);
  });

  test('older flows come when they are scrolled to, down to the first', async () => {
    const hub = await startHub({ history: 700 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    const grid = page.locator('[role=grid]');
    await expect
      .poll(
        async () => {
          await grid.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
          return grid.getAttribute('aria-rowcount');
        },
        { timeout: 10_000 },
      )
      .toBe('701');
    await page.getByText('That is all there is.').waitFor();
  });

  test('a filter is applied with Enter; it stands in the address and holds for what comes', async () => {
    const hub = await startHub({ history: 300 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('status_code >= 500');
    await page.keyboard.press('Enter');
    const statuses = (): Promise<string[]> => rows(page).locator('span.status').allInnerTexts();
    await expect.poll(async () => (await statuses()).join(' ')).toMatch(/^5\d\d( 5\d\d)*$/);
    expect(new URL(page.url()).searchParams.get('filter')).toBe('status_code >= 500');
    hub.push((flow) => ({ response: { ...flow.response!, status: 200 } }));
    const failing = hub.push(() => ({ response: { status: 599, reason: 'X', headers: [], bodySize: 0 } }));
    await expect.poll(async () => (await idsOf(page))[0]).toBe(failing);
    await page.reload();
    await expect.poll(async () => (await idsOf(page))[0]).toBe(failing);
  });

  test('a wrong filter says what and where, and the list stays', async () => {
    const hub = await startHub({ history: 30 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    const before = await idsOf(page);
    await page.keyboard.press('/');
    await page.keyboard.type('metod == "GET"');
    await page.keyboard.press('Enter');
    const error = page.locator('#filter-error');
    await error.waitFor();
    expect(await error.locator('mark').innerText()).toBe('metod');
    expect(await error.innerText()).toContain('Did you mean method?');
    await expect.poll(() => filterField(page).getAttribute('aria-invalid')).toBe('true');
    expect(await idsOf(page)).toEqual(before);
    expect(await error.innerText()).toContain('still shows the filter before');
    // Where the page begins with it, there is no filter before.
    await page.goto(`${hub.url}?filter=${encodeURIComponent('metod == "GET"')}`);
    await page.getByText('Nothing is shown yet').waitFor();
    expect(await error.innerText()).not.toContain('still shows');
  });

  test('a mistake is underlined while one types, and a key or a press mends it', async () => {
    const hub = await startHub({ history: 30 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('metod == "GET" ');
    const words = page.getByRole('status').filter({ hasText: 'Did you mean method?' });
    await words.waitFor();
    expect(await page.locator('.cm-wrong').innerText()).toBe('metod');
    await page.keyboard.press('Control+.');
    await expect.poll(() => filterText(page)).toBe('method == "GET" ');
    expect(await page.locator('.cm-wrong').count()).toBe(0);
    await page.keyboard.type('&& path.startWith("/")');
    await page.getByRole('button', { name: 'Use startsWith' }).click();
    await page.keyboard.press('Enter');
    await expect
      .poll(() => new URL(page.url()).searchParams.get('filter'))
      .toBe('method == "GET" && path.startsWith("/")');
  });

  test('fields and the values that were seen are proposed; Tab takes one', async () => {
    const hub = await startHub({ history: 100 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('dst.na');
    const list = page.getByRole('listbox');
    // What is seen may be of the letters before.
    const isOffered = () => expect.poll(() => filterField(page).getAttribute('aria-expanded')).toBe('true');
    await list.getByRole('option', { name: 'dst.name' }).first().waitFor();
    await isOffered();
    await page.keyboard.press('Tab');
    await page.keyboard.type(' == "led');
    await list.getByRole('option', { name: 'ledger' }).waitFor();
    await isOffered();
    await page.keyboard.press('Tab');
    await expect.poll(() => filterText(page)).toBe('dst.name == "ledger"');
    await page.keyboard.press('Enter');
    await expect.poll(() => rows(page).filter({ hasNotText: 'ledger' }).count()).toBe(0);
  });

  test('filters of the past come back with arrow up; lines that are pasted become one', async () => {
    const hub = await startHub({ history: 30 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    await page.getByRole('button', { name: 'Slow' }).click();
    await page.getByRole('button', { name: 'Slow' }).click();
    await page.keyboard.press('/');
    await filterField(page).evaluate((field) => {
      const data = new DataTransfer();
      data.setData('text/plain', 'http &&\n  path == "/"\n');
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
    });
    expect(await filterText(page)).toBe('http && path == "/" ');
    await page.keyboard.press('ArrowUp');
    expect(await filterText(page)).toBe('slow');
    await page.keyboard.press('ArrowDown');
    expect(await filterText(page)).toBe('http && path == "/" ');
    await page.keyboard.press('Escape');
    expect(await filterText(page)).toBe('');
  });

  test('chips put conditions to the filter and take them away', async () => {
    const hub = await startHub({ history: 300 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    await page.getByRole('button', { name: 'Errors' }).click();
    await page.getByRole('button', { name: 'Slow' }).click();
    await expect.poll(() => filterText(page)).toBe('error && slow');
    await page.getByRole('button', { name: 'Errors' }).click();
    await expect.poll(() => filterText(page)).toBe('slow');
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await expect.poll(() => filterText(page)).toBe('');
  });

  test('keys: j, k and Enter through the list, Escape out of it, digits for the views', async () => {
    const hub = await startHub({ history: 60 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    const ids = await idsOf(page);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await page.locator('[data-pane=detail]').waitFor();
    expect(new URL(page.url()).searchParams.get('flow')).toBe(ids[1]);
    expect(await page.locator('[role=grid]').getAttribute('aria-activedescendant')).toBe(`flow-${ids[1]}`);
    await page.keyboard.press('j');
    await expect.poll(() => new URL(page.url()).searchParams.get('flow')).toBe(ids[2]);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('[data-pane=detail]').count()).toBe(0);
    await page.keyboard.press('2');
    await page.locator('[data-map]').waitFor();
    await page.keyboard.press('3');
    await page.getByRole('heading', { name: 'All is well' }).waitFor();
    await page.keyboard.press('1');
    await rows(page).first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog', { name: 'Keys' }).count()).toBe(0);
  });

  test('every menu has a key, which opens and closes it', async () => {
    const hub = await startHub({ history: 200, rate: 0 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    const menus = async (keys: Record<string, string | RegExp>) => {
      for (const [key, name] of Object.entries(keys)) {
        const menu = page.getByRole('dialog', { name });
        await page.keyboard.press(key);
        await menu.waitFor();
        await page.keyboard.press('Tab');
        expect(await menu.evaluate((panel) => panel.contains(document.activeElement)), key).toBe(true);
        await page.keyboard.press('Escape');
        await expect.poll(() => menu.count()).toBe(0);
      }
    };
    await menus({
      p: /^Time:/,
      f: 'Saved filters',
      h: 'Filter examples and fields',
      e: 'Export',
      o: 'Columns',
    });
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.locator('[data-pane=detail]').waitFor();
    await menus({ w: /^PCAP/, y: /^Replay/ });
    await page.keyboard.press('2');
    await page.locator('[data-map]').waitFor();
    await menus({ d: /^Compare/, l: 'What lines say', p: /^From one time/, e: 'Export the map' });
  });

  test('a search in history says how far it has got, stops when told to, and goes on from there', async () => {
    const hub = await startHub({ history: 30_000, rate: 0 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    const held: Route[] = [];
    await page.route(/before=/, (route) => void held.push(route));
    await page.getByLabel('Filter (CEL)').fill('response.body.contains("never said")');
    await page.keyboard.press('Enter');
    await page.getByText(/^Looked through 20,000 of 30,\d+ flows, back to /).waitFor();
    await expect.poll(() => held.length).toBe(1);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect.poll(() => held.length).toBe(2);
    expect(held[1]!.request().url()).toBe(held[0]!.request().url());
    await held[1]!.continue();
    await page.getByText('No flow matches this filter').waitFor();
  });

  test('keys typed into the filter are text, not commands', async () => {
    const hub = await startHub({ history: 30 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('t ?2j');
    expect(await filterText(page)).toBe('t ?2j');
    expect(new URL(page.url()).search).toBe('');
  });

  test('a flow that is open holds the list, so that its row stays in sight', async () => {
    const hub = await startHub({ history: 30 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    await openNewest(page);
    const before = await idsOf(page);
    hub.push();
    await page.getByRole('button', { name: '1 new' }).waitFor();
    expect(await idsOf(page)).toEqual(before);
  });

  test('columns can be hidden, and it is remembered', async () => {
    const hub = await startHub({ history: 30 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByLabel('Protocol').uncheck();
    const heads = (): Promise<string[]> => page.getByRole('columnheader').allInnerTexts();
    await expect.poll(heads).not.toContain('Protocol');
    await page.reload();
    await rows(page).first().waitFor();
    expect(await heads()).not.toContain('Protocol');
  });

  test('statistics: a value is one press from being the filter, or out of it', async () => {
    const hub = await startHub({ history: 300 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    await page.keyboard.press('s');
    const statistics = page.getByRole('region', { name: 'Statistics' });
    await statistics.getByText('status_code').waitFor();
    const status = statistics.getByTitle('Only status_code == 200');
    const count = await status.locator('.count').innerText();
    expect(Number(count)).toBeGreaterThan(0);
    await status.click();
    await expect.poll(() => new URL(page.url()).searchParams.get('filter')).toBe('status_code == 200');
    await expect.poll(() => statistics.getByTitle(/^Only status_code/).count()).toBe(0);
    await statistics.getByTitle('Without method == "GET"').click();
    await expect
      .poll(() => new URL(page.url()).searchParams.get('filter'))
      .toBe('status_code == 200 && !(method == "GET")');
    await page.reload();
    await statistics.waitFor();
  });

  test('every value of a flow filters, from the list and from its body', async () => {
    const hub = await startHub({ history: 100 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    const filter = () => new URL(page.url()).searchParams.get('filter');
    await page.keyboard.press('j');
    await page.keyboard.press('m');
    const menu = page.getByRole('dialog', { name: 'Values of the flow' });
    const method = menu.getByRole('button', { name: /^Exclude method / });
    const name = (await method.getAttribute('aria-label'))!.split(' ').at(-1);
    await method.press('Enter');
    await expect.poll(filter).toBe(`!(method == "${name}")`);
    expect(await menu.count()).toBe(0);
    hub.push(({ request, response }) => ({
      request: { ...request!, method: 'PATCH' },
      response: { ...response!, body: { mime: 'application/json', text: '{"items":[{"sku":"A-1"}]}' } },
    }));
    await rows(page).filter({ hasText: 'PATCH' }).first().click({ button: 'right' });
    await menu.getByRole('button', { name: 'Filter by method PATCH' }).click();
    await expect.poll(filter).toBe(`!(method == "${name}") && method == "PATCH"`);
    await rows(page).filter({ hasText: 'PATCH' }).first().click();
    await page.getByRole('button', { name: 'Values' }).click();
    const leaf = page.getByRole('row', { name: 'items[0].sku' });
    await leaf.hover();
    await leaf.getByRole('button', { name: 'Filter by' }).click();
    await expect.poll(filter).toContain('response.json.items[0].sku == "A-1"');
    expect(await page.locator('#filter-error').count()).toBe(0);
  });

  test('a stretch of the timeline is a range of time, and back', async () => {
    const hub = await startHub();
    for (const minutes of [60, 30, 1])
      hub.push(() => ({ time: new Date(Date.now() - minutes * 60_000).toISOString() }));
    const page = await open(hub.url);
    const timeline = page.getByRole('figure', { name: 'Requests over time, by class of status' });
    const { from, to } = (await (await fetch(`${hub.url}api/v1/summary`)).json()) as Summary;
    const length = Date.parse(to) - Date.parse(from);
    const box = (await timeline.locator('svg').boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.5, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 10, { steps: 3 });
    await page.mouse.up();
    const range = () =>
      ['from', 'to'].map((name) => Date.parse(new URL(page.url()).searchParams.get(name) ?? ''));
    await expect.poll(() => range()[1]! - range()[0]!).toBeGreaterThan(0.23 * length);
    expect(range()[1]! - range()[0]!).toBeLessThan(0.27 * length);
    await page.getByRole('button', { name: 'Back to live' }).click();
    await expect.poll(() => new URL(page.url()).searchParams.has('from')).toBe(false);
  });

  test('ranges back from now and between two times; Back undoes them, and what comes is still shown', async () => {
    const hub = await startHub({ history: 20 });
    hub.push(() => ({ time: new Date(Date.now() - 600_000).toISOString() }));
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    const range = () => ['from', 'to'].map((name) => new URL(page.url()).searchParams.get(name));
    await page.getByRole('button', { name: 'Time: All' }).click();
    await page.getByRole('button', { name: '5 minutes' }).first().click();
    await expect.poll(range).toEqual(['-5m', null]);
    const grid = page.locator('[role=grid]');
    await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe('21');
    const id = hub.push();
    await expect.poll(async () => (await idsOf(page))[0]).toBe(id);
    await page.getByRole('button', { name: 'Time: Last 5 minutes' }).click();
    await page.getByLabel('To', { exact: true }).fill('2019-01-01T00:00:00');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByRole('alert').getByText('before it ends').waitFor();
    await page.getByLabel('From', { exact: true }).fill('2018-01-01T00:00:00');
    await page.getByLabel('From', { exact: true }).press('Enter');
    await page.getByRole('heading', { name: 'Nothing in this stretch of time' }).waitFor();
    expect(range()[0]).toMatch(/^201[78]-/);
    await page.goBack();
    await expect.poll(range).toEqual(['-5m', null]);
    await page.goBack();
    await expect.poll(range).toEqual([null, null]);
    await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe('23');
  });

  test('a filter is saved under a name, found again, and goes to others as text', async () => {
    const hub = await startHub({ history: 50 });
    const page = await open(
      `${hub.url}?filter=${encodeURIComponent('method == "PUT"')}&paused=yes&hidden=size`,
    );
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    await page.getByRole('button', { name: 'Saved filters' }).click();
    await page.getByLabel('Name for this filter').fill('writes');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'writes' }).first().waitFor();
    await page.goto(hub.url);
    await rows(page).first().waitFor();
    await page.getByRole('button', { name: 'Saved filters' }).click();
    await page.getByText('Saved filters as text').click();
    const text = page.getByLabel('Saved filters as text');
    expect(await text.inputValue()).toBe('writes: method == "PUT"');
    await text.fill('mine: slow\nwrites: method == "PUT"');
    await page.getByRole('button', { name: 'Keep these' }).click();
    await page.getByRole('button', { name: 'mine slow' }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('filter')).toBe('slow');
  });

  test('two flows side by side: one is marked, another opened; a link shows the same', async () => {
    const hub = await startHub();
    const body = (text: string) => ({
      response: {
        status: 200,
        reason: 'OK',
        headers: [],
        bodySize: 9,
        body: { mime: 'application/json', text },
      },
    });
    hub.push(() => body('{"total":1,"paid":true}'));
    hub.push(() => body('{"total":2,"paid":true}'));
    const page = await open(hub.url);
    await rows(page).nth(1).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('c');
    await page.getByText('One flow is marked.').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('c');
    const pane = page.getByRole('complementary', { name: 'Two flows' });
    const differing = pane.locator('tr.differs');
    await differing.filter({ hasText: '"total": 2' }).filter({ hasText: '"total": 1' }).waitFor();
    expect(await differing.filter({ hasText: '"paid"' }).count()).toBe(0);
    await page.reload();
    await differing.filter({ hasText: '"total": 2' }).waitFor();
    await page.keyboard.press('c');
    await page.getByRole('tablist', { name: 'Flow' }).waitFor();
    expect(new URL(page.url()).searchParams.get('compare')).toBeNull();
  });

  test('several flows are selected with keys and mouse, copied, and exported as exactly those', async () => {
    const hub = await startHub({ history: 30 });
    const page = await open(hub.url);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await rows(page).first().waitFor();
    const ids = await idsOf(page, 6);
    await page.keyboard.press('j');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await rows(page)
      .nth(5)
      .click({ modifiers: ['Control'] });
    const bar = page.getByRole('region', { name: 'Selected flows' });
    await bar.getByText('4 selected').waitFor();
    await page.keyboard.press('x');
    await bar.getByText('3 selected').waitFor();
    await bar.getByRole('button', { name: 'Copy as JSON' }).click();
    await bar.getByText('3 copied').waitFor();
    const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as { id: string }[];
    expect(copied.map(({ id }) => id)).toEqual(ids.slice(0, 3).reverse());
    const href = (await bar.getByRole('link', { name: 'HAR' }).getAttribute('href')) ?? '';
    expect(new URL(href, page.url()).searchParams.get('filter')).toBe(
      `id in [${ids
        .slice(0, 3)
        .map((id) => `"${id}"`)
        .join(', ')}]`,
    );
    await bar.getByRole('button', { name: /^Replay/ }).click();
    await bar.getByRole('textbox', { name: 'Send to' }).fill('http://localhost:8080');
    expect(await bar.locator('pre').innerText()).toContain(`remora replay -f 'id in ["${ids[0]}"`);
    await page.keyboard.press('Escape');
    await page.reload();
    await bar.getByText('3 selected').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => bar.count()).toBe(0);
  });

  test('what is shown can be taken away as a file', async () => {
    const hub = await startHub({ history: 30 });
    const page = await open(`${hub.url}?filter=${encodeURIComponent('status_code >= 200')}`);
    await rows(page).first().waitFor();
    await page.getByRole('button', { name: 'Export' }).click();
    const link = page.getByRole('link', { name: /HAR/ });
    expect(await link.getAttribute('href')).toBe('/api/v1/flows.har?filter=status_code+%3E%3D+200');
    expect(await link.getAttribute('download')).toBe('remora.har');
    const packets = page.getByRole('link', { name: /PCAP 1\s234 packets, about 99 kB/ });
    expect(await packets.getAttribute('href')).toBe('/api/v1/flows.pcapng?filter=status_code+%3E%3D+200');
    await page.keyboard.press('Escape');
    await expect.poll(() => link.count()).toBe(0);
  });

  test('while a file is made the page tells how far that is', async () => {
    const hub = await startHub({ history: 30 });
    const page = await open(hub.url);
    await page.getByRole('button', { name: 'Export' }).click();
    hub.exports = { running: true, flows: 12, since: null, searched: 0.348, packets: null };
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: /PCAP/ }).click();
    expect((await download).url()).toMatch(/\?progress=[\w-]{8,64}$/);
    const status = page.getByRole('status', { name: 'Exports' });
    await expect.poll(() => status.textContent()).toMatch(/PCAP 35% of the time searched, 12 flows found/);
    hub.exports = { ...hub.exports, packets: { written: 5000, total: 40_000 } };
    await expect.poll(() => status.textContent()).toMatch(/PCAP 13% of 40\s000 packets written/);
    hub.exports = { ...hub.exports, running: false };
    await expect.poll(() => status.textContent()).toMatch(/^\s*$/);
  });

  test('an export is cancelled by key while it is made', async () => {
    const hub = await startHub({ history: 30 });
    const page = await open(hub.url);
    await page.getByRole('button', { name: 'Export' }).click();
    hub.exports = { running: true, flows: 0, since: null, searched: 0, packets: null };
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: /PCAP/ }).click();
    const name = new URL((await download).url()).searchParams.get('progress');
    const cancel = page.getByRole('status', { name: 'Exports' }).getByRole('button', { name: 'Cancel PCAP' });
    await cancel.waitFor();
    await cancel.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => hub.cancelled).toEqual([name]);
    await expect.poll(() => cancel.count()).toBe(0);
  });

  test('flows of another day tell the day', async () => {
    const hub = await startHub();
    hub.push(() => ({ time: '2019-11-26T12:00:00.000000Z' }));
    const page = await open(hub.url);
    await rows(page)
      .first()
      .getByText(/^2019-11-26 \d\d:\d\d:\d\d\.\d{3}$/)
      .waitFor();
  });

  test('a narrow window has two lines a flow, and a flow takes the whole window', async () => {
    const hub = await startHub({ history: 30 });
    const page = await open(hub.url, { width: 400, height: 760 });
    await rows(page).first().waitFor();
    expect((await rows(page).first().boundingBox())!.height).toBe(46);
    const wider = (): Promise<boolean> =>
      page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    expect(await wider()).toBe(false);
    const pane = await openNewest(page);
    expect((await pane.boundingBox())!.width).toBe(400);
    expect(await wider()).toBe(false);
    await pane.getByRole('button', { name: 'Close' }).click();
    await rows(page).first().waitFor();
  });
});
