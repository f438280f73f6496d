import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { MapEdge } from '../../flow/api.ts';
import { STEPS } from '../../flow/map/layout.ts';
import { browserFixture, filterText, hasBrowser, rows } from './fixture.ts';
import { largeMap } from './mock-map.ts';

type Places = Record<string, { x: number; y: number }>;
const places = (page: Page): Promise<Places> =>
  page.locator('[data-map]').evaluate((element) => (element as unknown as { places(): Places }).places());

describe.skipIf(!hasBrowser)('the service map', () => {
  const { hub: startHub, open } = browserFixture();

  test('has a node for each service, and callers stand left', async () => {
    const hub = await startHub({ history: 2000 });
    const page = await open(`${hub.url}?view=map`);
    await expect.poll(async () => Object.keys(await places(page).catch(() => ({}))).length).toBe(10);
    const at = await places(page);
    expect(at['203.0.113.24']!.x).toBeLessThan(at['shop/web']!.x);
    expect(at['shop/web']!.x).toBeLessThan(at['shop/orders']!.x);
    expect(at['shop/orders']!.x).toBeLessThan(at['billing/payments']!.x);
  });

  test('no node moves when data comes, nor when a view is left and come back to', async () => {
    const hub = await startHub();
    const { nodes, edges, ...range } = largeMap(40, 90);
    hub.map = {
      ...range,
      nodes: nodes.slice(0, 25),
      edges: edges.filter(
        ({ from, to }) =>
          nodes.slice(0, 25).some((n) => n.id === from) && nodes.slice(0, 25).some((n) => n.id === to),
      ),
    };
    const page = await open(`${hub.url}?view=map`);
    await expect.poll(async () => Object.keys(await places(page).catch(() => ({}))).length).toBe(25);
    const before = await places(page);
    hub.map = { ...range, nodes, edges };
    await expect.poll(async () => Object.keys(await places(page)).length, { timeout: 5000 }).toBe(40);
    expect(await places(page)).toMatchObject(before);
    await page.keyboard.press('1');
    await page.keyboard.press('2');
    await expect.poll(async () => Object.keys(await places(page).catch(() => ({}))).length).toBe(40);
    expect(await places(page)).toMatchObject(before);
  });

  test('a node that was dragged is there after a reload, until the layout is reset', async () => {
    const hub = await startHub();
    const { nodes, edges, ...range } = largeMap(16, 20);
    const pair = [nodes[0]!, nodes[1]!].map(({ namespace: _, ...node }) => node);
    const [left, right] = pair.map(({ id }) => id) as [string, string];
    hub.map = { ...range, nodes: pair, edges: [{ ...edges[0]!, from: left, to: right }] };
    const page = await open(`${hub.url}?view=map`);
    await expect.poll(async () => Object.keys(await places(page).catch(() => ({}))).length).toBe(2);
    const before = await places(page);
    const { x, y, width, height } = (await page.locator('[data-map]').boundingBox())!;
    // Two nodes stand round the middle, as large as they may be.
    const at = { x: x + width / 2 - (STEPS.right.along / 2) * 1.15, y: y + height / 2 };
    await page.mouse.move(at.x, at.y);
    await page.mouse.down();
    await page.mouse.move(at.x + 20, at.y + 100, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => (await places(page))[left]!.y - before[left]!.y).toBeGreaterThan(60);
    const dragged = await places(page);
    await page.reload();
    await expect
      .poll(async () =>
        Math.abs(((await places(page).catch(() => ({}) as Places))[left]?.y ?? 0) - dragged[left]!.y),
      )
      .toBeLessThan(1);
    expect((await places(page))[right]).toEqual(before[right]);
    await page.getByRole('button', { name: 'Reset layout' }).press('Enter');
    await expect.poll(() => places(page)).toEqual(before);
    await page.reload();
    await expect.poll(() => places(page).catch(() => ({}))).toEqual(before);
  });

  test('probes of the kubelet are hidden by a press, and nodes that do nothing else', async () => {
    const hub = await startHub();
    const { nodes, edges, ...range } = largeMap(16, 20);
    const [edge] = edges;
    const kubelet = { ...nodes[0]!, id: 'node/n1', name: 'n1', kind: 'node' as const };
    const probe = { ...edge!, from: kubelet.id, to: nodes[1]!.id, protocol: 'probe' };
    hub.map = { ...range, nodes: [...nodes, kubelet], edges: [...edges, probe] };
    const page = await open(`${hub.url}?view=map`);
    await expect.poll(async () => Object.keys(await places(page).catch(() => ({}))).length).toBe(17);
    const button = page.getByRole('button', { name: 'Hide probes' });
    await button.click();
    await expect.poll(async () => Object.keys(await places(page))).not.toContain('node/n1');
    expect(await button.getAttribute('aria-pressed')).toBe('true');
    await button.click();
    await expect.poll(async () => Object.keys(await places(page))).toContain('node/n1');
  });

  test('a service is found by name; its panel leads to its flows', async () => {
    const hub = await startHub({ history: 2000 });
    const page = await open(`${hub.url}?view=map`);
    await page.locator('[data-map] canvas').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('payments');
    await page.keyboard.press('Enter');
    const panel = page.locator('[data-pane=map-detail]');
    await panel.getByRole('heading', { name: 'payments' }).waitFor();
    expect(await panel.innerText()).toContain('Workload in billing');
    await panel.getByRole('button', { name: 'Show flows to it' }).click();
    await rows(page).first().waitFor();
    expect(await filterText(page)).toBe('dst.name == "payments" && dst.namespace == "billing"');
  });

  test('a filter finds edges; others are hidden, or they; a link shows the same, as a table too', async () => {
    const hub = await startHub({ history: 2000 });
    const page = await open(`${hub.url}?view=map`);
    await page.locator('[data-map] canvas').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('dst.namespace == "billing"');
    await page.getByRole('button', { name: 'Only' }).click();
    await page.keyboard.press('b');
    const targets = (of: Page) =>
      of.getByRole('region', { name: 'Who talks to whom' }).locator('tbody td:nth-child(2)').allInnerTexts();
    const inBilling = async (of: Page) =>
      new Set((await targets(of)).map((name) => name.startsWith('billing/')));
    await expect.poll(() => inBilling(page)).toEqual(new Set([true]));
    const shared = await open(page.url());
    await expect.poll(() => targets(shared).then((all) => all.sort())).toEqual((await targets(page)).sort());
    await shared.getByRole('button', { name: 'Hide', exact: true }).click();
    await expect.poll(() => inBilling(shared)).toEqual(new Set([false]));
    await shared.getByLabel('Find a service').fill('status_code >= 500');
    await shared.getByText('status_code is known of flows only.').waitFor();
  });

  test('the table says the same as the drawing', async () => {
    const hub = await startHub({ history: 2000 });
    const page = await open(`${hub.url}?view=map`);
    await page.getByRole('button', { name: 'Table' }).click();
    const table = page.getByRole('region', { name: 'Who talks to whom' });
    await table.waitFor();
    expect(await table.locator('tbody tr').count()).toBe(9);
    await table.getByRole('button', { name: 'Requests' }).click();
    expect(await table.getByRole('columnheader', { name: 'Requests' }).getAttribute('aria-sort')).toBe(
      'descending',
    );
    await table.locator('tbody').getByRole('button').first().click();
    await page.locator('[data-pane=map-detail]').getByRole('term').filter({ hasText: 'p99' }).waitFor();
  });

  test('another range of time is one press, and stands in the address', async () => {
    const hub = await startHub({ history: 200 });
    const page = await open(`${hub.url}?view=map`);
    await page.getByRole('button', { name: '1 h' }).click();
    expect(new URL(page.url()).searchParams.get('range')).toBe('1h');
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await expect
      .poll(async () => Object.keys(await places(page).catch(() => ({}))).length)
      .toBeGreaterThan(5);
  });

  test('levels: what the nodes are is in the address, and each has its flows', async () => {
    const hub = await startHub({ history: 2000 });
    const page = await open(`${hub.url}?view=map`);
    await page.getByLabel('What the map shows').selectOption('pod');
    await expect
      .poll(async () => Object.keys(await places(page).catch(() => ({}))).join())
      .toMatch(/shop\/web-\w/);
    expect(new URL(page.url()).searchParams.get('level')).toBe('pod');
    await page.getByLabel('What the map shows').selectOption('namespace');
    await expect
      .poll(async () => Object.keys(await places(page).catch(() => ({}))).sort())
      .toEqual(['addresses', 'api.psp.example', 'namespace/billing', 'namespace/shop']);
  });

  test('a range from one time to another is replayed step by step', async () => {
    const hub = await startHub({ history: 2000 });
    const to = new Date(Math.ceil(Date.now() / 60_000) * 60_000);
    const from = new Date(to.getTime() - 180_000);
    const page = await open(`${hub.url}?view=map&from=${from.toISOString()}&to=${to.toISOString()}`);
    await page.locator('[data-map] canvas').first().waitFor();
    await page.keyboard.press('r');
    const bar = page.getByRole('group', { name: 'Replay' });
    const slider = bar.getByLabel('Time that is shown');
    expect(await slider.getAttribute('max')).toBe('2');
    expect(new URL(page.url()).searchParams.get('at')).toBe(from.toISOString());
    await page.keyboard.press(' ');
    await expect.poll(() => slider.inputValue(), { timeout: 20_000 }).toBe('2');
    await page.keyboard.press('r');
    await expect.poll(() => bar.count()).toBe(0);
    expect(new URL(page.url()).searchParams.get('from')).toBe(from.toISOString());
  });

  test('two ranges are compared, in words too, by an address that can be shared', async () => {
    const hub = await startHub();
    const all = largeMap(16, 20);
    const [first, second, third] = all.edges as [MapEdge, MapEdge, MapEdge];
    const deploy = Date.parse('2026-03-01T12:00:00Z');
    hub.map = (from) =>
      from < deploy
        ? { ...all, edges: all.edges.filter((edge) => edge !== first) }
        : {
            ...all,
            edges: all.edges
              .filter((edge) => edge !== second)
              .map((edge) => (edge === third ? { ...edge, errors: edge.count } : edge)),
          };
    const page = await open(
      `${hub.url}?view=map&from=2026-03-01T12:00:00Z&to=2026-03-01T12:10:00Z&against=before`,
    );
    const legend = page.locator('.legend');
    await expect.poll(() => legend.innerText(), { timeout: 10_000 }).toMatch(/1 new.*1 gone.*1 more errors/s);
    await page.getByRole('button', { name: 'Table' }).click();
    const rows = page.getByRole('region', { name: 'Who talks to whom' }).locator('tbody tr');
    expect((await rows.locator('td:first-child').allInnerTexts()).slice(0, 4)).toEqual([
      'new',
      'more errors',
      'gone',
      'as before',
    ]);
    await rows.getByRole('button').first().click();
    expect(await page.locator('[data-pane=map-detail]').innerText()).toContain('new');
    await page.getByRole('button', { name: 'Compare with another time' }).click();
    await page.getByRole('button', { name: 'Compare no more' }).click();
    await expect.poll(() => page.getByRole('columnheader', { name: 'Change' }).count()).toBe(0);
    expect(new URL(page.url()).searchParams.has('against')).toBe(false);
  });

  test('a map that moves on leaves alone what is written about another time', async () => {
    const hub = await startHub();
    const whole = largeMap(8, 7);
    const shown = whole.nodes.slice(0, 2);
    hub.map = { ...whole, nodes: shown, edges: [], to: '2026-03-01T12:10:00Z' };
    const page = await open(`${hub.url}?view=map`);
    await expect.poll(async () => Object.keys(await places(page).catch(() => ({}))).length).toBe(2);
    await page.getByRole('button', { name: 'Compare with another time' }).click();
    const from = page.getByLabel('From', { exact: true });
    await from.fill('2026-03-01T12:00:05');
    hub.map = { ...whole, edges: [], to: '2026-03-01T12:10:01Z' };
    await expect.poll(async () => Object.keys(await places(page)).length).toBe(8);
    expect(await from.inputValue()).toBe('2026-03-01T12:00:05');
  });

  test('a capture file of long ago is shown whole', async () => {
    const hub = await startHub({ history: 200, health: { mode: 'file' } });
    const page = await open(`${hub.url}?view=map`);
    await page.getByText('the whole file').waitFor();
    await expect
      .poll(async () => Object.keys(await places(page).catch(() => ({}))).length)
      .toBeGreaterThan(5);
  });

  test('nothing to draw says what to do', async () => {
    const hub = await startHub();
    const page = await open(`${hub.url}?view=map`);
    await page.getByRole('heading', { name: 'Nobody talks to anybody here' }).waitFor();
  });
});
