import { expect, test } from 'vitest';
import { compileTargets, EVERY_POD, type TargetSpec } from '../../flow/targets.ts';
import { list, pod, service, slice } from '../../test/kubernetes/cluster.ts';
import { parseObjects } from './read-objects.ts';
import { matchPods } from './targets.ts';

const OWN = { 'app.kubernetes.io/name': 'remora' };

const CLUSTER = parseObjects(
  list(
    pod('front-end-7c9-x2x4z', '10.0.0.1', {
      ...{ labels: { app: 'front', 'pod-template-hash': '7c9' }, owner: ['ReplicaSet', 'front-end-7c9'] },
    }),
    pod('catalogue-5d8-abcde', '10.0.0.2', {
      ...{ labels: { app: 'catalogue', 'pod-template-hash': '5d8' }, owner: ['ReplicaSet', 'catalogue-5d8'] },
    }),
    pod('catalogue-db-0', '10.0.0.3', { labels: { app: 'db' }, owner: ['StatefulSet', 'catalogue-db'] }),
    pod('report-27000000-zzzzz', '10.0.0.4', { owner: ['Job', 'report-27000000'] }),
    pod('report-26999999-yyyyy', '10.0.0.9', { owner: ['Job', 'report-26999999'], phase: 'Succeeded' }),
    pod('agent-1', '192.168.0.1', { owner: ['DaemonSet', 'agent'], namespace: 'ops', hostNetwork: true }),
    pod('front-end-7c9-other', '10.0.0.6', {
      ...{ namespace: 'test', labels: { app: 'front', 'pod-template-hash': '7c9' } },
      owner: ['ReplicaSet', 'front-end-7c9'],
    }),
    pod('remora-hub-1', '10.0.0.7', { namespace: 'remora', labels: OWN }),
    pod('remora-worker-1', '192.168.0.1', { namespace: 'remora', labels: OWN, hostNetwork: true }),
    pod('look-alike', '10.0.0.8', { namespace: 'shop', labels: OWN }),
    pod('neighbour', '10.0.0.10', { namespace: 'remora' }),
    service('front', '10.96.0.1', { selector: { app: 'front' } }),
    service('front', '10.96.0.2', { selector: { app: 'front' }, namespace: 'test' }),
    service('by-hand', '10.96.0.3'),
    slice('by-hand', ['10.0.0.3', '10.0.0.1']),
    service('nobody', '10.96.0.4'),
  ),
);

function tapped(part: Partial<TargetSpec>, remoraNamespace = 'remora'): string[] {
  const pods = matchPods(compileTargets({ ...EVERY_POD, ...part }), CLUSTER, remoraNamespace);
  return pods.map(({ name }) => name);
}

test('everything but what has ended and what is Remora’s own', () => {
  expect(tapped({})).toEqual([
    'front-end-7c9-x2x4z',
    'catalogue-5d8-abcde',
    'catalogue-db-0',
    'report-27000000-zzzzz',
    'agent-1',
    'front-end-7c9-other',
    'look-alike',
    'neighbour',
  ]);
});

test('Remora’s own pods are not tapped by any name either', () => {
  const refs = ['pod/remora-hub-1', 'remora/pod/remora-worker-1'];
  expect(tapped({ refs })).toEqual([]);
  expect(tapped({ pods: 'remora', namespaces: ['remora'] })).toEqual([]);
  expect(tapped({ refs }, 'tools')).toEqual(['remora-hub-1', 'remora-worker-1']);
});

test.each<[Partial<TargetSpec>, string[]]>([
  [
    { pods: '(catalo.*|front-end.*)', namespaces: ['shop'] },
    ['front-end-7c9-x2x4z', 'catalogue-5d8-abcde', 'catalogue-db-0'],
  ],
  [{ pods: 'front-*', excludeNamespaces: ['test'] }, ['front-end-7c9-x2x4z']],
  [{ selector: 'app in (front,db),pod-template-hash!=7c9' }, ['catalogue-db-0']],
  [{ selector: 'app=front', namespaces: ['test'] }, ['front-end-7c9-other']],
  [{ refs: ['deploy/front-end'] }, ['front-end-7c9-x2x4z', 'front-end-7c9-other']],
  [{ refs: ['shop/deploy/front-end'] }, ['front-end-7c9-x2x4z']],
  [
    { refs: ['shop/deploy/front-end', 'deployment.apps/catalogue'] },
    ['front-end-7c9-x2x4z', 'catalogue-5d8-abcde'],
  ],
  [
    { refs: ['test/deploy/front-end', 'shop/deploy/front-end'] },
    ['front-end-7c9-x2x4z', 'front-end-7c9-other'],
  ],
  [{ refs: ['rs/catalogue-5d8'] }, ['catalogue-5d8-abcde']],
  [{ refs: ['sts/catalogue-db', 'ds/agent'] }, ['catalogue-db-0', 'agent-1']],
  [{ refs: ['cj/report'] }, ['report-27000000-zzzzz']],
  [{ refs: ['job/report-27000000'] }, ['report-27000000-zzzzz']],
  [{ refs: ['job/report-26999999'] }, []],
  [{ refs: ['svc/front'] }, ['front-end-7c9-x2x4z', 'front-end-7c9-other']],
  [{ refs: ['svc/front'], namespaces: ['shop'] }, ['front-end-7c9-x2x4z']],
  [{ refs: ['test/svc/front'] }, ['front-end-7c9-other']],
  [{ refs: ['svc/by-hand'] }, ['front-end-7c9-x2x4z', 'catalogue-db-0']],
  [{ refs: ['svc/by-hand'], pods: 'db' }, ['catalogue-db-0']],
  [{ refs: ['svc/nobody', 'svc/absent'] }, []],
  [{ refs: ['pod/agent-1'] }, ['agent-1']],
  [{ refs: ['deploy/catalogue-db'] }, []],
])('%j', (spec, expected) => {
  expect(tapped(spec)).toEqual(expected);
});
