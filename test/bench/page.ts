/** How soon the page shows the map of a large cluster in Chromium, and how long its frames take while it is moved and zoomed. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { executable, launch, open } from '../browser/chromium.ts';
import { MockHub } from '../browser/mock-hub.ts';
import { largeMap } from '../browser/mock-map.ts';

export interface PageResult {
  nodes: number;
  edges: number;
  /** From the key that asks for the map to the frame that has all of its nodes. */
  loadMs: number;
  moving: Frames;
  zooming: Frames;
}

/** ms a frame. */
export interface Frames {
  count: number;
  p50: number;
  p95: number;
  longest: number;
}

const UI = fileURLToPath(new URL('../../../dist/ui', import.meta.url));
const NODES = 1000;
const EDGES = 5000;
const MOVES = 200;
const ZOOMS = 60;

/** What runs in the page is text: here are no types of browsers. */
const IS_LAID_OUT = `Object.keys(document.querySelector('[data-map]')?.places?.() ?? {}).length === ${NODES}`;
const TWO_FRAMES = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';
const WATCH_FRAMES = `{
  const seen = (window.seen = []);
  const tick = (now) => {
    seen.push(now);
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}`;

/** `missing`: why there is no figure. */
export async function benchPage(): Promise<PageResult | { missing: string }> {
  if (executable === undefined) return { missing: 'no Chromium is installed' };
  if (!existsSync(UI)) return { missing: 'the page is not built: npm run build' };
  const hub = await MockHub.start({ history: 10, map: largeMap(NODES, EDGES), ui: UI });
  const browser = await launch();
  try {
    const { page } = await open(browser, hub.url);
    await page.locator('[role=grid] [role=row][data-id]').first().waitFor();
    const loadMs = await load(page);
    return {
      nodes: NODES,
      edges: EDGES,
      loadMs,
      moving: await framesOf(page, () => move(page)),
      zooming: await framesOf(page, () => zoom(page)),
    };
  } finally {
    await browser.close();
    await hub.stop();
  }
}

async function load(page: Page): Promise<number> {
  const begun = performance.now();
  await page.keyboard.press('2');
  while (!(await page.evaluate(IS_LAID_OUT))) await page.evaluate(TWO_FRAMES);
  await page.evaluate(TWO_FRAMES);
  return performance.now() - begun;
}

async function move(page: Page): Promise<void> {
  await page.mouse.move(300, 300);
  await page.mouse.down();
  for (let step = 0; step < MOVES; step++) await page.mouse.move(300 + step * 3, 300 + step);
  await page.mouse.up();
}

async function zoom(page: Page): Promise<void> {
  for (let step = 0; step < ZOOMS; step++) await page.mouse.wheel(0, step < ZOOMS / 2 ? -60 : 60);
}

/** Of the frames while something is done. */
async function framesOf(page: Page, act: () => Promise<void>): Promise<Frames> {
  await page.evaluate(WATCH_FRAMES);
  await act();
  const seen: number[] = await page.evaluate('window.seen');
  const frames = seen
    .slice(1)
    .map((at, n) => at - seen[n]!)
    .toSorted((a, b) => a - b);
  const share = (of: number): number => frames[Math.min(frames.length - 1, Math.floor(of * frames.length))]!;
  return { count: frames.length, p50: share(0.5), p95: share(0.95), longest: share(1) };
}
