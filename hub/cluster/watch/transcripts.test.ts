/** What a real API server said, said again: lists, pages, watches with bookmarks, versions that were too old. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { hasClusterCaptures, readApiAnswer } from '../../../test/kubernetes/captures.ts';
import type { KubeObject } from '../objects.ts';
import { readObject } from '../read-objects.ts';
import type { ClusterWatch } from './cluster-watch.ts';
import { type FakeApi, sendJson } from './testing/fake-api.ts';
import {
  isList,
  isWatch,
  NAMESPACES,
  NODES,
  PODS,
  Scene,
  SERVICES,
  SLICES,
  until,
} from './testing/support.ts';

const KINDS = [
  ['Pod', PODS, 'pods'],
  ['Service', SERVICES, 'services'],
  ['EndpointSlice', SLICES, 'endpointslices'],
  ['Node', NODES, 'nodes'],
] as const;

const scene = new Scene();
afterEach(() => scene.close());

function say(text: string, code = 200) {
  return (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(text);
  };
}

/** A watch's answer in the chunks in which it was recorded; it does not end. */
function replay(name: string) {
  const bytes = Buffer.from(readApiAnswer(name));
  const { chunks } = JSON.parse(readApiAnswer(`${name}.times.json`)) as {
    chunks: [ms: number, bytes: number][];
  };
  return async (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    let from = 0;
    for (const [, to] of chunks) {
      await new Promise((resolve) => response.write(bytes.subarray(from, to), resolve));
      from = to;
    }
    if (from !== bytes.length) throw new Error(`${name}: ${bytes.length - from} bytes are in no chunk`);
  };
}

/** Watches, and keeps what a listener hears. */
function start(api: FakeApi): { watch: ClusterWatch; known: Map<string, KubeObject> } {
  const watch = scene.watch(api);
  const known = new Map<string, KubeObject>();
  watch.onChange({
    set: (object) => known.set(keyOf(object), object),
    remove: (object) => {
      if (!known.delete(keyOf(object))) throw new Error(`${keyOf(object)} is removed and was not there`);
    },
    synced: () => {},
  });
  return { watch, known };
}

function keyOf(object: KubeObject): string {
  return `${object.kind} ${'namespace' in object ? object.namespace : ''}/${object.name}`;
}

/** What Remora keeps of the objects of lists. */
function expected(...lists: [kind: string, name: string][]): Map<string, KubeObject> {
  const objects = lists.flatMap(([kind, name]) =>
    (JSON.parse(readApiAnswer(name)) as { items: unknown[] }).items.flatMap(
      (item) => readObject(kind, item) ?? [],
    ),
  );
  return new Map(objects.map((object) => [keyOf(object), object]));
}

function sorted(known: Map<string, KubeObject>): KubeObject[] {
  return [...known.keys()].sort().map((key) => known.get(key)!);
}

test.runIf(hasClusterCaptures)(
  'three minutes of churn: list and watch give what was listed at the end',
  async () => {
    const api = await scene.api();
    let events = 0;
    for (const [, path, plural] of KINDS) {
      const watch = `churn-watch-${plural}.ndjson`;
      api.answer(isList(path), say(readApiAnswer(`churn-00-${plural}.json`)));
      api.answer(isWatch(path), replay(watch));
      events += readApiAnswer(watch).trimEnd().split('\n').length;
    }
    const { watch, known } = start(api);
    await until(() => watch.synced && watch.counters['clusterEvents'] === events);
    expect(watch.counters).toMatchObject({ clusterLists: 5, clusterFailures: 0, clusterExpired: 0 });
    const end = expected(
      ...KINDS.map(([kind, , plural]) => [kind, `churn-99-${plural}.json`] as [string, string]),
    );
    expect(sorted(known)).toEqual(sorted(end));
    // It goes on from the last bookmark or event, which is later than the list.
    api.cut();
    await until(() => api.watches === 5);
    const versions = api.asked.filter(isWatch(PODS)).map(({ query }) => query['resourceVersion']);
    expect(versions[0]).toBe('2335');
    expect(Number(versions.at(-1))).toBeGreaterThan(2335);
  },
);

