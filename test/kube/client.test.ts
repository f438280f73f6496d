import * as k8s from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KubeServer } from './server.ts';

let kube: KubeServer;
let config: k8s.KubeConfig;
let core: k8s.CoreV1Api;

beforeAll(async () => {
  kube = await KubeServer.start({ controllers: false });
  config = new k8s.KubeConfig();
  config.loadFromFile(kube.kubeconfig());
  core = config.makeApiClient(k8s.CoreV1Api);
});

afterAll(() => kube.stop());

const pod = (name: string, labels: Record<string, string> = {}): k8s.V1Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels },
  spec: { containers: [{ name: 'c', image: 'x' }] },
});

test('objects are made, listed in pages and deleted through the real client', async () => {
  for (const name of ['a', 'b', 'c'])
    await core.createNamespacedPod({ namespace: 'default', body: pod(name) });
  const first = await core.listNamespacedPod({ namespace: 'default', limit: 2 });
  expect(first.items.map((item) => item.metadata?.name)).toEqual(['a', 'b']);
  expect(first.metadata?.remainingItemCount).toBe(1);
  const second = await core.listNamespacedPod({
    namespace: 'default',
    limit: 2,
    _continue: first.metadata!._continue!,
  });
  expect(second.items.map((item) => item.metadata?.name)).toEqual(['c']);
  await core.deleteNamespacedPod({ name: 'a', namespace: 'default', gracePeriodSeconds: 0 });
  await expect(core.readNamespacedPod({ name: 'a', namespace: 'default' })).rejects.toMatchObject({
    code: 404,
  });
});

test('a watch through the real client hears of what happens', async () => {
  const events: string[] = [];
  const watch = new k8s.Watch(config);
  const controller = await watch.watch(
    '/api/v1/namespaces/default/configmaps',
    {},
    (type, object: k8s.V1ConfigMap) => {
      events.push(`${type} ${object.metadata?.name}`);
    },
    () => undefined,
  );
  await core.createNamespacedConfigMap({
    namespace: 'default',
    body: { metadata: { name: 'm' }, data: { a: '1' } },
  });
  kube.objects.modify('configmaps', 'default', 'm', (object) => {
    object['data'] = { a: '2' };
  });
  kube.objects.remove('configmaps', 'default', 'm');
  await expect.poll(() => events).toEqual(['ADDED m', 'MODIFIED m', 'DELETED m']);
  controller.abort();
});
