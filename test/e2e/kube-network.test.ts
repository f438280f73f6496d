/** Whom the network policy lets in to the hub, from the tap that makes it to the check of what is there. */

import { expect, test } from 'vitest';
import { admittedCidrs, type NetworkPolicy } from '../../deploy/network-policy.ts';
import type { KubeServer } from '../kube/server.ts';
import { openSandbox, type Sandbox } from './cli-support.ts';
import { interrupt, openPage, run } from './cluster/cli.ts';
import { openSimulated, type Simulated, type SimulatedOptions } from './cluster/simulated.ts';
import { REMORA_NAMESPACE, remoraObjects } from './cluster/test-cluster.ts';

const NODES = ['10.77.0.1/32', '10.77.0.2/32'];

/** Most of each test is waiting: they do so together. */
function onCluster(
  name: string,
  options: SimulatedOptions,
  work: (cluster: Simulated, sandbox: Sandbox) => Promise<void>,
): void {
  test.concurrent(name, async () => {
    const [cluster, sandbox] = [await openSimulated(options), openSandbox()];
    try {
      await work(cluster, sandbox);
    } finally {
      await sandbox.close();
      await cluster.close();
    }
  });
}

const policies = ({ objects }: KubeServer, kind = 'networkpolicies') => objects.list(kind, REMORA_NAMESPACE);
function admitted({ simulated }: Simulated): string[] | undefined {
  const [policy] = policies(simulated);
  expect(policy).toBeDefined();
  return admittedCidrs(policy as unknown as NetworkPolicy);
}

onCluster('a tap lets in the nodes alone', {}, async (cluster, sandbox) => {
  const { tap } = await openPage(sandbox, cluster, ['tap', '-n', 'shop']);
  expect(admitted(cluster)).toEqual(NODES);
  expect((await interrupt(tap)).status).toBe(130);
  await expect.poll(() => remoraObjects(cluster), { timeout: 30_000 }).toEqual([]);
});

const CILIUM = { customResources: ['ciliumnodes.cilium.io', 'ciliumnetworkpolicies.cilium.io'] };
onCluster('on Cilium by a policy of its own, which goes with the rest', CILIUM, async (cluster, sandbox) => {
  const { simulated } = cluster;
  const left = () => [...policies(simulated), ...policies(simulated, 'ciliumnetworkpolicies')];
  const dry = await run(sandbox, cluster, ['tap', '-n', 'shop', '--dry-run']);
  expect(dry.stdout).toContain('kind: CiliumNetworkPolicy');
  const first = await openPage(sandbox, cluster, ['tap', '-n', 'shop']);
  expect(left()).toHaveLength(2);
  expect((await interrupt(first.tap)).status).toBe(130);
  expect(left()).toEqual([]);
  const killed = await openPage(sandbox, cluster, ['tap', '-n', 'shop']);
  await interrupt(killed.tap, 'SIGKILL');
  const cleaned = await run(sandbox, cluster, ['clean']);
  expect(cleaned.stdout).toContain(`removed ciliumnetworkpolicy ${REMORA_NAMESPACE}/remora-hub`);
  expect(left()).toEqual([]);
});

// Its workers run, and nothing of them comes to the hub.
onCluster('workers that do not get through: the policy is opened, and said', {}, async (cluster, sandbox) => {
  const { status, stderr } = await run(sandbox, cluster, ['install', '-n', 'shop']);
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(/the workers on node1, node2 did not reach the hub, .*--node-cidr any/);
  expect(admitted(cluster)).toBeUndefined();
  const checked = await run(sandbox, cluster, ['check']);
  expect(checked.stdout).toMatch(/^! the network policy lets any address try .*--node-cidr/m);
});

test('manifests made without a cluster say what they cannot know', async () => {
  const sandbox = openSandbox();
  try {
    const print = async (...more: string[]) =>
      (await sandbox.run(['install', '-A', '--print', ...more])).stdout;
    expect(await print()).toMatch(/^# The network policy lets any address .*--node-cidr/);
    expect(await print('--node-cidr', 'any')).toMatch(/^---\n/);
    const ranges = await print('--node-cidr', '10.0.3.1/16');
    expect(ranges).toContain('cidr: 10.0.0.0/16');
    expect(ranges).toContain('# kind: CiliumNetworkPolicy');
    expect(ranges).not.toMatch(/^kind: CiliumNetworkPolicy/m);
    expect((await sandbox.run(['install', '-A', '--print', '--node-cidr', 'node1'])).status).toBe(2);
  } finally {
    await sandbox.close();
  }
});
