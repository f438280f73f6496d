/** How much memory the names of a large cluster take, and how long it takes to ask for one. */

import { RecordView } from '../../flow/record.ts';
import { ClusterNamer } from '../../hub/cluster/cluster-namer.ts';
import { Identity } from '../../hub/cluster/identity.ts';
import { readObject } from '../../hub/cluster/read-objects.ts';
import { node, pod, service, slice } from '../kubernetes/cluster.ts';
import { exchangeRecord } from '../records.ts';

export interface IdentityResult {
  pods: number;
  nodes: number;
  services: number;
  mebibytes: number;
  secondsToLoad: number;
  /** The pod that had an address at a time. */
  nsPerLookup: number;
  /** Both ends of a record, from its bytes to their names. */
  nsPerNaming: number;
}

const PODS_A_SERVICE = 30;
const SLICE = 100;
const NOW = 1_700_000_000_000_000;

/** Needs `--expose-gc` for the memory. */
export function benchIdentity(pods = 150_000, nodes = 5_000, lookups = 2_000_000): IdentityResult {
  const services = Math.ceil(pods / PODS_A_SERVICE);
  const identity = new Identity();
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const start = performance.now();
  const set = (object: Record<string, unknown>) => {
    // As it comes from the API server: no text is shared between objects.
    const read = readObject(String(object['kind']), JSON.parse(JSON.stringify(object)));
    if (read !== undefined) identity.set(read, NOW);
  };
  for (let n = 0; n < nodes; n++)
    set(node(`node-${n}`, `172.${16 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`));
  for (let n = 0; n < pods; n++) set(podObject(n, nodes));
  for (let n = 0; n < services; n++) {
    const namespace = `namespace-${n % 200}`;
    set(service(`service-${n}`, `10.255.${n >> 8}.${n & 255}`, { namespace }));
    const first = n * PODS_A_SERVICE;
    const ips = Array.from({ length: Math.min(PODS_A_SERVICE, SLICE) }, (_, i) => podIp(first + i));
    set(slice(`service-${n}`, ips, { namespace, name: `service-${n}-x` }));
  }
  const secondsToLoad = (performance.now() - start) / 1000;
  globalThis.gc?.();
  const mebibytes = (process.memoryUsage().heapUsed - before) / 2 ** 20;
  return {
    ...{ pods: identity.pods, nodes, services, mebibytes, secondsToLoad },
    nsPerLookup: timeLookups(identity, pods, lookups),
    nsPerNaming: timeNaming(identity, pods, lookups / 10),
  };
}

function podObject(n: number, nodes: number): Record<string, unknown> {
  const name = `workload-${Math.floor(n / 10)}-6cb689644c-${n.toString(36).padStart(5, '0')}`;
  return pod(name, podIp(n), {
    namespace: `namespace-${Math.floor(n / PODS_A_SERVICE) % 200}`,
    uid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    labels: { app: `workload-${Math.floor(n / 10)}`, 'pod-template-hash': '6cb689644c' },
    owner: ['ReplicaSet', `workload-${Math.floor(n / 10)}-6cb689644c`],
    node: `node-${n % nodes}`,
    startTime: '2023-11-14T22:13:20Z',
  });
}

function podIp(n: number): string {
  return `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
}

/** The addresses are texts of their own, as they are made from records: their hashes are not known yet. */
function timeLookups(identity: Identity, pods: number, lookups: number): number {
  const addresses = Array.from({ length: 100_000 }, (_, i) => podIp((i * 7919) % pods));
  let found = 0;
  const start = performance.now();
  for (let i = 0; i < lookups; i++) {
    if (identity.pod(addresses[i % addresses.length], NOW + 1) !== undefined) found++;
  }
  const ns = ((performance.now() - start) * 1e6) / lookups;
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
  const start = performance.now();
  for (let i = 0; i < records; i++) {
    const view = views[i % views.length];
    if (namer.dst(view, '').endpoint.pod === undefined || namer.src(view, '').endpoint.pod === undefined)
      throw new Error('an end has no name');
  }
  return ((performance.now() - start) * 1e6) / records;
}
