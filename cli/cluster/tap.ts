/** `remora tap` on a cluster. */

import { CliError, type ExitStatus } from '../errors.ts';
import type { Terminal } from '../output/terminal.ts';
import type { ClusterSource, TapPlan } from '../tap/plan.ts';

export async function tapCluster(_plan: TapPlan<ClusterSource>, _terminal: Terminal): Promise<ExitStatus> {
  throw new CliError('NOT_IN_THIS_VERSION', 'tapping a cluster is in the making');
}
