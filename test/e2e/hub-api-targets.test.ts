/** Which pods are tapped, over real sockets: asked for, changed, refused, and told to workers. */
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { EVERY_POD } from '../../flow/targets.ts';
import { type TargetsMessage, WIRE_VERSION } from '../../flow/wire.ts';
import { readObject } from '../../hub/cluster/read-objects.ts';
import { TargetPublisher } from '../../hub/cluster/target-publisher.ts';
import { pod } from '../kubernetes/cluster.ts';
import { BEARER, startHub, type TestHub, WORKER_TOKEN } from './hub-api-support.ts';

let hub: TestHub;
afterEach(() => hub.close());

/** A hub of a cluster with two pods. */
async function start(pods = ''): Promise<TargetPublisher> {
  const targets = new TargetPublisher({ ...EVERY_POD, pods }, 'remora');
  for (const object of [
    pod('web-1', '10.0.0.1', { owner: ['StatefulSet', 'web'] }),
    pod('db-0', '10.0.0.2'),
  ]) {
    targets.set(readObject('Pod', object)!);
  }
  targets.synced();
  hub = await startHub({ mode: 'cluster', targets });
  return targets;
}

function put(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${hub.port}/api/v1/targets`, {
    method: 'PUT',
    headers: { ...BEARER, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

test('what is tapped is told', async () => {
  await start('web*');
  const { status, json } = await hub.get('/api/v1/targets');
  expect(status).toBe(200);
  expect(json).toEqual({
    spec: { ...EVERY_POD, pods: 'web*' },
    pods: [{ namespace: 'shop', name: 'web-1', node: 'node-a', ips: ['10.0.0.1'], workload: 'web' }],
    count: 1,
    hints: [expect.stringContaining('glob')],
  });
});

test('other targets are told to workers at once; what is left out of a spec is empty', async () => {
  await start('web');
  const worker = hub.open('/worker', { authorization: `Bearer ${WORKER_TOKEN}` });
  await once(worker, 'open');
  const messages = messagesOf(worker);
  worker.send(
    JSON.stringify({
      ...{ type: 'hello', wire: WIRE_VERSION, version: '1', session: 'session-of-the-test', node: 'node-a' },
      ...{ mode: 'live', sources: ['any'], limits: {}, targets: true },
    }),
  );
  expect((await messages.next()).value).toMatchObject({ type: 'welcome' });
  expect((await messages.next()).value).toEqual({
    ...{ type: 'targets', reset: true, add: ['10.0.0.1'], remove: [] },
  });
  const answer = await put({ selector: '!app' });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ spec: { ...EVERY_POD, selector: '!app' }, count: 2 });
  expect((await messages.next()).value).toMatchObject({ reset: false, add: ['10.0.0.2'] });
  worker.terminate();
});

test('wrong targets are refused with their place, and change nothing', async () => {
  await start('web');
  const answer = await put({ pods: 'a[b' });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code: 'TARGET_INVALID', position: { start: 1, end: 3 } });
  expect((await hub.get('/api/v1/targets')).json.spec.pods).toBe('web');
});

test.each([['{'], [{ pod: 'a' }], [{ refs: 'svc/a' }], [[]], ['"web"']])('%j is no spec', async (body) => {
  await start();
  const answer = await put(body);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code: 'REQUEST_INVALID' });
});

test('a spec that is too long is refused', async () => {
  await start();
  expect((await put({ pods: 'a'.repeat(2 ** 20) })).status).toBe(413);
});

test.each([
  ['no token', { authorization: '' }, 401],
  ['the token of workers', { authorization: `Bearer ${WORKER_TOKEN}` }, 401],
  ['a page of another origin', { origin: 'http://evil.example' }, 403],
  ['a page of another port', { 'sec-fetch-site': 'same-site' }, 403],
])('%s: targets stay as they are', async (_, headers, status) => {
  await start('web');
  expect((await put({}, headers)).status).toBe(status);
  expect((await hub.get('/api/v1/targets')).json.spec.pods).toBe('web');
});

test('a form of another page is no way in', async () => {
  await start('web');
  expect((await put('{}', { 'content-type': 'text/plain' })).status).toBe(400);
});

test('a hub that taps no cluster has no targets', async () => {
  hub = await startHub();
  expect((await hub.get('/api/v1/targets')).json).toMatchObject({ code: 'NO_CLUSTER' });
  expect((await put({})).status).toBe(404);
});

/** Messages in their order, however they arrive. */
async function* messagesOf(socket: WebSocket): AsyncGenerator<TargetsMessage> {
  const queue: TargetsMessage[] = [];
  let wake = () => {};
  socket.on('message', (data) => {
    queue.push(JSON.parse(String(data)));
    wake();
  });
  for (;;) {
    const next = queue.shift();
    if (next !== undefined) yield next;
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
}
