/** `remora tap -o ui`: a hub with the page, a worker behind it, until interrupted. */

import { describeError } from '../errors.ts';
import type { Terminal } from '../output/terminal.ts';
import { whenAborted } from '../process/abort.ts';
import { openBrowser } from './browser.ts';
import { pageAddress } from './hub-address.ts';
import type { LocalPlan } from './plan.ts';
import { Session } from './session.ts';
import { showStatus } from './status.ts';

/** Resolves after `stop` once everything has ended. Rejects with CliError when it cannot go on. */
export async function tapToPage(
  plan: LocalPlan,
  terminal: Terminal,
  say: (line: string) => void,
  stop: AbortSignal,
  onSession: (session: Session) => void,
): Promise<void> {
  const { settings, source } = plan;
  const session = new Session({
    plan,
    terminal,
    port: settings.port,
    // A capture file can be read again at any time: its flows are kept only where a place for them was named.
    dataDir: source.kind === 'local' || plan.ownDataDir ? settings.dataDir : undefined,
  });
  onSession(session);
  const ending = new AbortController();
  const over = AbortSignal.any([stop, ending.signal]);
  const stopped = whenAborted(stop);
  try {
    await Promise.race([session.open(), stopped]);
    if (stop.aborted) return;
    await Promise.race([session.capture(), stopped]);
    if (stop.aborted) return;

    const url = pageAddress(session, settings.filter);
    say(`Remora is at ${terminal.colors.bold(url)}`);
    say(source.kind === 'local' ? 'Ctrl-C ends it.' : `Reading ${fileList(plan)}. Ctrl-C ends it.`);
    if (settings.open) await openBrowser(url, terminal);
    void showStatus(session, terminal, over, () => session.worker.progress);
    if (source.kind === 'files') {
      void session.allRead().then(() => {
        if (!over.aborted) tellEnd(session, terminal);
      });
    }
    await Promise.race([session.broken(), stopped]);
  } finally {
    ending.abort();
    await session.close();
  }
}

function tellEnd({ worker }: Session, terminal: Terminal): void {
  if (worker.failure) terminal.error(`${describeError(worker.failure)} What was read before is in the page.`);
  else terminal.note('All is read. The page stays open until Ctrl-C.');
}

function fileList({ source }: LocalPlan): string {
  return source.kind === 'files'
    ? source.files.map(({ path }) => (path === '-' ? 'standard input' : path)).join(', ')
    : '';
}
