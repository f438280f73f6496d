import pino from 'pino';
import { afterEach, expect, test } from 'vitest';
import { node, pod, service, slice } from '../../../test/kubernetes/cluster.ts';
import type { KubeObject } from '../objects.ts';
import { ClusterWatch } from './cluster-watch.ts';
import { WATCH_LIMITS } from './limits.ts';
import { type Asked, FakeApi, kubeConfig, sendJson, sendStatus } from './testing/fake-api.ts';

const PODS = '/api/v1/pods';
const SERVICES = '/api/v1/services';
const SLICES = '/apis/discovery.k8s.io/v1/endpointslices';
const NODES = '/api/v1/nodes';
const NAMESPACES = '/api/v1/namespaces';
const LATER = 4_000_000_000_000_000;

const LIMITS = {
  ...WATCH_LIMITS,
  clusterPageObjects: 2,
  clusterBackOffFirstMs: 5,
  clusterBackOffLongestMs: 40,
};

const open: { close(): Promise<void> }[] = [];
const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

afterEach(async () => {
  while (open.length > 0) await open.pop()!.close();
  expect(rejections).toEqual([]);
});

async function fakeApi(): Promise<FakeApi> {
  const api = await new FakeApi().listen();
  open.push(api);
  return api;
}

function watchOf(api: FakeApi, { namespaces = [] as string[], limits = {} } = {}): ClusterWatch {
  const watch = new ClusterWatch({
    load: async () => kubeConfig(api.url),
    ...{ namespaces, limits: { ...LIMITS, ...limits }, log: pino({ level: 'silent' }) },
  });
  open.push(watch);
  watch.start();
  return watch;
}

