/** The flows of the known workload, as `tap -o json` prints them. */

import type { Flow } from '../../../flow/flow.ts';
import type { Sandbox } from '../cli-support.ts';
import { interrupt, start, wrote } from './cli.ts';
import type { TestCluster } from './test-cluster.ts';

/** Flows enough to see whether any comes twice. */
const ENOUGH = 8;

export interface Seen {
  flows: Flow[];
  status: number | null;
  stderr: string;
}

/** Taps the workload until some of its requests have been printed. */
export async function seeTraffic(sandbox: Sandbox, cluster: TestCluster): Promise<Seen> {
  const args = ['tap', 'web', '-n', cluster.namespace, '-o', 'json', ...cluster.imageFlags];
  const tap = start(sandbox, cluster, args);
  await wrote(tap, cluster, 'stdout', new RegExp(`(.*/ping.*\\n){${ENOUGH}}`));
  const { status, stdout, stderr } = await interrupt(tap);
  const lines = stdout.trim().split('\n');
  return { flows: lines.map((line) => JSON.parse(line) as Flow), status, stderr };
}
