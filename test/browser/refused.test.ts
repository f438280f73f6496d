import { describe, expect, test } from 'vitest';
import { browserFixture, hasBrowser, rows } from './fixture.ts';
import { shopRefusal } from './shop.ts';

describe.skipIf(!hasBrowser)('connections that were refused', () => {
  const { hub: startHub, open } = browserFixture();

  test('are told in a line, listed by a key, and each by its address', async () => {
    const hub = await startHub({ history: 30 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    const line = page.getByRole('region', { name: 'Refused connections' });
    expect(await line.count()).toBe(0);

    // What comes later is told without being asked for.
    const now = Date.now();
    hub.refused = [
      shopRefusal('one-3', 'cart', 'orders', 8080, now),
      shopRefusal('one-2', 'front', 'redis', 6379, now - 1000),
      shopRefusal('one-1', 'cart', 'orders', 8080, now - 3_600_000),
    ];
    await line.waitFor();
    const words = async () => (await line.innerText()).replace(/\s+/g, ' ');
    expect(await words()).toMatch(
      /^3 connections refused: shop\/cart to shop\/orders:8080 \(2\), shop\/front to/,
    );

    await page.keyboard.press('r');
    const pane = page.getByRole('complementary', { name: 'Refused connections' });
    expect(await pane.getByRole('listitem').count()).toBe(3);
    await page.keyboard.press('Tab');
    await pane.getByRole('listitem').first().getByRole('button').press('Enter');
    await pane.getByText('The server refused the connection').waitFor();
    expect(new URL(page.url()).searchParams.get('refused')).toBe('one-3');

    // Whoever gets the address sees the same, of the range that it names.
    const elsewhere = await open(`${page.url()}&from=-5m`);
    await elsewhere.getByText('The server refused the connection').waitFor();
    await elsewhere.getByText('2 connections refused').waitFor();

    await page.keyboard.press('Escape');
    expect(await pane.getByRole('listitem').count()).toBe(3);
    await page.keyboard.press('Escape');
    await expect.poll(() => pane.count()).toBe(0);

    await page.goto(`${hub.url}?filter=${encodeURIComponent('dst.name == "redis"')}`);
    await expect.poll(words).toMatch(/^1 connection refused: shop\/front to shop\/redis:6379/);
    await page.goto(`${hub.url}?filter=http`);
    await rows(page).first().waitFor();
    expect(await line.count()).toBe(0);
  });
});
