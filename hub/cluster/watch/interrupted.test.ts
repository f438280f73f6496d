/** Connections that are cut or silent, versions that are too old, answers that make no sense: nothing is missed for long. */
import { expect, test } from 'vitest';
import { pod } from '../../../test/kubernetes/cluster.ts';
import { type Asked, sendStatus } from './testing/fake-api.ts';
import { isList, isWatch, listen, PODS, podOf, problems, until, useScene } from './testing/support.ts';

const scene = useScene();

test('after connections were cut it goes on from where it was, and hears what happened in between', async () => {
  const api = await scene.api();
  api.put(PODS, pod('a', '10.0.0.1'));
  const watch = scene.watch(api);
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
  // The server knows of a watch before the one who asked for it does: only then the problem is over.
  await until(() => podOf(watch, '10.0.0.2') === 'b' && problems(watch).length === 0);
  expect(watch.counters['clusterLists']).toBe(lists);
  expect(watch.health().informers[0]).toMatchObject({
    kind: 'Pod',
    objects: 1,
    restarts: expect.any(Number),
  });
  expect(watch.health().informers[0].restarts).toBeGreaterThan(0);
});

test('a version that is too old (410 in a watch): what vanished meanwhile is removed, what is new is there', async () => {
  const api = await scene.api();
  for (const n of [1, 2, 3]) api.put(PODS, pod(`p${n}`, `10.0.0.${n}`));
  const watch = scene.watch(api);
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
  const api = await scene.api();
  for (const n of [1, 2, 3, 4, 5]) api.put(PODS, pod(`p${n}`, `10.0.0.${n}`));
  const isSecondPage = (asked: Asked) => isList(PODS)(asked) && asked.query['continue'] !== undefined;
  api.answer(isSecondPage, (_, response) => {
    api.delete(PODS, 'p1');
    api.compact();
    sendStatus(response, 410, 'The provided continue parameter is too old');
  });
  api.answer(isWatch(PODS), (_, response) => sendStatus(response, 410, 'too old resource version'));
  const watch = scene.watch(api);
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
  const api = await scene.api();
  for (const n of [1, 2, 3, 4, 5]) api.put(PODS, pod(`p${n}`, `10.0.0.${n}`));
  const isLater = (asked: Asked) => isList(PODS)(asked) && asked.query['continue'] !== undefined;
  api.answer(isLater, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(
      '{"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"p3"',
      () => response.destroy(),
    );
  });
  const watch = scene.watch(api);
  await until(() => watch.synced);
  const tokens = api.asked.filter(isList(PODS)).map(({ query }) => query['continue']);
  expect(tokens).toHaveLength(4);
  expect(tokens[1]).toBe(tokens[2]);
  expect(watch.counters['clusterLists']).toBe(5);
});

test('a list that begins anew does not keep what only its first attempt saw', async () => {
  const api = await scene.api();
  for (const n of [1, 2]) api.put(PODS, pod(`p${n}`, `10.0.0.${n}`));
  api.answer(isList(PODS), (_, response) => {
    response.writeHead(200);
    const first = JSON.stringify(pod('p1', '10.0.0.1'));
    response.write(`{"metadata":{"resourceVersion":"1"},"items":[${first},`, () => {
      api.delete(PODS, 'p1');
      response.destroy();
    });
  });
  const watch = scene.watch(api);
  const { heard } = listen(watch);
  await until(() => watch.synced);
  expect(heard).toContain('remove Pod p1');
});

test('a watch that is silent is given up, and the objects are listed anew', async () => {
  const api = await scene.api();
  api.put(PODS, pod('a', '10.0.0.1'));
  // It says nothing of what happens, as a server does that was restored from a backup, or one whose connection is half open.
  api.answer(isWatch(PODS), (_, response) => {
    response.writeHead(200);
    response.flushHeaders();
    api.put(PODS, pod('b', '10.0.0.2'));
  });
  const watch = scene.watch(api, { limits: { clusterWatchSilenceMs: 150 } });
  await until(() => podOf(watch, '10.0.0.2') === 'b');
  expect(watch.counters['clusterFailures']).toBeGreaterThan(0);
});

test('an answer that does not begin, and a list that stands still, are given up', async () => {
  const api = await scene.api();
  api.put(PODS, pod('a', '10.0.0.1'));
  api.answer(isList(PODS), () => {});
  api.answer(isList(PODS), (_, response) => {
    response.writeHead(200);
    response.write('{"kind":"PodList",');
  });
  const watch = scene.watch(api, { limits: { clusterAnswerMs: 100, clusterListSilenceMs: 100 } });
  await until(() => problems(watch).includes('Pod API_SILENT'));
  await until(() => watch.synced && podOf(watch, '10.0.0.1') === 'a');
});

test.each([
  ['no JSON', 'garbage'],
  ['no event', '[1]'],
  ['null', 'null'],
  ['an internal error', '{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcd"}}'],
  ['an error without a word', '{"type":"ERROR"}'],
])('a line of a watch that is %s leads to a new list', async (_, line) => {
  const api = await scene.api();
  api.put(PODS, pod('a', '10.0.0.1'));
  const watch = scene.watch(api);
  await until(() => api.watches === 5);
  api.say(PODS, line);
  await until(() => watch.counters['clusterLists'] === 6 && api.watches === 5);
  api.put(PODS, pod('b', '10.0.0.2'));
  await until(() => podOf(watch, '10.0.0.2') === 'b');
});

test("a listener's fault does not end the watch", async () => {
  const api = await scene.api();
  const watch = scene.watch(api);
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
