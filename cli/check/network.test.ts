import { afterEach, beforeEach, expect, test } from 'vitest';
import { ciliumPolicy } from '../../deploy/cilium-policy.ts';
import { networkPolicy } from '../../deploy/network-policy.ts';
import { KubeServer } from '../../test/kube/server.ts';
import { Kube } from '../kube/client.ts';
import { checkPolicy, tellIngress } from './network.ts';

let server: KubeServer;
async function start(customResources: string[] = []): Promise<void> {
  server = await KubeServer.start({ nodes: ['node1', 'node2'], controllers: false, customResources });
  server.addNamespace('remora');
}
beforeEach(() => start());
afterEach(() => server.stop());

const admit = (cidrs: string[]) => server.objects.create(networkPolicy('remora', cidrs) as never);

async function told(user = 'admin', managedBy = 'remora'): Promise<string[]> {
  const kube = Kube.open({ kubeconfig: server.kubeconfig(user) });
  const installation = { namespace: 'remora', mark: undefined, managedBy };
  const lines: string[] = [];
  try {
    for await (const { verdict, text, remedy } of checkPolicy(
      kube,
      installation,
      new AbortController().signal,
    )) {
      lines.push([verdict, text, ...(remedy === undefined ? [] : [remedy])].join(' | '));
    }
  } finally {
    kube.close();
  }
  return lines;
}

test('the nodes there are, one by one or by their range', async () => {
  const well = ['ok | the network policy lets in all nodes with workers, and nobody else'];
  admit(['10.77.0.1/32', '10.77.0.2/32']);
  expect(await told()).toEqual(well);
  server.objects.remove('networkpolicies', 'remora', 'remora-hub');
  admit(['10.77.0.0/16']);
  expect(await told()).toEqual(well);
});

test('a node that came later is named, with the way to let it in', async () => {
  admit(['10.77.0.1/32', '10.77.0.2/32']);
  server.addNode('node-c', '10.77.0.7');
  const remedy = ', or give --node-cidr with a range that all nodes are in.';
  const text = 'failed | node-c (10.77.0.7) is not let in by the network policy |';
  expect(await told()).toEqual([`${text} Run remora install again${remedy}`]);
  expect(await told('admin', 'Helm')).toEqual([`${text} Run helm upgrade${remedy}`]);
});

test('of many such nodes some are named', async () => {
  admit(['10.99.0.0/16']);
  for (let i = 3; i < 9; i++) server.addNode(`node${i}`, `10.77.0.${i}`);
  const lines = await told();
  expect(lines).toHaveLength(6);
  expect(lines.at(-1)).toBe('failed | 3 more nodes are not let in');
});

test('nodes that take no worker need not be let in', async () => {
  admit(['10.77.0.0/16']);
  server.addNode('windows', '10.88.0.1');
  server.objects.modify('nodes', '', 'windows', (copy) => {
    (copy['status'] as { nodeInfo: object }).nodeInfo = { operatingSystem: 'windows', architecture: 'amd64' };
  });
  expect(await told()).toEqual(['ok | the network policy lets in all nodes with workers, and nobody else']);
});

test('a policy for any address, or none', async () => {
  expect(await told()).toEqual([expect.stringMatching(/^warning \| there is no network policy remora-hub/)]);
  admit([]);
  expect(await told()).toEqual([
    expect.stringMatching(/^warning \| the network policy lets any address try .* \| .*--node-cidr/),
  ]);
});

test('on Cilium nodes are let in by what they are', async () => {
  await server.stop();
  await start(['ciliumnetworkpolicies.cilium.io']);
  admit(['10.99.0.0/16']);
  server.objects.create(ciliumPolicy('remora') as never);
  expect(await told()).toEqual(['ok | the network policies let in the nodes, as Cilium knows them']);
});

test('who may not see nodes, or not even the policy, is told that it is not known', async () => {
  admit(['10.77.0.0/16']);
  server.addUser('dev', [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }], ['remora']);
  server.addUser('stranger', []);
  for (const user of ['dev', 'stranger'])
    expect(await told(user)).toEqual([expect.stringMatching(/^skipped/)]);
  server.objects.remove('networkpolicies', 'remora', 'remora-hub');
  admit([]);
  expect(await told('dev')).toEqual([
    expect.stringMatching(/^warning \| the network policy lets any address/),
  ]);
});

test('what a tap would make of it', () => {
  const ingress = { nodeCidrs: ['10.0.0.1/32'], cilium: false, derived: true };
  expect(tellIngress(ingress)).toMatchObject({
    verdict: 'ok',
    text: "a tap's network policy lets in the nodes alone",
  });
  expect(tellIngress({ ...ingress, derived: false })).toMatchObject({
    text: expect.stringContaining('10.0.0.1/32'),
  });
  expect(tellIngress({ ...ingress, nodeCidrs: [] })).toMatchObject({ verdict: 'ok' });
  const open = { why: 'you may not list nodes', remedy: 'Give them.' };
  expect(tellIngress({ ...ingress, nodeCidrs: [], open })).toMatchObject({
    ...{ verdict: 'warning', remedy: 'Give them.' },
    text: expect.stringContaining('you may not list nodes'),
  });
});
