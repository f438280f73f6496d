import { expect, test } from 'vitest';
import { node, pod, service, slice } from '../../../test/kubernetes/cluster.ts';
import { sendStatus } from './testing/fake-api.ts';
import {
  isList,
  isWatch,
  listen,
  NAMESPACES,
  NODES,
  PODS,
  podOf,
  SERVICES,
  SLICES,
  until,
  useScene,
} from './testing/support.ts';

const scene = useScene();

test('lists all kinds in pages and then hears of what comes, changes and goes', async () => {
  const api = await scene.api();
  for (let i = 1; i <= 5; i++) api.put(PODS, pod(`web-${i}`, `10.0.0.${i}`));
  api.put(SERVICES, service('web', '10.96.0.1'));
  api.put(SLICES, slice('web', ['10.0.0.1']));
  api.put(NODES, node('node-a', '192.168.0.1'));
  api.put(NAMESPACES, { metadata: { name: 'shop' } });
  const watch = scene.watch(api);
  const { heard } = listen(watch);
  await until(() => watch.synced && api.watches === 5);
  expect(podOf(watch, '10.0.0.5')).toBe('web-5');
  expect(watch.identity.service('10.96.0.1', 80)?.name).toBe('web');
  expect(watch.identity.servicesOf('10.0.0.1', 8080)).toHaveLength(1);
  expect(watch.identity.node('192.168.0.1')).toBe('node-a');
  expect(heard.filter((line) => line === 'synced')).toHaveLength(1);
  expect(heard).toHaveLength(10);
  expect(watch.counters).toMatchObject({ clusterObjects: 9, clusterLists: 5, clusterListPages: 7 });

  heard.length = 0;
  api.put(PODS, pod('late', '10.0.0.77'));
  await until(() => podOf(watch, '10.0.0.77') === 'late');
  api.put(PODS, pod('late', '10.0.0.78'));
  await until(() => podOf(watch, '10.0.0.78') === 'late');
  api.delete(SLICES, 'web-abcde');
  await until(() => watch.identity.servicesOf('10.0.0.1', 8080).length === 0);
  expect(heard).toEqual(['set Pod late', 'set Pod late', 'remove EndpointSlice web-abcde']);
});

test('an event that changes nothing that is kept is no change', async () => {
  const api = await scene.api();
  api.put(NODES, node('node-a', '192.168.0.1'));
  const watch = scene.watch(api);
  await until(() => watch.synced && api.watches === 5);
  const { heard } = listen(watch);
  const heartbeat = node('node-a', '192.168.0.1') as { status: Record<string, unknown> };
  heartbeat.status['conditions'] = [{ type: 'Ready', lastHeartbeatTime: '2026-01-01T00:00:00Z' }];
  api.put(NODES, heartbeat);
  api.put(NODES, node('node-b', '192.168.0.2'));
  await until(() => watch.identity.node('192.168.0.2') !== undefined);
  expect(heard).toEqual(['set Node node-a', 'synced', 'set Node node-b']);
});

test('a listener is told what is known already, and nothing after it has stopped', async () => {
  const api = await scene.api();
  api.put(PODS, pod('a', '10.0.0.1'));
  const watch = scene.watch(api);
  await until(() => watch.synced && api.watches === 5);
  const { heard, stop } = listen(watch);
  expect(heard).toEqual(['set Pod a', 'synced']);
  stop();
  api.put(PODS, pod('b', '10.0.0.2'));
  await until(() => podOf(watch, '10.0.0.2') === 'b');
  expect(heard).toHaveLength(2);
});

test('only the given namespaces are asked for, and nothing that needs rights in the cluster', async () => {
  const api = await scene.api();
  api.put('/api/v1/namespaces/shop/pods', pod('a', '10.0.0.1'));
  api.put('/api/v1/namespaces/bank/pods', pod('b', '10.0.0.2', { namespace: 'bank' }));
  const watch = scene.watch(api, { namespaces: ['shop', 'bank'] });
  await until(() => watch.synced && api.watches === 6);
  expect([podOf(watch, '10.0.0.1'), podOf(watch, '10.0.0.2')]).toEqual(['a', 'b']);
  expect(
    api.asked.map(({ path }) => path).filter((path) => !/\/namespaces\/(shop|bank)\/./.test(path)),
  ).toEqual([]);
});

test('bookmarks move the version on: after a cut it is watched from there', async () => {
  const api = await scene.api();
  const watch = scene.watch(api);
  await until(() => api.watches === 5);
  api.say(PODS, '{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"4711"}}}');
  await until(() => watch.counters['clusterEvents'] === 1);
  api.asked.length = 0;
  api.cut();
  await until(() => api.asked.some(isWatch(PODS)));
  const { query } = api.asked.find(isWatch(PODS))!;
  expect(query).toMatchObject({ resourceVersion: '4711', allowWatchBookmarks: 'true' });
  expect(Number(query['timeoutSeconds'])).toBeGreaterThanOrEqual(300);
});

test('a slice of endpoints that loses its service is no longer its endpoint', async () => {
  const api = await scene.api();
  api.put(SLICES, slice('web', ['10.0.0.1']));
  const watch = scene.watch(api);
  await until(() => api.watches === 5);
  api.put(SLICES, { ...slice('web', ['10.0.0.1']), metadata: { name: 'web-abcde', namespace: 'shop' } });
  await until(() => watch.identity.servicesOf('10.0.0.1', 8080).length === 0);
});

test('objects that are too large, and those of no use, are passed over', async () => {
  const api = await scene.api();
  const huge = pod('huge', '10.0.0.1', { labels: { x: 'y'.repeat(5000) } });
  api.put(PODS, huge);
  api.put(PODS, pod('a', '10.0.0.2'));
  const watch = scene.watch(api, { limits: { clusterObjectBytes: 2000 } });
  await until(() => watch.synced && api.watches === 5);
  api.put(PODS, huge);
  api.put(PODS, { metadata: {} });
  api.put(PODS, pod('b', '10.0.0.3'));
  await until(() => podOf(watch, '10.0.0.3') === 'b');
  expect(podOf(watch, '10.0.0.1')).toBeUndefined();
  expect(watch.counters['clusterObjectsSkipped']).toBe(2);
});

test('closing ends all connections, whatever is going on', async () => {
  const api = await scene.api();
  for (let i = 0; i < 100; i++) api.put(PODS, pod(`p${i}`, `10.0.1.${i}`));
  api.answer(isList(NODES), () => {});
  api.answer(isList(NAMESPACES), (_, response) =>
    sendStatus(response, 429, 'later', { 'retry-after': '30' }),
  );
  const watch = scene.watch(api);
  await until(() => api.watches >= 2);
  await watch.close();
  await until(() => api.connections === 0);
  const asked = api.asked.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(api.asked).toHaveLength(asked);
});
