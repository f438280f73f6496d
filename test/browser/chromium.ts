import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The installed Chromium: the one CHROMIUM names, or the distribution's. */
export const executable = process.env['CHROMIUM'] ?? PLACES.find((path) => existsSync(path));

export function launch(): Promise<Browser> {
  if (executable === undefined)
    throw new Error('No Chromium is installed: apt-get install chromium, or set CHROMIUM.');
  return chromium.launch({ executablePath: executable, args: FLAGS });
}

export interface OpenOptions {
  width?: number;
  height?: number;
  dark?: boolean;
}

/** A page and everything that must not happen on it. */
export interface Watched {
  page: Page;
  /** Exceptions, refusals by the Content-Security-Policy, dialogs, requests to elsewhere. */
  faults: string[];
}

export async function open(browser: Browser, url: string, options: OpenOptions = {}): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.dark === true ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) faults.push(`policy: ${message.text()}`);
  });
  const origin = new URL(url).origin;
  page.on('request', (request) => {
    const to = new URL(request.url());
    if (to.origin !== origin && to.protocol !== 'blob:') faults.push(`request to ${to.href}`);
  });
  await page.goto(url);
  return { page, faults };
}
