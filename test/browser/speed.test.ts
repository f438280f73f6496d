import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browserFixture, hasBrowser, rows } from './fixture.ts';
import { largeMap } from './mock-map.ts';

/**
 * How much of its thread the page uses, and how many frames it drops meanwhile. The bounds are on processor time,
 * which is the page's own; frames also depend on what else the machine does, and are printed.
 */
async function measure(
  page: Page,
  what: string,
  act: () => Promise<unknown>,
): Promise<{ cpuMs: number; wallMs: number }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async (): Promise<number> =>
    (await cdp.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')!.value *
    1000;
  await page.evaluate(() => {
    const frames: number[] = [];
    Object.assign(window, { frames });
    let last = performance.now();
    const tick = (now: number): void => {
      frames.push(now - last);
      last = now;
      if ((window as unknown as { frames: number[] }).frames === frames) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  const before = await busy();
  const started = Date.now();
  await act();
  const wallMs = Date.now() - started;
  const cpuMs = (await busy()) - before;
  const frames = await page.evaluate(() => {
    const { frames: seen } = window as unknown as { frames: number[] };
    Object.assign(window, { frames: [] });
    return seen;
  });
  const dropped = frames.reduce((sum, ms) => sum + Math.max(0, Math.round(ms / 16.7) - 1), 0);
  console.log(
    `${what}: ${Math.round(cpuMs)} ms of processor in ${wallMs} ms; ${frames.length} frames, ${dropped} dropped`,
  );
  return { cpuMs, wallMs };
}

describe.skipIf(!hasBrowser)('speed', () => {
  const { hub: startHub, open } = browserFixture();

  test('1,000 flows a second take less than half of the page’s thread', async () => {
    const hub = await startHub({ history: 500, rate: 1000 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    await page.waitForTimeout(1000);
    const { cpuMs, wallMs } = await measure(page, '1,000 flows/s', () => page.waitForTimeout(5000));
    expect(cpuMs / wallMs).toBeLessThan(0.5);
    await expect
      .poll(async () => Number(await page.locator('[role=grid]').getAttribute('aria-rowcount')))
      .toBeGreaterThan(4000);
  });

  test('scrolling through 100,000 flows leaves time in every frame', async () => {
    const hub = await startHub({ history: 500, rate: 10_000 });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    const grid = page.locator('[role=grid]');
    await expect
      .poll(async () => Number(await grid.getAttribute('aria-rowcount')), { timeout: 90_000 })
      .toBeGreaterThan(100_000);
    hub.setRate(0);
    await page.waitForTimeout(500);
    const steps = 100;
    const { cpuMs } = await measure(page, `scrolling 100,000 rows, ${steps} steps`, () =>
      grid.evaluate(
        (element, count) =>
          new Promise<void>((done) => {
            let step = 0;
            const down = (): void => {
              element.scrollTo({ top: ++step * 120 });
              if (step < count) requestAnimationFrame(down);
              else done();
            };
            down();
          }),
        steps,
      ),
    );
    expect(cpuMs / steps).toBeLessThan(24);
  });

  test('a map of 1,000 services and 5,000 calls is there in two seconds, and can be moved', async () => {
    const hub = await startHub({ history: 10, map: largeMap(1000, 5000) });
    const page = await open(hub.url);
    await rows(page).first().waitFor();
    const { cpuMs } = await measure(page, 'opening a map of 1,000 and 5,000', async () => {
      await page.keyboard.press('2');
      await page.waitForFunction(() => {
        const map = document.querySelector('[data-map]') as (HTMLElement & { places?: () => object }) | null;
        return map?.places !== undefined && Object.keys(map.places()).length === 1000;
      });
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
    });
    expect(cpuMs).toBeLessThan(2000);
    const moves = 80;
    const moved = await measure(page, `moving it, ${moves} steps`, async () => {
      await page.mouse.move(600, 400);
      await page.mouse.down();
      for (let step = 0; step < moves; step++) await page.mouse.move(600 + step * 3, 400 + step);
      await page.mouse.up();
    });
    expect(moved.cpuMs / moves).toBeLessThan(30);
  });
});
