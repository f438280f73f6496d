/**
 * What a large cluster costs the hub: the memory of all that is known of it, how long it takes to list it page by page over a
 * socket, how soon a change is known, and how long it takes to ask for a name.
 */
import { KubeConfig } from '@kubernetes/client-node';
import pino from 'pino';
import { RecordView } from '../../flow/record.ts';
import { ClusterNamer } from '../../hub/cluster/cluster-namer.ts';
import type { Identity } from '../../hub/cluster/identity.ts';
import { ClusterWatch } from '../../hub/cluster/watch/cluster-watch.ts';
import { exchangeRecord } from '../records.ts';
import { podIp, startLargeCluster } from './large-cluster.ts';

export interface IdentityResult {
  pods: number;
  nodes: number;
  /** Of everything that is kept, the objects for the targets too. */
  mebibytes: number;
  /** The API server is in the same process: its time is in this too. */
  secondsToList: number;
  /** From the API server's word to the name, ms. */
  changeMs: number;
  /** CPU time to ask for the pod that had an address at a time. */
  nsPerLookup: number;
  /** CPU time for both ends of a record, from its bytes to their names. */
  nsPerNaming: number;
}

/** Later than all pods were started. */
const NOW = 4_000_000_000_000_000;

/** Needs `--expose-gc` for the memory. */
export async function benchIdentity(
  pods = 150_000,
  nodes = 5_000,
  lookups = 2_000_000,
): Promise<IdentityResult> {
  const cluster = await startLargeCluster(pods, nodes);
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'large', server: cluster.url, skipTLSVerify: true },
    { name: 'bench' },
  );
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const watch = new ClusterWatch({
    load: async () => config,
    namespaces: [],
    log: pino({ level: 'silent' }),
  });
  const start = performance.now();
  watch.start();
  await untilTrue(() => watch.synced);
  const secondsToList = (performance.now() - start) / 1000;
  globalThis.gc?.();
  const mebibytes = (process.memoryUsage().heapUsed - before) / 2 ** 20;

  const { identity } = watch;
  await untilTrue(cluster.isWatched);
  const changed = performance.now();
  cluster.change(0, '10.200.0.1');
  await untilTrue(() => identity.pod('10.200.0.1', NOW) !== undefined);
  const changeMs = performance.now() - changed;
  cluster.change(0, podIp(0));
  await untilTrue(() => identity.pod(podIp(0), NOW) !== undefined);
  const result = {
    ...{ pods: identity.pods, nodes, mebibytes, secondsToList, changeMs },
    nsPerLookup: timeLookups(identity, pods, lookups),
    nsPerNaming: timeNaming(identity, pods, lookups / 10),
  };
  await watch.close();
  cluster.close();
  return result;
}

async function untilTrue(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setImmediate(resolve));
}

/** The addresses are texts of their own, as they are made from records: their hashes are not known yet. */
function timeLookups(identity: Identity, pods: number, lookups: number): number {
  const addresses = Array.from({ length: 100_000 }, (_, i) => podIp((i * 7919) % pods));
  let found = 0;
  const start = process.cpuUsage();
  for (let i = 0; i < lookups; i++) {
    if (identity.pod(addresses[i % addresses.length], NOW) !== undefined) found++;
  }
  const ns = nanoseconds(start) / lookups;
  if (found !== lookups) throw new Error(`${lookups - found} addresses were not found`);
  return ns;
}

function timeNaming(identity: Identity, pods: number, records: number): number {
  const namer = new ClusterNamer(identity);
  const views = Array.from({ length: 1000 }, (_, i) =>
    new RecordView().at(
      exchangeRecord({ src: podIp((i * 7919) % pods), dst: podIp((i * 104_729) % pods) }),
      0,
    ),
  );
  const start = process.cpuUsage();
  for (let i = 0; i < records; i++) {
    const view = views[i % views.length];
    if (namer.dst(view, '').endpoint.pod === undefined || namer.src(view, '').endpoint.pod === undefined)
      throw new Error('an end has no name');
  }
  return nanoseconds(start) / records;
}

/** CPU time since then. */
function nanoseconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) * 1000;
}
