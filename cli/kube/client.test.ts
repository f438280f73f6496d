/** The client against the test API server (test/kube), through real connections. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KubeServer } from '../../test/kube/server.ts';
import { Exit } from '../errors.ts';
import { describeRights, missingRights, rightsToApply, rightsToReach } from './access.ts';
import { applyAll } from './apply.ts';
import { FIELD_MANAGER, Kube } from './client.ts';
import type { KubeError } from './error.ts';
import type { ObjectBase, PodObject } from './objects.ts';
import { findLabelled, removeAll } from './remove.ts';

let server: KubeServer;
let kube: Kube;
beforeEach(async () => {
  server = await KubeServer.start({ nodes: ['node1'] });
  kube = Kube.open({ kubeconfig: server.kubeconfig() });
});
afterEach(async () => {
  kube.close();
  await server.stop();
});

const configMap = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', labels },
  data,
});

async function refusal(promise: Promise<unknown>): Promise<KubeError> {
  return await promise.then(
    () => {
      throw new Error('expected a refusal');
    },
    (error: KubeError) => error,
  );
}

test('a long list is read page by page', async () => {
  for (let i = 0; i < 1203; i++) server.objects.create(configMap(`c${i}`, {}, { of: 'many' }) as never);
  const found = await kube.list('ConfigMap', { labelSelector: 'of=many' });
  expect(new Set(found.map(({ metadata }) => metadata.name)).size).toBe(1203);
  expect(
    server.requests.filter(({ resource, verb }) => resource === 'configmaps' && verb === 'list'),
  ).toHaveLength(3);
});

test('a list that grew too old between two pages is read anew', async () => {
  for (let i = 0; i < 600; i++) server.objects.create(configMap(`c${i}`, {}, { of: 'many' }) as never);
  server.faults.add({ path: /continue=/ }, { kind: 'answer', code: 410, reason: 'Expired' }, 1);
  expect(await kube.list('ConfigMap', { labelSelector: 'of=many' })).toHaveLength(600);
});

test('what is not there is undefined, and removing it is no failure', async () => {
  expect(await kube.get('ConfigMap', 'nope', 'default')).toBeUndefined();
  expect(await kube.remove('ConfigMap', 'nope', 'default')).toBe(false);
  expect(await kube.remove('ConfigMap', 'nope', 'no-such-namespace')).toBe(false);
});

test('apply makes, changes, and takes away the fields it no longer has', async () => {
  await kube.apply(configMap('c', { a: '1', b: '2' }));
  const changed = await kube.apply<ObjectBase & { data: Record<string, string> }>(configMap('c', { a: '3' }));
  expect(changed.data).toEqual({ a: '3' });
  const stored = server.objects.get('configmaps', 'default', 'c');
  expect(stored?.metadata.managedFields?.map(({ manager }) => manager)).toEqual([FIELD_MANAGER]);
});

test('a dry run changes nothing', async () => {
  await kube.apply(configMap('c', { a: '1' }), { dryRun: true });
  expect(server.objects.get('configmaps', 'default', 'c')).toBeUndefined();
});

test('only the object that was meant is removed, and no successor', async () => {
  await kube.apply(configMap('c'));
  const error = await refusal(kube.remove('ConfigMap', 'c', 'default', { uid: 'another' }));
  expect(error.code).toBe('KUBE_CONFLICT');
  expect(server.objects.get('configmaps', 'default', 'c')).toBeDefined();
});

test('a busy server is asked again when it said it may be', async () => {
  server.faults.add({ resource: 'pods' }, { kind: 'answer', code: 429, retryAfterSeconds: 1 }, 1);
  const startedAt = performance.now();
  expect(await kube.list('Pod', { namespace: 'default' })).toEqual([]);
  expect(performance.now() - startedAt).toBeGreaterThan(900);
});

test('a connection that breaks, also in the middle of an answer, is no failure', async () => {
  server.faults.add({ resource: 'pods' }, { kind: 'reset' }, 1);
  expect(await kube.list('Pod')).toEqual([]);
  server.faults.add({ resource: 'pods' }, { kind: 'break', afterBytes: 20 }, 1);
  expect(await kube.list('Pod')).toEqual([]);
});

test('refusals have a code, the exit status 3 and what to ask for', async () => {
  server.addUser('weak', [{ verbs: ['list'], apiGroups: [''], resources: ['pods'] }], ['shop']);
  const weak = Kube.open({ kubeconfig: server.kubeconfig('weak') });
  const error = await refusal(weak.list('Secret', { namespace: 'shop' }));
  expect(error).toMatchObject({ code: 'KUBE_FORBIDDEN', exit: Exit.refused, status: 403 });
  expect(error.remedy).toContain('list secrets in namespace "shop"');
  weak.close();
});

test('a wrong token is told as such', async () => {
  const kubeconfig = server.kubeconfig('weak2');
  const wrong = Kube.open({ kubeconfig });
  const user = wrong.config.getCurrentUser();
  wrong.config.users = [{ ...user, name: user?.name ?? '', token: 'wrong' }];
  expect(await refusal(wrong.list('Pod'))).toMatchObject({ code: 'KUBE_UNAUTHORIZED', exit: Exit.refused });
  wrong.close();
});

test('a server that is not there, or says nothing, is unreachable', async () => {
  const unreachable = Kube.open({ kubeconfig: server.kubeconfig() });
  await server.stop();
  const error = await refusal(unreachable.version());
  expect(error).toMatchObject({ code: 'KUBE_UNREACHABLE', exit: Exit.failed });
  expect(error.message).toContain('connection refused');
  server = await KubeServer.start({ nodes: [] });
});

test('an abort ends a request at once', async () => {
  server.faults.add({ resource: 'pods' }, { kind: 'stall' }, 1);
  const controller = new AbortController();
  const listing = kube.list('Pod', { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await expect(listing).rejects.toMatchObject({ name: 'AbortError' });
});

test('an answer that is no JSON is no crash', async () => {
  server.faults.add({ resource: 'pods' }, { kind: 'break', afterBytes: 3 }, 9);
  expect(['KUBE_FAILED', 'KUBE_UNREACHABLE']).toContain((await refusal(kube.list('Pod'))).code);
});

const OBJECTS = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'remora' } },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'remora-hub' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }],
  },
  configMap('c', {}, { app: 'remora' }),
];

test('rights: an administrator lacks none, and is asked once', async () => {
  expect(await missingRights(kube, rightsToApply(OBJECTS, true))).toEqual([]);
  expect(server.requests).toHaveLength(1);
});

test('rights: those that are missing, and what may not be granted because it is not had', async () => {
  const rules = [
    { verbs: ['*'], apiGroups: [''], resources: ['configmaps', 'namespaces'] },
    {
      verbs: ['get', 'create', 'patch', 'list'],
      apiGroups: ['rbac.authorization.k8s.io'],
      resources: ['clusterroles'],
    },
    { verbs: ['list'], apiGroups: [''], resources: ['pods'] },
  ];
  server.addUser('half', rules);
  const half = Kube.open({ kubeconfig: server.kubeconfig('half') });
  const missing = await missingRights(half, [...rightsToApply(OBJECTS, true), ...rightsToReach('remora')]);
  expect(describeRights(missing)).toEqual([
    'delete clusterroles.rbac.authorization.k8s.io in the cluster',
    'watch pods in the cluster',
    'get deployments.apps, daemonsets.apps, secrets, pods/portforward in namespace "remora"',
  ]);
  half.close();
});

test('objects are applied in order until somebody interrupts', async () => {
  const stop = new AbortController();
  const applied: string[] = [];
  const applying = applyAll(kube, OBJECTS, stop.signal, (kind, name) => {
    applied.push(`${kind} ${name}`);
    if (kind === 'ClusterRole') stop.abort();
  });
  await expect(applying).rejects.toMatchObject({ name: 'AbortError' });
  expect(applied).toEqual(['Namespace remora', 'ClusterRole remora-hub']);
});

test('what bears a label is found everywhere and removed; what may not be removed is told', async () => {
  await applyAll(
    kube,
    [configMap('mine', {}, { app: 'remora' }), configMap('other')],
    AbortSignal.timeout(5000),
    () => {},
  );
  server.objects.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'far' } });
  await kube.apply({
    ...configMap('mine'),
    metadata: { name: 'mine', namespace: 'far', labels: { app: 'remora' } },
  });
  const { found, unreadable } = await findLabelled(kube, 'app=remora', []);
  expect(found.map(({ kind, namespace }) => `${kind} ${namespace}`).toSorted()).toEqual([
    'ConfigMap default',
    'ConfigMap far',
  ]);
  expect(unreadable).toEqual([]);

  server.faults.add(
    { path: /namespaces\/far\/configmaps\/mine/, verb: 'delete' },
    { kind: 'answer', code: 403 },
  );
  const { removed, failed, pending } = await removeAll(kube, found, 'app=remora', { limitMs: 5000 });
  expect(removed.map(({ namespace }) => namespace)).toEqual(['default']);
  expect(failed.map(({ object }) => object.namespace)).toEqual(['far']);
  expect(pending).toEqual([]);
  expect(server.objects.get('configmaps', 'default', 'other')).toBeDefined();
});

test('who may look into one namespace only finds what is there, and is told what could not be seen', async () => {
  await kube.apply(configMap('mine', {}, { app: 'remora' }));
  server.addUser('local', [{ verbs: ['list'], apiGroups: [''], resources: ['configmaps'] }], ['default']);
  const local = Kube.open({ kubeconfig: server.kubeconfig('local') });
  const { found, unreadable } = await findLabelled(local, 'app=remora', ['default']);
  expect(found.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['ConfigMap mine']);
  expect(unreadable.map(({ kind }) => kind)).toContain('Secret');
  local.close();
});

test('removing ends within its time, and says what the cluster is still at', async () => {
  // Without controllers nothing removes what is in a namespace, and it stays.
  const idle = await KubeServer.start({ nodes: [], controllers: false });
  const there = Kube.open({ kubeconfig: idle.kubeconfig() });
  await there.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'stuck' } });
  const found = [{ kind: 'Namespace' as const, name: 'stuck', namespace: undefined, uid: undefined }];
  const startedAt = performance.now();
  const { removed, pending } = await removeAll(there, found, 'app=remora', { limitMs: 700 });
  expect(performance.now() - startedAt).toBeLessThan(5000);
  expect(removed).toHaveLength(1);
  expect(pending).toEqual(['namespace stuck']);
  there.close();
  await idle.stop();
});

test('logs are text', async () => {
  server.objects.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  } as never);
  await expect
    .poll(async () => (await kube.get<PodObject>('Pod', 'p', 'default'))?.status?.phase)
    .toBe('Running');
  const uid = server.objects.get('pods', 'default', 'p')?.metadata.uid ?? '';
  server.logs.write(uid, 'c', 'one\ntwo\nthree\n');
  expect(await kube.log('default', 'p', { container: 'c', tailLines: 2 })).toBe('two\nthree\n');
});
