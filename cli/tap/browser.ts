/** Opening the page where there is a person with a browser to open it in. */

import open from 'open';
import type { Terminal } from '../output/terminal.ts';

/** Why no browser is opened here; undefined: one is. */
export function noBrowserBecause(environment: NodeJS.ProcessEnv, interactive: boolean): string | undefined {
  if (environment['CI']) return 'this is a CI run';
  if (!interactive) return 'this is not a terminal';
  if (environment['SSH_CONNECTION']) return 'this is a remote session';
  // Browsers refuse to run as root, or leave files of root in the person's profile.
  if (process.getuid?.() === 0) return 'this runs as root';
  const graphical = environment['DISPLAY'] || environment['WAYLAND_DISPLAY'];
  if (process.platform === 'linux' && !graphical) return 'there is no display';
  return undefined;
}

export async function openBrowser(url: string, terminal: Terminal): Promise<void> {
  const reason = noBrowserBecause(process.env, terminal.interactive);
  if (reason !== undefined) {
    terminal.detail(`not opening a browser: ${reason}`);
    return;
  }
  try {
    const browser = await open(url);
    browser.on('error', () =>
      terminal.detail('the browser could not be started: open the address above yourself'),
    );
  } catch (error) {
    terminal.detail(`the browser could not be started: ${(error as Error).message}`);
  }
}
