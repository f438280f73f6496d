import { expect, test } from 'vitest';
import { EVERY_POD } from '../../flow/targets.ts';
import { pod } from '../../test/kubernetes/cluster.ts';
import { readObject } from './read-objects.ts';
import { MAX_REPORTED_PODS, reportTargets } from './target-report.ts';
import { TargetTracker } from './target-tracker.ts';

function tracking(pods: Record<string, unknown>[]): TargetTracker {
  const tracker = new TargetTracker(EVERY_POD, 'remora');
  for (const pod of pods) tracker.set(readObject('Pod', pod)!);
  return tracker;
}

test('pods by namespace and name, and the workload they are of', () => {
  const { pods, count } = reportTargets(
    tracking([
      pod('b', '10.0.0.2'),
      pod('c', '', { namespace: 'bank', node: '' }),
      pod('a-7c9-x', '10.0.0.1', { labels: { 'pod-template-hash': '7c9' }, owner: ['ReplicaSet', 'a-7c9'] }),
    ]),
  );
  expect(pods).toEqual([
    { namespace: 'bank', name: 'c', node: '', ips: [], workload: 'c' },
    { namespace: 'shop', name: 'a-7c9-x', node: 'node-a', ips: ['10.0.0.1'], workload: 'a' },
    { namespace: 'shop', name: 'b', node: 'node-a', ips: ['10.0.0.2'], workload: 'b' },
  ]);
  expect(count).toBe(3);
});

test('of very many the first are named', () => {
  const many = Array.from({ length: MAX_REPORTED_PODS + 20 }, (_, n) => pod(`p${n}`, '10.0.0.1'));
  const report = reportTargets(tracking(many));
  expect(report.pods).toHaveLength(MAX_REPORTED_PODS);
  expect(report.count).toBe(MAX_REPORTED_PODS + 20);
});

test('pods of which nothing can be heard are named', () => {
  const silent = pod('agent', '192.168.0.1', { hostNetwork: true, ports: [] });
  const { hints } = reportTargets(tracking([silent, pod('heard', '192.168.0.1', { hostNetwork: true })]));
  expect(hints).toEqual([expect.stringMatching(/^shop\/agent: /)]);
});
