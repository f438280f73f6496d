/** An API server that is away, busy, or refuses: it is told, asked again as it wishes, and used when it agrees. */
import { expect, test } from 'vitest';
import { pod } from '../../../test/kubernetes/cluster.ts';
import { FakeApi, kubeConfig, sendJson, sendStatus } from './testing/fake-api.ts';
import { isList, NODES, PODS, podOf, problems, SERVICES, until, useScene } from './testing/support.ts';

const scene = useScene();

test('429 is obeyed: nothing is asked before Retry-After', async () => {
  const api = await scene.api();
  const times: number[] = [];
  const busy = (code: number, headers: Record<string, string>, details: object) => {
    api.answer(isList(SERVICES), (_, response) => {
      times.push(performance.now());
      sendJson(response, code, { kind: 'Status', code, message: 'too many requests', details }, headers);
    });
  };
  busy(429, { 'retry-after': '1' }, {});
  busy(503, {}, { retryAfterSeconds: 1 });
  const watch = scene.watch(api, { limits: { clusterRetryAfterMs: 300 } });
  await until(() => watch.synced);
  times.push(performance.now());
  expect(times[1] - times[0]).toBeGreaterThanOrEqual(295);
  expect(times[2] - times[1]).toBeGreaterThanOrEqual(295);
  expect(watch.counters['clusterThrottled']).toBe(2);
});

test('403: the missing right is named, the other kinds go on, and a right that is granted later is used', async () => {
  const api = await scene.api();
  api.put(PODS, pod('a', '10.0.0.1'));
  let granted = false;
  const message =
    'nodes is forbidden: User "system:serviceaccount:remora:remora-hub" cannot list resource "nodes"';
  api.answer(
    (asked) => asked.path === NODES && !granted,
    (_, response) => sendStatus(response, 403, message),
    Infinity,
  );
  const watch = scene.watch(api);
  await until(() => api.watches === 4 && problems(watch).length === 1);
  expect(watch.synced).toBe(false);
  expect(podOf(watch, '10.0.0.1')).toBe('a');
  const { problem, synced } = watch.health().informers.find(({ kind }) => kind === 'Node')!;
  expect(synced).toBe(false);
  expect(problem?.code).toBe('API_FORBIDDEN');
  expect(problem?.message).toContain(message);
  expect(problem?.remedy).toMatch(/get, list and watch on nodes by a ClusterRole/);
  granted = true;
  await until(() => watch.synced && problems(watch).length === 0);
});

test('403 in one namespace of several names the namespace and the API group', async () => {
  const api = await scene.api();
  api.answer(
    ({ path }) => path.includes('/bank/endpointslices'),
    (_, r) => sendStatus(r, 403, 'no'),
    Infinity,
  );
  const watch = scene.watch(api, { namespaces: ['shop', 'bank'] });
  await until(() => problems(watch).length === 1 && api.watches === 5);
  const informer = watch.health().informers.find(({ problem }) => problem !== undefined)!;
  expect(informer).toMatchObject({ kind: 'EndpointSlice', namespace: 'bank', synced: false });
  expect(informer.problem?.remedy).toContain('endpointslices (API group discovery.k8s.io) by a Role');
});

test('401: credentials are fetched anew', async () => {
  const api = await scene.api();
  let token = 'old';
  let loads = 0;
  api.answer(
    ({ authorization }) => authorization !== 'Bearer new',
    (_, r) => sendStatus(r, 401, 'Unauthorized'),
    50,
  );
  const watch = scene.watch(
    async () => {
      loads++;
      return kubeConfig(api.url, { token });
    },
    { namespaces: ['shop'] },
  );
  await until(() => problems(watch).length > 0);
  expect(problems(watch)[0]).toMatch(/API_UNAUTHORIZED/);
  token = 'new';
  await until(() => watch.synced && problems(watch).length === 0);
  expect(loads).toBeGreaterThan(1);
  // All informers use the same credentials: no more than one fetch for each round of refusals.
  expect(loads).toBeLessThan(20);
});

test('an API server that is not there yet: the problem says so, and when it comes the names do too', async () => {
  const { port, url } = await scene.api();
  await scene.close();
  const watch = scene.watch(async () => kubeConfig(url), { namespaces: [] });
  await until(() => problems(watch).length === 5);
  expect(problems(watch)[0]).toBe('Pod API_UNREACHABLE');
  const api = scene.add(await new FakeApi().listen(port));
  api.put(PODS, pod('a', '10.0.0.1'));
  await until(() => podOf(watch, '10.0.0.1') === 'a' && watch.synced);
  expect(problems(watch)).toEqual([]);
});

test('credentials that cannot be had are a problem, not an end', async () => {
  const api = await scene.api();
  let works = false;
  const watch = scene.watch(
    async () => {
      if (!works) throw new Error('spawn aws ENOENT');
      return kubeConfig(api.url);
    },
    { namespaces: ['shop'] },
  );
  await until(() => problems(watch).length === 3);
  expect(watch.health().informers[0].problem).toMatchObject({
    code: 'CREDENTIALS_FAILED',
    message: expect.stringContaining('spawn aws ENOENT'),
  });
  works = true;
  await until(() => watch.synced);
});
