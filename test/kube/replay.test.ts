/** This server's answers are those that a real one gave, where recordings are at hand. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { role } from './access/builtin.ts';
import {
  type Answer,
  comparable,
  isRecorded,
  type Recorded,
  recordedBody,
  recordedObjects,
  recordings,
  replay,
  telling,
} from './replay.ts';
import { KubeServer } from './server.ts';
import type { Json, KubeObject } from './types.ts';

const KINDS = [
  'nodes',
  'namespaces',
  'pods',
  'services',
  'endpoints',
  'endpointslices',
  'replicasets',
  'deployments',
  'daemonsets',
  'statefulsets',
];

describe.runIf(isRecorded)('a real API server of 1.26', () => {
  let kube: KubeServer;
  let all: Map<string, Recorded>;

  beforeAll(async () => {
    all = recordings();
    kube = await KubeServer.start({ tls: false, controllers: false, nodes: [] });
    for (const { metadata } of kube.objects.list('namespaces'))
      kube.objects.remove('namespaces', '', metadata.name);
    for (const kind of KINDS)
      for (const object of recordedObjects(`list-${kind}.json`)) kube.objects.create(object);
  });

  afterAll(() => kube.stop());

  async function same(file: string, change: { query?: string; body?: string } = {}): Promise<Answer> {
    const recorded = all.get(file)!;
    const answer = await replay(kube, recorded, change);
    expect.soft(answer.status, file).toBe(recorded.status);
    expect.soft(telling(answer.headers), file).toEqual(telling(recorded.responseHeaders));
    expect.soft(comparable(answer.body), file).toEqual(comparable(recordedBody(file)));
    return answer;
  }

  test.each([
    'version.json',
    'api.json',
    'readyz.txt',
    ...KINDS.map((kind) => `list-${kind}.json`),
    'list-pods-node1.json',
    'list-pods-label.json',
    'list-jobs-empty.json',
    'list-pods-metadata-only.json',
    'list-pods-limit2.json',
    'list-bad-selector-400.json',
    'get-pod.json',
    'get-service.json',
    'get-pod-404.json',
    'get-unknown-type-404.txt',
  ])('reads: %s', async (file) => {
    await same(file);
  });

  test('version 0: the same objects in another order', async () => {
    const answer = await replay(kube, all.get('list-pods-rv0.json')!);
    const names = (body: string) =>
      (JSON.parse(body) as { items: KubeObject[] }).items.map(({ metadata }) => metadata.name);
    expect(names(answer.body)).not.toEqual(names(answer.body).sort());
    expect(names(answer.body).sort()).toEqual(names(recordedBody('list-pods-rv0.json')).sort());
  });

  test('a version that is not there yet: 504 after a while', async () => {
    const answer = await replay(kube, all.get('list-future-rv-504.json')!);
    const current = /current: \d+/;
    expect(answer.status).toBe(504);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.body.replace(current, '')).toBe(
      recordedBody('list-future-rv-504.json').replace(current, ''),
    );
  });

  test('pages', async () => {
    let continued = '';
    for (const file of ['page-pods-1.json', 'page-pods-2.json', 'page-pods-3.json']) {
      const { body } = await same(file, { query: `limit=4${continued}` });
      continued = `&continue=${(JSON.parse(body) as { metadata: { continue: string } }).metadata.continue}`;
    }
  });

  test.each(['apis.json', 'api-v1-resources.json', 'apis-apps-v1-resources.json'])(
    'discovery: %s tells of the kinds that are here what the real one tells',
    async (file) => {
      const answer = await replay(kube, all.get(file)!);
      const real = JSON.parse(recordedBody(file)) as Discovery;
      const ours = JSON.parse(answer.body) as Discovery;
      const { groups: _groups, resources: _resources, ...head } = real;
      expect(ours).toMatchObject(head);
      const known = real.groups ?? real.resources!;
      for (const entry of ours.groups ?? ours.resources!) {
        const { storageVersionHash: _hash, ...expected } = (known.find(({ name }) => name === entry.name) ??
          {}) as Json;
        // Betas of a group are left out here.
        const { versions: _versions, ...rest } = expected;
        expect.soft(entry).toMatchObject(file === 'apis.json' ? rest : expected);
      }
    },
  );

  test('access', async () => {
    limitedUser(kube);
    const asked = [...all.keys()].filter((file) =>
      /^(401|403|anonymous|limited|ssar|sar|tokenreview-invalid)/.test(file),
    );
    for (const file of asked) if (!file.startsWith('403-podsecurity')) await same(file);
  });

  test('what may I: the same rules, in whatever order', async () => {
    for (const file of ['ssrr-limited-access.json', 'ssrr-limited-lab.json', 'ssrr-admin.json']) {
      const answer = await replay(kube, all.get(file)!);
      expect.soft(rulesOf(answer.body), file).toEqual(rulesOf(recordedBody(file)));
    }
  });

  test('who is this token', async () => {
    for (const file of ['tokenreview-valid.json', 'tokenreview-wrong-audience.json']) {
      const spec = (all.get(file)!.request.body as { spec: Json }).spec;
      await same(file, { body: JSON.stringify({ spec: { ...spec, token: kube.token('access:limited') } }) });
    }
  });

  test('server-side apply, create, update, patch, delete: one story', async () => {
    kube.objects.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ssa' } });
    const story = [...all.keys()].filter((file) =>
      /^(apply|create|put|post|patch|merge|delete|405)/.test(file),
    );
    expect(story).toHaveLength(24);
    for (const file of story) {
      const answer = await same(file);
      // The parser of the answer's details differs, what was wrong does not.
      if (file === 'post-bad-json-400.json') expect(answer.body).toContain('unexpected end of JSON input');
    }
  });

  test('a DaemonSet applied, updated, deleted in the foreground', async () => {
    for (const file of ['daemonset-apply-201.json', 'daemonset-apply-update-200.json']) {
      const answer = await replay(kube, all.get(file)!);
      expect.soft(answer.status).toBe(all.get(file)!.status);
      const { status: _ours, ...ours } = comparable(answer.body) as Json;
      const { status: _real, ...real } = comparable(recordedBody(file)) as Json;
      expect.soft(ours, file).toEqual(real);
    }
    const answer = await replay(kube, all.get('daemonset-delete-foreground.json')!);
    expect(JSON.parse(answer.body)).toMatchObject({
      metadata: { finalizers: ['foregroundDeletion'], generation: 3 },
    });
  });

  test('Pod Security', async () => {
    const level = (mode: string) => [`pod-security.kubernetes.io/${mode}`, 'restricted'];
    const labels = Object.fromEntries(['enforce', 'warn'].map(level)) as Record<string, string>;
    kube.objects.create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'strict', labels },
    } as KubeObject);
    await same('403-podsecurity-create-pod.json');
    await same('podsecurity-daemonset-warning-201.json');
  });

  test('what is too old', async () => {
    const first = await replay(kube, all.get('gone-page1.json')!);
    const { continue: token } = (JSON.parse(first.body) as { metadata: { continue: string } }).metadata;
    const version = kube.objects.revision;
    kube.objects.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'bump', namespace: 'default' },
    });
    kube.objects.compact();
    const gone = await replay(kube, all.get('410-continue-expired.json')!, {
      query: `limit=3&continue=${token}`,
    });
    expect(gone.status).toBe(410);
    const { message, metadata } = JSON.parse(gone.body) as {
      message: string;
      metadata: { continue: string };
    };
    expect(message).toBe(
      (JSON.parse(recordedBody('410-continue-expired.json')) as { message: string }).message,
    );
    const rest = await replay(kube, all.get('gone-page1.json')!, {
      query: `limit=3&continue=${metadata.continue}`,
    });
    expect(rest.status).toBe(200);
    await same('410-list-exact.json', {
      query: `limit=500&resourceVersion=${version}&resourceVersionMatch=Exact`,
    });
    const bad = await replay(kube, all.get('410-bad-continue-400.json')!);
    expect(bad.status).toBe(400);
    expect(bad.body).toContain('invalid continue token: continue key is not valid');
  });

  test('watches that end at once', async () => {
    kube.objects.compact();
    await same('watch-bad-rv-500.json');
    await same('410-watch-events-old-rv.ndjson');
    const numbers = /\d+ \(\d+\)/;
    for (const file of ['410-watch-old-rv.ndjson', '410-watch-old-rv-bookmarks.ndjson']) {
      const answer = await replay(kube, all.get(file)!, {
        query: all.get(file)!.request.query.replace('1823', '7'),
      });
      expect(answer.status).toBe(200);
      expect(answer.body.replace(numbers, '')).toBe(recordedBody(file).replace(numbers, ''));
    }
  });

  test('watches that begin with everything', async () => {
    const answers = await Promise.all(
      ['watch-no-rv.ndjson', 'watch-rv0.ndjson'].map(
        async (file) => [file, await replay(kube, all.get(file)!)] as const,
      ),
    );
    for (const [file, answer] of answers) {
      expect.soft(answer.status).toBe(200);
      expect.soft(telling(answer.headers)).toEqual(telling(all.get(file)!.responseHeaders));
      expect.soft(eventsOf(answer.body)).toEqual(eventsOf(recordedBody(file)));
    }
  });
});

interface Discovery {
  groups?: ({ name: string } & Json)[];
  resources?: ({ name: string } & Json)[];
}

/** The events of a watch, by name: what there is comes in no order. */
function eventsOf(body: string): unknown[] {
  const lines = body
    .trim()
    .split('\n')
    .map((line) => comparable(line) as { object: KubeObject });
  return lines.sort((a, b) => (a.object.metadata.name < b.object.metadata.name ? -1 : 1));
}

function rulesOf(body: string): string[] {
  const { status } = JSON.parse(body) as { status: { resourceRules: Json[]; nonResourceRules: Json[] } };
  const all = [...status.resourceRules, ...status.nonResourceRules];
  return all.map((rule) => JSON.stringify(Object.entries(rule).sort())).sort();
}

/** As in the recordings: pods and services of its own namespace, and port-forward. */
function limitedUser(kube: KubeServer): void {
  const metadata = { name: 'access', labels: { 'kubernetes.io/metadata.name': 'access' } };
  if (kube.objects.get('namespaces', '', 'access') === undefined)
    kube.objects.create({ apiVersion: 'v1', kind: 'Namespace', metadata });
  kube.objects.create(
    role('access', 'limited', [
      { verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods', 'services'] },
      { verbs: ['create'], apiGroups: [''], resources: ['pods/portforward'] },
    ]),
  );
  kube.objects.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'limited', namespace: 'access' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'limited' },
    subjects: [{ kind: 'ServiceAccount', name: 'limited', namespace: 'access' }],
  } as KubeObject);
}
