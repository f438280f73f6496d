import { afterEach, beforeEach, expect, test } from 'vitest';
import { KubeServer } from '../../test/kube/server.ts';
import { Kube } from '../kube/client.ts';
import { decideIngress, describeOpen, type HubIngress } from './hub-ingress.ts';

const CILIUM = ['ciliumnodes.cilium.io', 'ciliumnetworkpolicies.cilium.io'];
const never = new AbortController().signal;
let server: KubeServer;

async function start(customResources: string[] = [], nodes = ['node1', 'node2']): Promise<void> {
  server = await KubeServer.start({ nodes, controllers: false, customResources });
  server.addUser('dev', [{ verbs: ['*'], apiGroups: ['', 'apps'], resources: ['*'] }], ['shop']);
  const reading = { verbs: ['get', 'list'], apiGroups: [''], resources: ['nodes'] };
  server.addUser('reader', [reading]);
}

async function decide(user: string, nodeCidr: string[] = [], keep = false): Promise<HubIngress> {
  const kube = Kube.open({ kubeconfig: server.kubeconfig(user) });
  try {
    return await decideIngress(kube, { nodeCidr, keep }, 'shop', never);
  } finally {
    kube.close();
  }
}

beforeEach(() => start());
afterEach(() => server.stop());
const restart = async (...options: Parameters<typeof start>) => {
  await server.stop();
  await start(...options);
};

const NODES = ['10.77.0.1/32', '10.77.0.2/32'];

test('the nodes there are; or what is given, and nothing else', async () => {
  expect(await decide('reader')).toEqual({ nodeCidrs: NODES, cilium: false, derived: true });
  const given = ['10.0.0.0/8', 'fd00::/8'];
  expect(await decide('dev', given)).toEqual({ nodeCidrs: given, cilium: false, derived: false });
});

test('any address, because that was asked for: nothing to tell, and nothing is asked of the cluster', async () => {
  const before = server.requests.length;
  const ingress = await decide('dev', ['any']);
  expect(ingress).toEqual({ nodeCidrs: [], cilium: false, derived: false });
  expect(describeOpen(ingress)).toBeUndefined();
  expect(server.requests.length).toBe(before);
});

test('any address, because nodes may not be listed, have none, or are too many; and the way out', async () => {
  const ingress = await decide('dev');
  expect(ingress.nodeCidrs).toEqual([]);
  expect(describeOpen(ingress)).toMatch(
    /any address.*: you may not list nodes\. .*--node-cidr 10\.0\.0\.0\/16\.$/,
  );
  await restart([], []);
  expect(describeOpen(await decide('reader'))).toContain('no node tells its address');
  await restart(
    [],
    Array.from({ length: 2001 }, (_, i) => `n${i}`),
  );
  for (const [i, { metadata }] of server.objects.list('nodes').entries()) {
    server.objects.modify('nodes', '', metadata.name, (copy) => {
      copy['status'] = { addresses: [{ type: 'InternalIP', address: `10.1.${i >> 8}.${i & 255}` }] };
    });
  }
  expect(describeOpen(await decide('reader'))).toContain('more than 2000 addresses');
});

test('Cilium: its own policy too, for who may make one; else any address', async () => {
  await restart(CILIUM);
  expect(await decide('admin')).toEqual({ nodeCidrs: NODES, cilium: true, derived: true });
  expect(await decide('admin', ['10.0.0.0/8'])).toMatchObject({ nodeCidrs: ['10.0.0.0/8'], cilium: true });
  const refused = await decide('reader');
  expect(refused.nodeCidrs).toEqual([]);
  expect(describeOpen(refused)).toContain(
    'the right to create, patch, delete ciliumnetworkpolicies.cilium.io',
  );
  expect(describeOpen(await decide('reader', [], true))).toContain('the right to create, patch cilium');
});

test('a Cilium that takes no such policy: any address, unless addresses are given', async () => {
  await restart(['ciliumnodes.cilium.io']);
  expect(describeOpen(await decide('admin'))).toContain('takes no CiliumNetworkPolicy');
  expect(await decide('admin', ['10.0.0.0/8'])).toMatchObject({ nodeCidrs: ['10.0.0.0/8'], cilium: false });
});
