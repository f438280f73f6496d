/** `remora view`: the page of a Remora that is in the cluster. */

import type { ExitStatus } from '../errors.ts';
import type { Terminal } from '../output/terminal.ts';
import { checkFilter } from '../settings/check-filter.ts';
import type { Settings } from '../settings/table.ts';
import { requireInstallation } from './find.ts';
import { describeInstallation } from './join.ts';
import { look } from './look.ts';
import { onCluster } from './session.ts';

/** Resolves when interrupted. Rejects with CliError. */
export async function view(settings: Settings, terminal: Terminal): Promise<ExitStatus> {
  checkFilter(settings.filter);
  return await onCluster(settings, terminal, async (session) => {
    const there = await requireInstallation(session.kube, settings, session.stop);
    terminal.note(describeInstallation(there));
    const { namespace } = there;
    await look(session, { namespace, hint: 'Ctrl-C ends this view; Remora stays in the cluster.' });
  });
}