async function until(what: () => boolean, ms = 5000): Promise<void> {
  const end = performance.now() + ms;
  while (!what()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function podOf(watch: ClusterWatch, ip: string): string | undefined {
  return watch.identity.pod(ip, LATER)?.name;
}

function isWatch(path: string): (asked: Asked) => boolean {
  return (asked) => asked.path === path && asked.query['watch'] === 'true';
}

function isList(path: string): (asked: Asked) => boolean {
  return (asked) => asked.path === path && asked.query['watch'] === undefined;
}

function problems(watch: ClusterWatch): string[] {
  return watch
    .health()
    .informers.flatMap(({ kind, problem }) => (problem ? [`${kind} ${problem.code}`] : []));
}

/** What a listener hears, in words. */
function listen(watch: ClusterWatch): { heard: string[]; stop: () => void } {
  const heard: string[] = [];
  const name = (object: KubeObject) => `${object.kind} ${object.name}`;
  const stop = watch.onChange({
    set: (object) => heard.push(`set ${name(object)}`),
    remove: (object) => heard.push(`remove ${name(object)}`),
    synced: () => heard.push('synced'),
  });
  return { heard, stop };
}

test('lists all kinds in pages and then hears of what comes, changes and goes', async () => {
  const api = await fakeApi();
  for (let i = 1; i <= 5; i++) api.put(PODS, pod(`web-${i}`, `10.0.0.${i}`));
  api.put(SERVICES, service('web', '10.96.0.1'));
  api.put(SLICES, slice('web', ['10.0.0.1']));
  api.put(NODES, node('node-a', '192.168.0.1'));
  api.put(NAMESPACES, { metadata: { name: 'shop' } });
  const watch = watchOf(api);
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
  await until(() => podOf(watch, '10.0.0.77') === 'late', 2000);
  api.put(PODS, pod('late', '10.0.0.78'));
  await until(() => podOf(watch, '10.0.0.78') === 'late');
  api.delete(SLICES, 'web-abcde');
  await until(() => watch.identity.servicesOf('10.0.0.1', 8080).length === 0);
  expect(heard).toEqual(['set Pod late', 'set Pod late', 'remove EndpointSlice web-abcde']);
});

test('an event that changes nothing that is kept is no change', async () => {
  const api = await fakeApi();
  api.put(NODES, node('node-a', '192.168.0.1'));
  const watch = watchOf(api);
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
  const api = await fakeApi();
  api.put(PODS, pod('a', '10.0.0.1'));
  const watch = watchOf(api);
  await until(() => watch.synced && api.watches === 5);
  const { heard, stop } = listen(watch);
  expect(heard).toEqual(['set Pod a', 'synced']);
  stop();
  api.put(PODS, pod('b', '10.0.0.2'));
  await until(() => podOf(watch, '10.0.0.2') === 'b');
  expect(heard).toHaveLength(2);
});

test('only the given namespaces are asked for, and nothing that needs rights in the cluster', async () => {
  const api = await fakeApi();
  api.put('/api/v1/namespaces/shop/pods', pod('a', '10.0.0.1'));
  api.put('/api/v1/namespaces/bank/pods', pod('b', '10.0.0.2', { namespace: 'bank' }));
  const watch = watchOf(api, { namespaces: ['shop', 'bank'] });
  await until(() => watch.synced && api.watches === 6);
  expect([podOf(watch, '10.0.0.1'), podOf(watch, '10.0.0.2')]).toEqual(['a', 'b']);
  expect(
    api.asked.map(({ path }) => path).filter((path) => !/\/namespaces\/(shop|bank)\/./.test(path)),
  ).toEqual([]);
});

test('after connections were cut it goes on from where it was, and hears what happened in between', async () => {
  const api = await fakeApi();
  api.put(PODS, pod('a', '10.0.0.1'));
  const watch = watchOf(api);
  await until(() => api.watches === 5);
  const lists = watch.counters['clusterLists'];
  api.answer(
    () => true,
    (_, response) => response.destroy(),
    7,
  );
  api.cut();
  api.delete(PODS, 'a');
  api.put(PODS, pod('b', '10.0.0.2'));
  await until(() => podOf(watch, '10.0.0.2') === 'b' && api.watches === 5);
  expect(watch.counters['clusterLists']).toBe(lists);
  expect(watch.health().informers[0]).toMatchObject({
    kind: 'Pod',
    objects: 1,
    restarts: expect.any(Number),
  });
  expect(watch.health().informers[0].restarts).toBeGreaterThan(0);
  expect(problems(watch)).toEqual([]);
});

test('a version that is too old (410 in a watch): what vanished meanwhile is removed, what is new is there', async () => {
  const api = await fakeApi();
  for (const n of [1, 2, 3]) api.put(PODS, pod(`p${n}`, `10.0.0.${n}`));
  const watch = watchOf(api);
  await until(() => api.watches === 5);
  const { heard } = listen(watch);
  heard.length = 0;
  // Nobody hears of these.
  api.answer(isWatch(PODS), (_, response) => response.destroy());
  api.cut();
  api.delete(PODS, 'p2');
  api.put(PODS, pod('p4', '10.0.0.2'));
  api.compact();
  await until(() => podOf(watch, '10.0.0.2') === 'p4');
  await until(() => heard.includes('remove Pod p2'));
  expect(heard).toEqual(['set Pod p4', 'remove Pod p2']);
  expect(watch.counters['clusterExpired']).toBeGreaterThan(0);
  api.put(PODS, pod('p5', '10.0.0.5'));
  await until(() => podOf(watch, '10.0.0.5') === 'p5');
});

test('410 as the answer to a watch, and 410 while a list goes on', async () => {
  const api = await fakeApi();
  for (const n of [1, 2, 3, 4, 5]) api.put(PODS, pod(`p${n}`, `10.0.0.${n}`));
  const isSecondPage = (asked: Asked) => isList(PODS)(asked) && asked.query['continue'] !== undefined;
  api.answer(isSecondPage, (_, response) => {
    api.delete(PODS, 'p1');
    api.compact();
    sendStatus(response, 410, 'The provided continue parameter is too old');
  });
  api.answer(isWatch(PODS), (_, response) => sendStatus(response, 410, 'too old resource version'));
  const watch = watchOf(api);
  await until(() => watch.synced && api.watches === 5);
  expect([1, 2, 3, 4, 5].map((n) => podOf(watch, `10.0.0.${n}`) ?? '')).toEqual([
    // A pod that is gone keeps its address for a while, but only until the time that is asked for.
    ...['', 'p2', 'p3', 'p4', 'p5'],
  ]);
  // The second attempt asks for all at once: its tokens cannot grow old.
  const lists = api.asked.filter(isList(PODS)).map(({ query }) => query);
  expect(lists.slice(0, 3)).toEqual([{ limit: '2' }, { limit: '2', continue: expect.any(String) }, {}]);
  expect(lists[3]).toEqual({ limit: '2' });
  expect(watch.counters['clusterExpired']).toBeGreaterThanOrEqual(2);
});

test('a page that was cut off is asked for again; the pages before it are not', async () => {
  const api = await fakeApi();
  for (const n of [1, 2, 3, 4, 5]) api.put(PODS, pod(`p${n}`, `10.0.0.${n}`));
  const isLater = (asked: Asked) => isList(PODS)(asked) && asked.query['continue'] !== undefined;
  api.answer(isLater, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(
      '{"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"p3"',
      () => response.destroy(),
    );
  });
  const watch = watchOf(api);
  await until(() => watch.synced);
  const tokens = api.asked.filter(isList(PODS)).map(({ query }) => query['continue']);
  expect(tokens).toHaveLength(4);
  expect(tokens[1]).toBe(tokens[2]);
  expect(watch.counters['clusterLists']).toBe(5);
});

test('a list that begins anew does not keep what only its first attempt saw', async () => {
  const api = await fakeApi();
  for (const n of [1, 2]) api.put(PODS, pod(`p${n}`, `10.0.0.${n}`));
  api.answer(isList(PODS), (_, response) => {
    response.writeHead(200);
    const first = JSON.stringify(pod('p1', '10.0.0.1'));
    response.write(`{"metadata":{"resourceVersion":"1"},"items":[${first},`, () => {
      api.delete(PODS, 'p1');
      response.destroy();
    });
  });
  const watch = watchOf(api);
  const { heard } = listen(watch);
  await until(() => watch.synced);
  expect(heard).toContain('remove Pod p1');
});

test('429 is obeyed: nothing is asked before Retry-After', async () => {
  const api = await fakeApi();
  const times: number[] = [];
  const busy = (code: number, headers: Record<string, string>, details: object) => {
    api.answer(isList(SERVICES), (_, response) => {
      times.push(performance.now());
      sendJson(response, code, { kind: 'Status', code, message: 'too many requests', details }, headers);
    });
  };
  busy(429, { 'retry-after': '1' }, {});
  busy(503, {}, { retryAfterSeconds: 1 });
  const watch = watchOf(api, { limits: { clusterRetryAfterMs: 300 } });
  await until(() => watch.synced);
  times.push(performance.now());
  expect(times[1] - times[0]).toBeGreaterThanOrEqual(295);
  expect(times[2] - times[1]).toBeGreaterThanOrEqual(295);
  expect(watch.counters['clusterThrottled']).toBe(2);
});

test('403: the missing right is named, the other kinds go on, and a right that is granted later is used', async () => {
  const api = await fakeApi();
  api.put(PODS, pod('a', '10.0.0.1'));
  let granted = false;
  const message =
    'nodes is forbidden: User "system:serviceaccount:remora:remora-hub" cannot list resource "nodes"';
  api.answer(
    (asked) => asked.path === NODES && !granted,
    (_, response) => sendStatus(response, 403, message),
    Infinity,
  );
  const watch = watchOf(api);
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
  const api = await fakeApi();
  api.answer(
    ({ path }) => path.includes('/bank/endpointslices'),
    (_, r) => sendStatus(r, 403, 'no'),
    Infinity,
  );
  const watch = watchOf(api, { namespaces: ['shop', 'bank'] });
  await until(() => problems(watch).length === 1 && api.watches === 5);
  const informer = watch.health().informers.find(({ problem }) => problem !== undefined)!;
  expect(informer).toMatchObject({ kind: 'EndpointSlice', namespace: 'bank', synced: false });
  expect(informer.problem?.remedy).toContain('endpointslices (API group discovery.k8s.io) by a Role');
});

test('401: credentials are fetched anew', async () => {
  const api = await fakeApi();
  let token = 'old';
  let loads = 0;
  api.answer(
    ({ authorization }) => authorization !== 'Bearer new',
    (_, r) => sendStatus(r, 401, 'Unauthorized'),
    50,
  );
  const watch = new ClusterWatch({
    load: async () => {
      loads++;
      return kubeConfig(api.url, { token });
    },
    ...{ namespaces: ['shop'], limits: LIMITS, log: pino({ level: 'silent' }) },
  });
  open.push(watch);
  watch.start();
  await until(() => problems(watch).length > 0);
  expect(problems(watch)[0]).toMatch(/API_UNAUTHORIZED/);
  token = 'new';
  await until(() => watch.synced && problems(watch).length === 0);
  expect(loads).toBeGreaterThan(1);
  // All informers use the same credentials: no more than one fetch for each round of refusals.
  expect(loads).toBeLessThan(20);
});

test('a watch that is silent is given up, and the objects are listed anew', async () => {
  const api = await fakeApi();
  api.put(PODS, pod('a', '10.0.0.1'));
  // It says nothing of what happens, as a server does that was restored from a backup, or one whose connection is half open.
  api.answer(isWatch(PODS), (_, response) => {
    response.writeHead(200);
    response.flushHeaders();
    api.put(PODS, pod('b', '10.0.0.2'));
  });
  const watch = watchOf(api, { limits: { clusterWatchSilenceMs: 150 } });
  await until(() => podOf(watch, '10.0.0.2') === 'b');
  expect(watch.counters['clusterFailures']).toBeGreaterThan(0);
});

test('an answer that does not begin, and a list that stands still, are given up', async () => {
  const api = await fakeApi();
  api.put(PODS, pod('a', '10.0.0.1'));
  api.answer(isList(PODS), () => {});
  api.answer(isList(PODS), (_, response) => {
    response.writeHead(200);
    response.write('{"kind":"PodList",');
  });
  const watch = watchOf(api, { limits: { clusterAnswerMs: 100, clusterListSilenceMs: 100 } });
  await until(() => problems(watch).includes('Pod API_SILENT'));
  await until(() => watch.synced && podOf(watch, '10.0.0.1') === 'a');
});

test('bookmarks move the version on: after a cut it is watched from there', async () => {
  const api = await fakeApi();
  const watch = watchOf(api);
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

test.each([
  ['no JSON', 'garbage'],
  ['no event', '[1]'],
  ['null', 'null'],
  ['an internal error', '{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcd"}}'],
  ['an error without a word', '{"type":"ERROR"}'],
])('a line of a watch that is %s leads to a new list', async (_, line) => {
  const api = await fakeApi();
  api.put(PODS, pod('a', '10.0.0.1'));
  const watch = watchOf(api);
  await until(() => api.watches === 5);
  api.say(PODS, line);
  await until(() => watch.counters['clusterLists'] === 6 && api.watches === 5);
  api.put(PODS, pod('b', '10.0.0.2'));
  await until(() => podOf(watch, '10.0.0.2') === 'b');
});

test('objects that are too large, and those of no use, are passed over', async () => {
  const api = await fakeApi();
  const huge = pod('huge', '10.0.0.1', { labels: { x: 'y'.repeat(5000) } });
  api.put(PODS, huge);
  api.put(PODS, pod('a', '10.0.0.2'));
  const watch = watchOf(api, { limits: { clusterObjectBytes: 2000 } });
  await until(() => watch.synced && api.watches === 5);
  api.put(PODS, huge);
  api.put(PODS, { metadata: {} });
  api.put(PODS, pod('b', '10.0.0.3'));
  await until(() => podOf(watch, '10.0.0.3') === 'b');
  expect(podOf(watch, '10.0.0.1')).toBeUndefined();
  expect(watch.counters['clusterObjectsSkipped']).toBe(2);
});

test('a slice of endpoints that loses its service is no longer its endpoint', async () => {
  const api = await fakeApi();
  api.put(SLICES, slice('web', ['10.0.0.1']));
  const watch = watchOf(api);
  await until(() => api.watches === 5);
  api.put(SLICES, { ...slice('web', ['10.0.0.1']), metadata: { name: 'web-abcde', namespace: 'shop' } });
  await until(() => watch.identity.servicesOf('10.0.0.1', 8080).length === 0);
});

test('an API server that is not there yet: the problem says so, and when it comes the names do too', async () => {
  const { port, url } = await fakeApi();
  await open.pop()!.close();
  const watch = new ClusterWatch({
    load: async () => kubeConfig(url),
    ...{ namespaces: [], limits: LIMITS, log: pino({ level: 'silent' }) },
  });
  open.push(watch);
  watch.start();
  await until(() => problems(watch).length === 5);
  expect(problems(watch)[0]).toBe('Pod API_UNREACHABLE');
  const api = await new FakeApi().listen(port);
  open.unshift(api);
  api.put(PODS, pod('a', '10.0.0.1'));
  await until(() => podOf(watch, '10.0.0.1') === 'a' && watch.synced);
  expect(problems(watch)).toEqual([]);
});

test('credentials that cannot be had are a problem, not an end', async () => {
  const api = await fakeApi();
  let works = false;
  const watch = new ClusterWatch({
    load: async () => {
      if (!works) throw new Error('spawn aws ENOENT');
      return kubeConfig(api.url);
    },
    ...{ namespaces: ['shop'], limits: LIMITS, log: pino({ level: 'silent' }) },
  });
  open.push(watch);
  watch.start();
  await until(() => problems(watch).length === 3);
  expect(watch.health().informers[0].problem).toMatchObject({
    code: 'CREDENTIALS_FAILED',
    message: expect.stringContaining('spawn aws ENOENT'),
  });
  works = true;
  await until(() => watch.synced);
});

test("a listener's fault does not end the watch", async () => {
  const api = await fakeApi();
  const watch = watchOf(api);
  await until(() => api.watches === 5);
  let faults = 2;
  watch.onChange({
    set: () => {
      if (faults-- > 0) throw new TypeError('of undefined');
    },
    remove: () => {},
    synced: () => {},
  });
  api.put(PODS, pod('a', '10.0.0.1'));
  await until(() => problems(watch).includes('Pod WATCH_FAULT'));
  api.put(PODS, pod('b', '10.0.0.2'));
  await until(() => podOf(watch, '10.0.0.2') === 'b' && problems(watch).length === 0);
});

test('closing ends all connections, whatever is going on', async () => {
  const api = await fakeApi();
  for (let i = 0; i < 100; i++) api.put(PODS, pod(`p${i}`, `10.0.1.${i}`));
  api.answer(isList(NODES), () => {});
  api.answer(isList(NAMESPACES), (_, response) =>
    sendStatus(response, 429, 'later', { 'retry-after': '30' }),
  );
  const watch = watchOf(api);
  await until(() => api.watches >= 2);
  await watch.close();
  await until(() => api.connections === 0);
  const asked = api.asked.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(api.asked).toHaveLength(asked);
});
