/** What a hub in the cluster has to show, in the browser or line by line, until it is interrupted. */

import { compileFilter } from '../../flow/filter.ts';
import { formatJson, textFormat } from '../output/format.ts';
import type { ResultOutput } from '../output/stdout.ts';
import { colorsFor, type Terminal } from '../output/terminal.ts';
import { whenAborted } from '../process/abort.ts';
import type { Settings } from '../settings/table.ts';
import { openBrowser } from '../tap/browser.ts';
import { type HubAddress, pageAddress } from '../tap/hub-address.ts';
import { followLiveFlows } from '../tap/live-flows.ts';
import { printFlows } from '../tap/print.ts';
import { showStatus } from '../tap/status.ts';

export interface ShowOptions {
  settings: Pick<Settings, 'output' | 'filter' | 'open'>;
  terminal: Terminal;
  output: ResultOutput;
  /** Said under the page's address. */
  hint: string;
  stop: AbortSignal;
}

/** Resolves when `stop` is aborted, or nobody reads the output any more. */
export async function show(hub: HubAddress, options: ShowOptions): Promise<void> {
  if (options.settings.output === 'ui') await showPage(hub, options);
  else await showLines(hub, options);
}

async function showPage(hub: HubAddress, options: ShowOptions): Promise<void> {
  const { settings, terminal, output, hint, stop } = options;
  const url = pageAddress(hub, settings.filter);
  await output.write(`Remora is at ${terminal.colors.bold(url)}\n`);
  terminal.note(hint);
  if (settings.open) await openBrowser(url, terminal);
  void showStatus(hub, terminal, stop);
  await whenAborted(stop);
}

async function showLines(hub: HubAddress, options: ShowOptions): Promise<void> {
  const { settings, terminal, output, stop } = options;
  const format = settings.output === 'json' ? formatJson : textFormat(colorsFor(process.stdout, process.env));
  const flows = followLiveFlows(hub, settings.filter, terminal, stop);
  await printFlows(flows, compileFilter(''), format, output, stop);
}