test.runIf(hasClusterCaptures)('the churn was missed: listing anew ends in the same', async () => {
  const api = await scene.api();
  const list = (when: string) => {
    for (const [, path, plural] of KINDS)
      api.answer(isList(path), say(readApiAnswer(`churn-${when}-${plural}.json`)));
  };
  list('00');
  for (const [, path] of KINDS) {
    api.answer(isWatch(path), (_, response) => response.writeHead(200).flushHeaders());
  }
  const { watch, known } = start(api);
  await until(() => watch.synced && KINDS.every(([, path]) => api.asked.some(isWatch(path))));
  list('99');
  for (const [, path] of KINDS)
    api.answer(isWatch(path), say(readApiAnswer('410-watch-old-rv-bookmarks.ndjson')));
  api.cut();
  await until(() => watch.counters['clusterLists'] >= 9 && api.watches === 5);
  const end = expected(
    ...KINDS.map(([kind, , plural]) => [kind, `churn-99-${plural}.json`] as [string, string]),
  );
  expect(sorted(known)).toEqual(sorted(end));
});

test.runIf(hasClusterCaptures)('the pages of a real list', async () => {
  const api = await scene.api();
  for (const page of [1, 2, 3]) api.answer(isList(PODS), say(readApiAnswer(`page-pods-${page}.json`)));
  const { watch, known } = start(api);
  await until(() => watch.synced);
  const pages = expected(
    ['Pod', 'page-pods-1.json'],
    ['Pod', 'page-pods-2.json'],
    ['Pod', 'page-pods-3.json'],
  );
  expect(sorted(known)).toEqual(sorted(pages));
  const { metadata } = JSON.parse(readApiAnswer('page-pods-1.json')) as { metadata: { continue: string } };
  const asked = api.asked.filter(isList(PODS)).map(({ query }) => query['continue']);
  expect(asked.slice(0, 2)).toEqual([undefined, metadata.continue]);
});

test.runIf(hasClusterCaptures)(
  'a continue token that is too old: the list begins anew, in one piece',
  async () => {
    const api = await scene.api();
    api.answer(isList(PODS), say(readApiAnswer('gone-page1.json')));
    api.answer(isList(PODS), say(readApiAnswer('410-continue-expired.json'), 410));
    api.answer(isList(PODS), say(readApiAnswer('list-pods.json')));
    const { watch, known } = start(api);
    await until(() => watch.synced);
    expect(sorted(known)).toEqual(sorted(expected(['Pod', 'list-pods.json'])));
    expect(api.asked.filter(isList(PODS)).map(({ query }) => Object.keys(query))).toEqual([
      ...[['limit'], ['limit', 'continue'], []],
    ]);
  },
);

test.runIf(hasClusterCaptures)(
  'a user who may not: 403 for each kind, until the right is given',
  async () => {
    const api = await scene.api();
    api.answer(isList(NODES), say(readApiAnswer('403-list-nodes.json'), 403));
    api.answer(isList(NAMESPACES), say(readApiAnswer('403-list-namespaces.json'), 403));
    api.answer(isList(PODS), say(readApiAnswer('401-bad-token.json'), 401));
    api.answer(isList(SERVICES), say(readApiAnswer('list-future-rv-504.json'), 504));
    const codes = new Set<string | undefined>();
    const { watch } = start(api);
    await until(() => {
      for (const { problem } of watch.health().informers) codes.add(problem?.code);
      return watch.synced;
    });
    expect(codes).toContain('API_FORBIDDEN');
    expect(watch.health().informers.every(({ problem }) => problem === undefined)).toBe(true);
  },
);

test('an answer of another kind of server is no list', async () => {
  const api = await scene.api();
  api.answer(isList(PODS), say('<html>Please log in</html>'));
  api.answer(isList(SERVICES), (_, response) => sendJson(response, 200, { hello: 'world' }));
  const { watch, known } = start(api);
  await until(() => watch.synced);
  expect(watch.counters['clusterFailures']).toBe(2);
  expect(known.size).toBe(0);
});
