/** What keeps Remora from starting or ending on a cluster: said with its cause, and nothing left behind. */

import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { ObjectInput } from '../kube/types.ts';
import { openSandbox, type Sandbox } from './cli-support.ts';
import { interrupt, openPage, run, start, wrote } from './cluster/cli.ts';
import { openSimulated, type Simulated } from './cluster/simulated.ts';
import { REMORA_NAMESPACE, remoraObjects } from './cluster/test-cluster.ts';

vi.setConfig({ testTimeout: 300_000 });

let cluster: Simulated;
let sandbox: Sandbox;

beforeAll(async () => {
  cluster = await openSimulated();
});

beforeEach(() => {
  sandbox = openSandbox();
});

afterEach(async () => {
  await sandbox.close();
  cluster.simulated.objects.remove('namespaces', '', REMORA_NAMESPACE);
});

afterAll(async () => {
  await cluster.close();
});

const tag = (name: string) => ['--image-tag', name];
const tap = (...args: string[]) => ['tap', 'web', '-n', cluster.namespace, ...args];

async function nothingLeft(): Promise<void> {
  await expect.poll(() => remoraObjects(cluster), { timeout: 30_000 }).toEqual([]);
}

test('a hub that ends again and again: the end of its log is shown', async () => {
  const { kubelet } = cluster.simulated;
  kubelet.when(
    { image: /hub:crashing/ },
    { kind: 'crash-loop', log: 'starting\nthe disk is full\n', exitCode: 1 },
  );
  const result = await run(sandbox, cluster, tap(...tag('crashing')));
  expect(result.status).toBe(1);
  expect(result.stderr).toContain('remora-hub');
  expect(result.stderr).toContain('the disk is full');
  await nothingLeft();
});

test('no node takes the hub: why, in the words of the scheduler', async () => {
  const message = '0/2 nodes are available: 2 Insufficient memory.';
  cluster.simulated.kubelet.when({ image: /hub:too-large/ }, { kind: 'unschedulable', message });
  const result = await run(sandbox, cluster, tap(...tag('too-large'), '--timeout', '10'));
  expect(result.status).toBe(1);
  expect(result.stderr).toContain('Insufficient memory');
  await nothingLeft();
});

test('Pod Security refuses the workers: what is refused, and how to allow it', async () => {
  const { simulated } = cluster;
  simulated.addNamespace(REMORA_NAMESPACE);
  simulated.objects.modify('namespaces', '', REMORA_NAMESPACE, ({ metadata }) => {
    metadata.labels = { ...metadata.labels, 'pod-security.kubernetes.io/enforce': 'baseline' };
  });
  const result = await run(sandbox, cluster, tap());
  expect(result.status).toBe(1);
  expect(result.stderr).toContain('PodSecurity "baseline');
  expect(result.stderr).toContain('pod-security.kubernetes.io/enforce');
  // It was there before.
  expect(
    simulated.objects.get('namespaces', '', REMORA_NAMESPACE)?.metadata.deletionTimestamp,
  ).toBeUndefined();
  const left = await remoraObjects(cluster);
  expect(left).toEqual([`Namespace ${REMORA_NAMESPACE}`]);
});

test('someone without any right is told which they lack, with status 3', async () => {
  cluster.simulated.addUser('reader', [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }]);
  const kubeconfig = cluster.simulated.kubeconfig('reader');
  const result = await run(sandbox, cluster, tap(), { kubeconfig });
  expect(result.status).toBe(3);
  expect(result.stderr).toMatch(/deployments/);
  expect(await remoraObjects(cluster)).toEqual([]);
});

test('credentials that the server does not know', async () => {
  const kubeconfig = cluster.simulated.kubeconfig('gone');
  cluster.simulated.cluster.users.revoke('gone');
  const result = await run(sandbox, cluster, tap(), { kubeconfig });
  expect(result.status).not.toBe(0);
  expect(result.stderr).toMatch(/credential|log in|token|Unauthorized/i);
});

test.each(['SIGTERM', 'SIGHUP'] as const)('%s takes everything away too', async (signal) => {
  const command = start(sandbox, cluster, tap('--no-open', '--port', '0'));
  await wrote(command, cluster, 'stderr', /Remora is in namespace/);
  await interrupt(command, signal);
  await nothingLeft();
});

test('what a killed tap left is replaced by the next one, and goes with it', async () => {
  const first = start(sandbox, cluster, tap('--no-open', '--port', '0'));
  await wrote(first, cluster, 'stderr', /Remora is in namespace/);
  await interrupt(first, 'SIGKILL');
  expect(await remoraObjects(cluster)).not.toEqual([]);
  const second = await openPage(sandbox, cluster, tap());
  expect(second.tap.output.stderr).toContain('ended without cleaning up');
  expect((await interrupt(second.tap)).status).toBe(130);
  await nothingLeft();
});

test('a namespace that something holds is named, and goes later by itself', async () => {
  const { objects } = cluster.simulated;
  const command = start(sandbox, cluster, tap('--no-open', '--port', '0'));
  await wrote(command, cluster, 'stderr', /Remora is in namespace/);
  const metadata = { name: 'held', namespace: REMORA_NAMESPACE, finalizers: ['example.com/hold'] };
  objects.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata } as ObjectInput);
  const result = await interrupt(command);
  expect(result.status).toBe(130);
  expect(result.stderr).toContain(`namespace ${REMORA_NAMESPACE}`);
  objects.modify('configmaps', REMORA_NAMESPACE, 'held', (copy) => {
    delete copy.metadata.finalizers;
  });
  await expect.poll(() => objects.get('namespaces', '', REMORA_NAMESPACE)).toBeUndefined();
  await nothingLeft();
});
