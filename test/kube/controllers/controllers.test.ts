import { afterEach, beforeEach, expect, test } from 'vitest';
import { KubeServer } from '../server.ts';
import { asList, asRecord, type KubeObject } from '../types.ts';

let kube: KubeServer;

beforeEach(async () => {
  kube = await KubeServer.start({ tls: false });
});

afterEach(() => kube.stop());

function workload(kind: 'Deployment' | 'DaemonSet', name: string, more: object = {}): KubeObject {
  const labels = { app: name };
  const container = { name: 'c', image: 'x:1', ports: [{ name: 'http', containerPort: 8080 }] };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container], ...more } },
    },
  };
}

const pods = (app: string) =>
  kube.objects.list('pods', 'default').filter((pod) => pod.metadata.labels?.['app'] === app);
const status = (plural: string, name: string) =>
  asRecord(kube.objects.get(plural, 'default', name)?.['status']);
const state = (pod: KubeObject | undefined) =>
  asRecord(asList(asRecord(pod?.['status'])['containerStatuses'])[0]?.['state']);
const reasons = () => kube.objects.list('events', 'default').map((event) => event['reason']);

test('a Deployment gets a ReplicaSet and a pod that runs on a node, and its Service an endpoint', async () => {
  kube.objects.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
  } as KubeObject);
  kube.objects.create(workload('Deployment', 'web'));
  await expect.poll(() => status('deployments', 'web')['availableReplicas']).toBe(1);
  const [pod] = pods('web');
  expect(pod?.metadata.name).toMatch(/^web-[0-9a-f]{9}-[a-z0-9]{5}$/);
  expect(asRecord(pod?.['status'])).toMatchObject({
    phase: 'Running',
    hostIP: '10.77.0.1',
    podIP: '10.78.1.2',
  });
  const slice = () => kube.objects.list('endpointslices', 'default')[0];
  await expect
    .poll(() => slice())
    .toMatchObject({
      endpoints: [{ addresses: ['10.78.1.2'], conditions: { ready: true } }],
      ports: [{ port: 8080 }],
    });
});

test('a DaemonSet has a pod on every node, replaced when its template changes', async () => {
  kube.objects.create(workload('DaemonSet', 'agent', { hostNetwork: true }));
  await expect.poll(() => status('daemonsets', 'agent')['numberReady']).toBe(2);
  expect(
    pods('agent')
      .map((pod) => asRecord(pod['spec'])['nodeName'])
      .sort(),
  ).toEqual(['node1', 'node2']);
  expect(
    pods('agent')
      .map((pod) => asRecord(pod['status'])['podIP'])
      .sort(),
  ).toEqual(['10.77.0.1', '10.77.0.2']);
  const before = pods('agent').map((pod) => pod.metadata.uid);
  kube.objects.modify('daemonsets', 'default', 'agent', (copy) => {
    asRecord(asList(asRecord(asRecord(asRecord(copy['spec'])['template'])['spec'])['containers'])[0])[
      'image'
    ] = 'x:2';
  });
  await expect
    .poll(() => status('daemonsets', 'agent'))
    .toMatchObject({ observedGeneration: 2, updatedNumberScheduled: 2, numberReady: 2 });
  await expect.poll(() => pods('agent').some((pod) => before.includes(pod.metadata.uid))).toBe(false);
});

