import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasClusterCaptures, readApiAnswer } from '../../test/kubernetes/captures.ts';
import { list, node, pod, service, slice } from '../../test/kubernetes/cluster.ts';
import type { Pod } from './objects.ts';
import { parseObjects, readObject } from './read-objects.ts';
import { workloadOf } from './workload.ts';

const names = (text: string) => parseObjects(text).map(({ kind, name }) => `${kind} ${name}`);

test('a List of mixed kinds, lists of one kind, and arrays of them; other kinds are passed over', () => {
  expect(
    names(list(pod('a', '10.0.0.1'), { kind: 'ConfigMap', metadata: { name: 'x' } }, node('n', '10.1.0.1'))),
  ).toEqual(['Pod a', 'Node n']);
  const { kind: _, ...bare } = pod('b', '10.0.0.2');
  const podList = { kind: 'PodList', items: [bare] };
  expect(names(JSON.stringify(podList))).toEqual(['Pod b']);
  expect(names(JSON.stringify([podList, service('s', '10.9.0.1')]))).toEqual(['Pod b', 'Service s']);
  expect(names(JSON.stringify(slice('s', ['10.0.0.1'])))).toEqual(['EndpointSlice s-abcde']);
});

test('a pod, as far as it is needed', () => {
  const read = readObject(
    'Pod',
    pod('web-5d5f-x', '10.0.0.1', {
      labels: { app: 'web' },
      owner: ['ReplicaSet', 'web-5d5f'],
      ports: [
        { name: 'http', containerPort: 80, hostPort: 8080 },
        { containerPort: 53, protocol: 'UDP' },
      ],
      hostIP: '10.1.0.1',
      phase: 'Failed',
      startTime: '2026-11-21T09:00:00Z',
      finishedAt: '2026-11-21T10:00:00Z',
    }),
  );
  expect(read).toEqual({
    kind: 'Pod',
    name: 'web-5d5f-x',
    namespace: 'shop',
    uid: 'web-5d5f-x',
    labels: { app: 'web' },
    owner: { kind: 'ReplicaSet', name: 'web-5d5f' },
    node: 'node-a',
    hostNetwork: false,
    ports: [{ name: 'http', port: 80, hostPort: 8080 }],
    ips: ['10.0.0.1'],
    hostIp: '10.1.0.1',
    finished: true,
    startTime: Date.parse('2026-11-21T09:00:00Z') * 1000,
    finishTime: Date.parse('2026-11-21T10:00:00Z') * 1000,
  });
});

test('addresses are written as flows have them', () => {
  const both = {
    ...pod('a', ''),
    status: { podIPs: [{ ip: '10.0.0.1' }, { ip: 'FD00:0:0::000a' }, { ip: 'x' }] },
  };
  expect((readObject('Pod', both) as Pod).ips).toEqual(['10.0.0.1', 'fd00::a']);
  expect(readObject('Service', service('headless', 'None'))).toMatchObject({
    clusterIps: [],
    externalIps: [],
  });
  expect(
    readObject(
      'Node',
      node('n', '10.1.0.1', { annotations: { 'projectcalico.org/IPv4IPIPTunnelAddr': '10.2.9.9' } }),
    ),
  ).toMatchObject({ addresses: ['10.1.0.1', '10.2.9.9'] });
});

test.each([
  ['', /not JSON/],
  ['NAME  READY\nweb   1/1', /not JSON/],
  ['{}', /no pods/],
  ['[]', /no pods/],
  ['null', /no pods/],
  [list({ kind: 'Pod' }), /no pods/],
])('not usable: %s', (text, why) => {
  expect(() => parseObjects(text)).toThrow(why);
  expect(() => parseObjects(text)).toThrow(
    expect.objectContaining({ code: 'OBJECTS_INVALID', remedy: expect.stringContaining('kubectl get') }),
  );
});

test('lists within lists a hundred thousand deep are read, or refused, and nothing else', () => {
  const depth = 100_000;
  const deep = `${'{"items":['.repeat(depth)}${JSON.stringify(pod('a', '10.0.0.1'))}${']}'.repeat(depth)}`;
  expect(() => parseObjects(deep)).not.toThrow(RangeError);
});

/** An object of the right shape with anything in any place of it. */
const anything = fc.anything({ maxDepth: 2, withBigInt: false });
const spoiled = fc
  .record({
    object: fc.constantFrom(
      pod('a', '10.0.0.1', { finishedAt: 'x' }),
      service('s', '10.9.0.1'),
      slice('s', ['10.0.0.1']),
      node('n', '10.1.0.1'),
    ),
    path: fc.array(fc.nat(5), { maxLength: 6 }),
    value: anything,
  })
  .map(({ object, path, value }) => {
    const copy = structuredClone(object);
    let at = copy;
    for (const step of path) {
      const keys = Object.keys(at);
      if (keys.length === 0) break;
      const key = keys[step % keys.length];
      const next = at[key];
      if (typeof next !== 'object' || next === null) {
        at[key] = value;
        return copy;
      }
      at = next as Record<string, unknown>;
    }
    for (const key of Object.keys(at)) at[key] = value;
    return copy;
  });

test('objects of any shape are read without an error, and what is read has its types', () => {
  fc.assert(
    fc.property(spoiled, (object) => {
      const { kind } = object;
      const read = readObject(typeof kind === 'string' ? kind : 'Pod', object);
      if (read?.kind !== 'Pod') return;
      expect(typeof read.node).toBe('string');
      expect(read.ips.every((ip) => typeof ip === 'string')).toBe(true);
      expect(read.ports.every(({ port }) => port > 0 && port < 65_536)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

describe.skipIf(!hasClusterCaptures)('what a real API server gave', () => {
  test.each(['pods', 'services', 'endpointslices', 'nodes'])('%s', (kind) => {
    const text = readApiAnswer(`churn-00-${kind}.json`);
    expect(parseObjects(text)).toHaveLength(JSON.parse(text).items.length);
  });

  test('its pods have their workloads, nodes and addresses', () => {
    const pods = parseObjects(readApiAnswer('churn-00-pods.json')) as Pod[];
    expect(pods.every(({ ips, node }) => ips.length > 0 && /^node[12]$/.test(node))).toBe(true);
    expect(new Set(pods.map((one) => `${workloadOf(one).kind} ${workloadOf(one).name}`))).toEqual(
      new Set([
        ...['coredns', 'echo-a', 'echo-b', 'backend', 'frontend', 'loadgen'].map(
          (name) => `Deployment ${name}`,
        ),
        ...['Pod client-1', 'Pod client-2', 'DaemonSet hostnet', 'StatefulSet store'],
      ]),
    );
  });
});
