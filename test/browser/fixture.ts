import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { executable, launch, type OpenOptions, open, type Watched } from './chromium.ts';
import { MockHub, type MockOptions } from './mock-hub.ts';

/** Whether there is a browser to test in. CI has one; elsewhere the tests say that they were skipped. */
export const hasBrowser = executable !== undefined;

/** A browser for a file of tests; pages and hubs end with the test that opened them, and none may have a fault. */
export function browserFixture(): {
  hub: (options?: MockOptions) => Promise<MockHub>;
  open: (url: string, options?: OpenOptions) => Promise<Page>;
} {
  let browser: Browser | undefined;
  let hubs: MockHub[] = [];
  let opened: Watched[] = [];

  beforeAll(async () => {
    if (hasBrowser) browser = await launch();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    const faults = opened.flatMap((one) => one.faults);
    await Promise.all(opened.map((one) => one.page.context().close()));
    await Promise.all(hubs.map((hub) => hub.stop()));
    opened = [];
    hubs = [];
    expect(faults).toEqual([]);
  });
  return {
    hub: async (options) => {
      const hub = await MockHub.start(options);
      hubs.push(hub);
      return hub;
    },
    open: async (url, options) => {
      const watched = await open(browser!, url, options);
      opened.push(watched);
      return watched.page;
    },
  };
}

/** The rows of the traffic list that are drawn, without the header. */
export const rows = (page: Page): Locator => page.locator('[role=grid] [role=row][data-id]');

export async function idsOf(page: Page, count = 5): Promise<string[]> {
  const all = await rows(page).evaluateAll((list) => list.map((row) => row.getAttribute('data-id') ?? ''));
  return all.slice(0, count);
}

/** Opens the newest flow and waits for its detail. */
export async function openNewest(page: Page): Promise<Locator> {
  await rows(page).first().click();
  const pane = page.locator('[data-pane=detail]');
  await pane.getByRole('tablist', { name: 'Flow' }).waitFor();
  return pane;
}

export const filterField = (page: Page): Locator => page.getByRole('combobox', { name: 'Filter (CEL)' });

/** What stands in the filter bar, applied or not. */
export const filterText = (page: Page): Promise<string | null> =>
  page.locator('[data-filter]').getAttribute('data-filter');