test('an image that cannot be pulled', async () => {
  kube.kubelet.when({ name: /^web/ }, { kind: 'image-pull' });
  kube.objects.create(workload('Deployment', 'web'));
  await expect
    .poll(() => state(pods('web')[0]))
    .toEqual({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x:1"' } });
  expect(reasons()).toEqual(expect.arrayContaining(['Scheduled', 'Pulling', 'Failed', 'BackOff']));
  expect(status('deployments', 'web')).toMatchObject({ unavailableReplicas: 1 });
});

test('a container that ends again and again, with its log', async () => {
  kube.kubelet.when({ name: /^web/ }, { kind: 'crash-loop', log: 'boom\n', exitCode: 3 });
  kube.objects.create(workload('Deployment', 'web'));
  await expect.poll(() => state(pods('web')[0])['waiting']).toMatchObject({ reason: 'CrashLoopBackOff' });
  const [pod] = pods('web');
  expect(asList(asRecord(pod?.['status'])['containerStatuses'])[0]).toMatchObject({
    lastState: { terminated: { exitCode: 3 } },
  });
  expect(kube.logs.read(pod!.metadata.uid!, 'c').map(({ text }) => text)).toEqual(['boom\n']);
});

test('a pod that no node takes', async () => {
  kube.kubelet.when({}, { kind: 'unschedulable', message: '0/2 nodes are available: 2 Insufficient cpu.' });
  kube.objects.create(workload('Deployment', 'web'));
  await expect
    .poll(() => asRecord(pods('web')[0]?.['status'])['conditions'])
    .toMatchObject([{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }]);
  await expect.poll(reasons).toContain('FailedScheduling');
});

test('Pod Security refuses the pods of a DaemonSet, which itself is there', async () => {
  kube.objects.modify('namespaces', '', 'default', (copy) => {
    copy.metadata.labels = { ...copy.metadata.labels, 'pod-security.kubernetes.io/enforce': 'baseline' };
  });
  kube.objects.create(workload('DaemonSet', 'agent', { hostNetwork: true }));
  await expect.poll(reasons).toContain('FailedCreate');
  const event = kube.objects.list('events', 'default').find(({ reason }) => reason === 'FailedCreate');
  expect(event?.['message']).toMatch(
    /^Error creating: pods "agent-\w{5}" is forbidden: violates PodSecurity "baseline:latest": host namespaces \(hostNetwork=true\), hostPort \(container "c" uses hostPort 8080\)$/,
  );
  expect(pods('agent')).toEqual([]);
});

test('a deleted Deployment takes its pods along; a foreground deletion waits for them', async () => {
  kube.objects.create(workload('Deployment', 'web'));
  await expect.poll(() => status('deployments', 'web')['availableReplicas']).toBe(1);
  const answer = await fetch(`${kube.url}/apis/apps/v1/namespaces/default/deployments/web`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${kube.token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ propagationPolicy: 'Foreground' }),
  });
  expect(await answer.json()).toMatchObject({
    kind: 'Deployment',
    metadata: { finalizers: ['foregroundDeletion'] },
  });
  expect(pods('web')).toHaveLength(1);
  await expect.poll(() => kube.objects.get('deployments', 'default', 'web')).toBeUndefined();
  expect(pods('web')).toEqual([]);
  expect(kube.objects.list('replicasets', 'default')).toEqual([]);
});

test('a namespace is Terminating until it is empty, and takes nothing new', async () => {
  const headers = { authorization: `Bearer ${kube.token()}`, 'content-type': 'application/json' };
  const metadata = { name: 'held', namespace: 'default', finalizers: ['example.com/hold'] };
  kube.objects.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata } as KubeObject);
  const answer = await fetch(`${kube.url}/api/v1/namespaces/default`, { method: 'DELETE', headers });
  expect(await answer.json()).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } });
  await expect
    .poll(() => asRecord(kube.objects.get('namespaces', '', 'default')?.['status'])['conditions'])
    .toContainEqual(expect.objectContaining({ type: 'NamespaceFinalizersRemaining', status: 'True' }));
  const refused = await fetch(`${kube.url}/api/v1/namespaces/default/configmaps`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ metadata: { name: 'new' } }),
  });
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ details: { causes: [{ reason: 'NamespaceTerminating' }] } });
  const patched = await fetch(`${kube.url}/api/v1/namespaces/default/configmaps/held`, {
    method: 'PATCH',
    headers: { ...headers, 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ metadata: { finalizers: null } }),
  });
  expect(patched.status).toBe(200);
  await expect.poll(() => kube.objects.get('namespaces', '', 'default')).toBeUndefined();
});
