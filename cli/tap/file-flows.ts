/** Capture files through the worker's pipeline and the hub's merging, without a hub: flows in batches. */

import type { Flow } from '../../flow/flow.ts';
import { CliError } from '../errors.ts';
import type { Progress } from '../output/progress.ts';
import type { TapPlan } from './plan.ts';

export interface FileFlows extends Progress {
  /** Once only. Rejects, after the flows before it, where a file is damaged. */
  flows(): AsyncIterable<readonly Flow[]>;
  close(): Promise<void>;
}

export async function openFileFlows(_plan: TapPlan): Promise<FileFlows> {
  throw new CliError('NOT_IN_THIS_VERSION', 'wired when the pipeline lands');
}
