/** The rules of the API that clients lean on, by hand: what replay.test.ts holds against recordings, in small. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KubeServer } from './server.ts';
import type { KubeObject } from './types.ts';

let kube: KubeServer;

beforeEach(async () => {
  kube = await KubeServer.start({ tls: false, controllers: false });
});

afterEach(() => kube.stop());

interface Asked {
  method?: string;
  type?: string;
  body?: unknown;
  user?: string | null;
  headers?: Record<string, string>;
}

async function ask(
  path: string,
  { method = 'GET', type = 'application/json', body, user = 'admin', headers }: Asked = {},
) {
  const answer = await fetch(`${kube.url}${path}`, {
    method,
    headers: {
      ...(user === null ? {} : { authorization: `Bearer ${kube.token(user)}` }),
      ...(body === undefined ? {} : { 'content-type': type }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    json: /^\{"/.test(text) ? JSON.parse(text.split('\n')[0]!) : undefined,
  };
}

const apply = (path: string, manager: string, body: unknown, more = '') =>
  ask(`${path}?fieldManager=${manager}${more}`, {
    method: 'PATCH',
    type: 'application/apply-patch+yaml',
    body,
  });

function configMap(name: string, labels: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', labels } };
}

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const names = (json: { items: KubeObject[] }) => json.items.map(({ metadata }) => metadata.name);

describe('reading', () => {
  test('pages show one version, whatever happens between them', async () => {
    for (const name of ['a', 'b', 'c']) kube.objects.create(configMap(name));
    const first = await ask(`${CONFIGMAPS}?limit=2`);
    expect(names(first.json)).toEqual(['a', 'b']);
    kube.objects.remove('configmaps', 'default', 'c');
    kube.objects.create(configMap('bb'));
    const second = await ask(`${CONFIGMAPS}?limit=2&continue=${first.json.metadata.continue}`);
    expect(names(second.json)).toEqual(['c']);
    expect(second.json.metadata.resourceVersion).toBe(first.json.metadata.resourceVersion);
  });

  test('a continue token from before a compaction is 410, and brings another for the rest as it is now', async () => {
    for (const name of ['a', 'b', 'c']) kube.objects.create(configMap(name));
    const first = await ask(`${CONFIGMAPS}?limit=1`);
    kube.objects.create(configMap('d'));
    kube.objects.compact();
    const gone = await ask(`${CONFIGMAPS}?limit=1&continue=${first.json.metadata.continue}`);
    expect(gone).toMatchObject({ status: 410, json: { reason: 'Expired', code: 410 } });
    const rest = await ask(`${CONFIGMAPS}?continue=${gone.json.metadata.continue}`);
    expect(names(rest.json)).toEqual(['b', 'c', 'd']);
  });

  test.each([
    ['app=web', ['a']],
    ['app==web', ['a']],
    ['app!=web', ['b', 'c']],
    ['app in (web, db)', ['a', 'b']],
    ['app notin (web)', ['b', 'c']],
    ['app', ['a', 'b']],
    ['!app', ['c']],
    ['app,tier=x', ['b']],
  ])('label selector %s', async (selector, expected) => {
    kube.objects.create(configMap('a', { app: 'web' }));
    kube.objects.create(configMap('b', { app: 'db', tier: 'x' }));
    kube.objects.create(configMap('c'));
    const { json } = await ask(`${CONFIGMAPS}?labelSelector=${encodeURIComponent(selector)}`);
    expect(names(json)).toEqual(expected);
  });

  test.each(['a===b', 'a in b', '(', 'a=b c'])('label selector %s is refused', async (selector) => {
    expect((await ask(`${CONFIGMAPS}?labelSelector=${encodeURIComponent(selector)}`)).status).toBe(400);
  });

  test('field selectors know the fields of their kind', async () => {
    kube.objects.create(configMap('a'));
    kube.objects.create(configMap('b'));
    expect(names((await ask(`${CONFIGMAPS}?fieldSelector=metadata.name!=a`)).json)).toEqual(['b']);
    expect((await ask(`${CONFIGMAPS}?fieldSelector=spec.nodeName=x`)).text).toContain(
      'field label not supported',
    );
  });
});

describe('watching', () => {
  const lines = (text: string) =>
    text
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { type: string; object: KubeObject });

  test('from a version: what came after it, and what comes, until its time is over', async () => {
    kube.objects.create(configMap('a'));
    const since = kube.objects.revision;
    kube.objects.create(configMap('b'));
    const watching = ask(`${CONFIGMAPS}?watch=true&resourceVersion=${since}&timeoutSeconds=1`);
    await expect.poll(() => kube.watches.count).toBe(1);
    kube.objects.remove('configmaps', 'default', 'a');
    expect(lines((await watching).text).map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(
      ['ADDED b', 'DELETED a'],
    );
  });

  test('an object that leaves a selection is DELETED, one that enters it is ADDED', async () => {
    kube.objects.create(configMap('in', { app: 'web' }));
    kube.objects.create(configMap('out'));
    const since = kube.objects.revision;
    const watching = ask(
      `${CONFIGMAPS}?watch=true&labelSelector=app&resourceVersion=${since}&timeoutSeconds=1`,
    );
    await expect.poll(() => kube.watches.count).toBe(1);
    kube.objects.update(configMap('in'));
    kube.objects.update(configMap('out', { app: 'web' }));
    const events = lines((await watching).text);
    expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
      'DELETED in',
      'ADDED out',
    ]);
    expect(events[0]?.object.metadata).toMatchObject({
      labels: { app: 'web' },
      resourceVersion: String(since + 1),
    });
  });

  test('from a version that is too old: one ERROR with 410, in an answer that is 200', async () => {
    kube.objects.create(configMap('a'));
    kube.objects.compact();
    const { status, text } = await ask(`${CONFIGMAPS}?watch=true&resourceVersion=1`);
    expect(status).toBe(200);
    expect(lines(text)).toMatchObject([
      { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } },
    ]);
  });

  test('bookmarks for those who want them, and never of events', async () => {
    const open = (path: string) => ask(`${path}?watch=true&allowWatchBookmarks=true&timeoutSeconds=1`);
    const [configMaps, events] = [open(CONFIGMAPS), open('/api/v1/events')];
    await expect.poll(() => kube.watches.count).toBe(2);
    kube.watches.bookmark();
    expect(lines((await configMaps).text)).toMatchObject([
      { type: 'BOOKMARK', object: { metadata: { resourceVersion: String(kube.objects.revision) } } },
    ]);
    expect(lines((await events).text)).toEqual([]);
  });

  test('after a restart, versions of seconds before are too old', async () => {
    const since = kube.objects.revision;
    await kube.restart();
    const { text } = await ask(`${CONFIGMAPS}?watch=true&resourceVersion=${since}`);
    expect(lines(text)).toMatchObject([{ type: 'ERROR', object: { code: 410 } }]);
  });
});

describe('applying', () => {
  const path = `${CONFIGMAPS}/settings`;
  const body = (data: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings' },
    data,
  });

  test('made with 201, changed with 200, the same again changes nothing', async () => {
    expect((await apply(path, 'us', body({ a: '1' }))).status).toBe(201);
    const changed = await apply(path, 'us', body({ a: '2' }));
    expect(changed).toMatchObject({ status: 200, json: { data: { a: '2' } } });
    const same = await apply(path, 'us', body({ a: '2' }));
    expect(same.json.metadata.resourceVersion).toBe(changed.json.metadata.resourceVersion);
  });

  test("another manager's member is a conflict, unless forced; what one leaves out is given up", async () => {
    await apply(path, 'us', body({ a: '1', b: '2' }));
    const conflict = await apply(path, 'them', body({ b: '9' }));
    expect(conflict).toMatchObject({
      status: 409,
      json: {
        message: 'Apply failed with 1 conflict: conflict with "us": .data.b',
        details: { causes: [{ field: '.data.b' }] },
      },
    });
    expect((await apply(path, 'them', body({ b: '9' }), '&force=true')).json.data).toEqual({
      a: '1',
      b: '9',
    });
    expect((await apply(path, 'us', body({}))).json.data).toEqual({ b: '9' });
  });

  test('what others change by updates stays theirs', async () => {
    await apply(path, 'us', body({ a: '1' }));
    const headers = { 'user-agent': 'kubectl/v1.26' };
    await ask(path, {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { data: { b: '2' } },
      headers,
    });
    expect((await apply(path, 'us', body({ a: '1' }))).json.data).toEqual({ a: '1', b: '2' });
    const conflict = await apply(path, 'us', body({ a: '1', b: '3' }));
    expect(conflict.json.message).toMatch(
      /^Apply failed with 1 conflict: conflict with "kubectl" using v1 at .*: \.data\.b$/,
    );
  });

  test('containers are joined by name, and a container that is left out goes', async () => {
    const pod = (...containers: object[]) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers },
    });
    const at = '/api/v1/namespaces/default/pods/p';
    await apply(at, 'us', pod({ name: 'a', image: 'x:1' }, { name: 'b', image: 'y:1' }));
    await apply(at, 'them', pod({ name: 'a', env: [{ name: 'E', value: '1' }] }));
    const { json } = await apply(at, 'us', pod({ name: 'a', image: 'x:2' }));
    expect(json.spec.containers).toMatchObject([
      { name: 'a', image: 'x:2', env: [{ name: 'E', value: '1' }] },
    ]);
  });

  test('a dry run changes nothing', async () => {
    expect((await apply(path, 'us', body({ a: '1' }), '&dryRun=All')).status).toBe(201);
    expect((await ask(path)).status).toBe(404);
  });

  test('a member that the kind does not have is refused', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { selectr: {}, ports: [{ port: 80 }] },
    };
    const { status, text } = await apply('/api/v1/namespaces/default/services/s', 'us', service);
    expect(status).toBe(500);
    expect(text).toContain('.spec.selectr: field not declared in schema');
  });

  test("a Secret's plain values are kept encoded; a Service gets an address", async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { a: 'b' } };
    expect((await apply('/api/v1/namespaces/default/secrets/s', 'us', secret)).json).toMatchObject({
      data: { a: 'Yg==' },
      type: 'Opaque',
    });
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { ports: [{ port: 80 }] },
    };
    expect((await apply('/api/v1/namespaces/default/services/s', 'us', service)).json.spec.clusterIP).toMatch(
      /^10\.79\.\d+\.\d+$/,
    );
  });

  test('into a namespace that is not there: 404', async () => {
    expect((await apply('/api/v1/namespaces/none/configmaps/settings', 'us', body({}))).text).toContain(
      'namespaces \\"none\\" not found',
    );
  });
});

describe('access', () => {
  test('rights in one namespace are no rights elsewhere', async () => {
    kube.addUser('dev', [{ verbs: ['list'], apiGroups: [''], resources: ['pods'] }], ['shop']);
    expect((await ask('/api/v1/namespaces/shop/pods', { user: 'dev' })).status).toBe(200);
    const refused = await ask('/api/v1/pods', { user: 'dev' });
    expect(refused).toMatchObject({
      status: 403,
      json: {
        message:
          'pods is forbidden: User "dev" cannot list resource "pods" in API group "" at the cluster scope',
      },
    });
    const review = { spec: { resourceAttributes: { verb: 'list', resource: 'pods', namespace: 'shop' } } };
    const { json } = await ask('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      method: 'POST',
      user: 'dev',
      body: review,
    });
    expect(json.status).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "dev/shop" of Role "dev" to User "dev"',
    });
  });

  test('who is nobody may ask for the version and for nothing else; a wrong token is 401', async () => {
    expect((await ask('/version', { user: null })).status).toBe(200);
    expect((await ask('/api/v1/pods', { user: null })).text).toContain('User \\"system:anonymous\\"');
    expect((await ask('/version', { user: null, headers: { authorization: 'Bearer wrong' } })).status).toBe(
      401,
    );
  });

  test('nobody grants what they do not have', async () => {
    const verbs = ['create', 'patch', 'get'];
    kube.addUser(
      'dev',
      [{ verbs, apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'] }],
      ['shop'],
    );
    const role = (resource: string) => ({
      metadata: { name: resource },
      rules: [{ apiGroups: ['rbac.authorization.k8s.io'], resources: [resource], verbs: ['get'] }],
    });
    const path = '/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles';
    expect((await ask(path, { method: 'POST', user: 'dev', body: role('roles') })).status).toBe(201);
    const refused = await ask(path, { method: 'POST', user: 'dev', body: role('secrets') });
    expect(refused.status).toBe(403);
    expect(refused.json.message).toContain('is attempting to grant RBAC permissions not currently held');
  });
});

describe('faults', () => {
  test('so many times, and then no more', async () => {
    kube.faults.add(
      { resource: 'configmaps', verb: 'list' },
      { kind: 'answer', code: 429, retryAfterSeconds: 7 },
      1,
    );
    const busy = await ask(CONFIGMAPS);
    expect(busy).toMatchObject({
      status: 429,
      json: { reason: 'TooManyRequests', details: { retryAfterSeconds: 7 } },
    });
    expect(busy.headers.get('retry-after')).toBe('7');
    expect((await ask(CONFIGMAPS)).status).toBe(200);
  });

  test('connections are reset, answers break off, requests are never answered', async () => {
    kube.faults.add({}, { kind: 'reset' }, 1);
    await expect(ask(CONFIGMAPS)).rejects.toThrow();
    kube.faults.add({}, { kind: 'break', afterBytes: 10 }, 1);
    await expect(ask(CONFIGMAPS)).rejects.toThrow();
    kube.faults.add({}, { kind: 'stall' }, 1);
    const headers = { authorization: `Bearer ${kube.token()}` };
    const silent = fetch(`${kube.url}${CONFIGMAPS}`, { headers, signal: AbortSignal.timeout(300) });
    await expect(silent).rejects.toThrow(/timeout/i);
    expect((await ask(CONFIGMAPS)).status).toBe(200);
  });

  test('watches end, break, expire, or just say nothing any more', async () => {
    const open = () => ask(`${CONFIGMAPS}?watch=true&timeoutSeconds=2`);
    const isOpen = () => expect.poll(() => kube.watches.of('configmaps')).toBe(1);
    const ended = open();
    await isOpen();
    expect(kube.watches.cut('end')).toBe(1);
    expect((await ended).text).toBe('');
    const broken = open();
    await isOpen();
    kube.watches.cut('reset', 'configmaps');
    await expect(broken).rejects.toThrow();
    const expired = open();
    await isOpen();
    kube.watches.expire();
    expect((await expired).text).toContain('"code":410');
    const silent = fetch(`${kube.url}${CONFIGMAPS}?watch=true&timeoutSeconds=1`, {
      headers: { authorization: `Bearer ${kube.token()}` },
      signal: AbortSignal.timeout(1500),
    });
    await isOpen();
    kube.watches.cut('half-open');
    kube.objects.create(configMap('unheard'));
    await expect(silent.then((answer) => answer.text())).rejects.toThrow(/timeout/i);
  });
});
