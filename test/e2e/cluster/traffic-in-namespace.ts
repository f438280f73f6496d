/**
 * A whole simulated cluster with traffic and real workers, in the network namespace in which this is started:
 *
 *     unshare --net node --import tsx test/e2e/cluster/traffic-in-namespace.ts
 *
 * Writes what `seeTraffic` gives as JSON to standard output.
 */

import { spawnSync } from 'node:child_process';
import { openSandbox } from '../cli-support.ts';
import { runLoopbackPods } from './loopback-pods.ts';
import { openSimulated } from './simulated.ts';
import { seeTraffic } from './traffic.ts';

spawnSync('ip', ['link', 'set', 'lo', 'up']);
const sandbox = openSandbox();
const cluster = await openSimulated({ workers: { interface: 'lo' }, prepare: runLoopbackPods });
try {
  process.stdout.write(JSON.stringify(await seeTraffic(sandbox, cluster)));
} finally {
  await sandbox.close();
  await cluster.close();
}
