import { expect, test } from 'vitest';
import { pod } from '../../test/kubernetes/cluster.ts';
import type { Pod } from './objects.ts';
import { readObject } from './read-objects.ts';
import { workloadOf } from './workload.ts';

const of = (name: string, spec: Parameters<typeof pod>[2] = {}) => {
  const { kind, name: workload } = workloadOf(readObject('Pod', pod(name, '10.0.0.1', spec)) as Pod);
  return `${kind} ${workload}`;
};

test('by the owner', () => {
  const hash = { 'pod-template-hash': '6cb689644c' };
  expect(of('cart-6cb689644c-x2x2x', { owner: ['ReplicaSet', 'cart-6cb689644c'], labels: hash })).toBe(
    'Deployment cart',
  );
  expect(of('cart-x2x2x', { owner: ['ReplicaSet', 'cart'], labels: {} })).toBe('ReplicaSet cart');
  expect(of('cart-x2x2x', { owner: ['ReplicaSet', '-6cb689644c'], labels: hash })).toBe(
    'ReplicaSet -6cb689644c',
  );
  const rollout = { 'rollouts-pod-template-hash': '5f6d' };
  expect(of('cart-5f6d-x2x2x', { owner: ['ReplicaSet', 'cart-5f6d'], labels: rollout })).toBe('Rollout cart');
  expect(of('store-0', { owner: ['StatefulSet', 'store'] })).toBe('StatefulSet store');
  expect(of('agent-x2x2x', { owner: ['DaemonSet', 'agent'] })).toBe('DaemonSet agent');
  expect(of('etcd-node-a', { owner: ['Node', 'node-a'] })).toBe('Pod etcd');
  expect(of('client')).toBe('Pod client');
});

test('a job is a scheduled one where its name ends with minutes', () => {
  expect(of('report-29403840-x2x2x', { owner: ['Job', 'report-29403840'] })).toBe('CronJob report');
  expect(of('report-20261121-x2x2x', { owner: ['Job', 'report-20261121'] })).toBe('Job report-20261121');
  expect(of('report-x2x2x', { owner: ['Job', 'report'] })).toBe('Job report');
});

test('by labels where the owner is left out', () => {
  expect(of('cart-6cb689644c-x2x2x', { labels: { 'pod-template-hash': '6cb689644c' } })).toBe(
    'Deployment cart',
  );
  expect(
    of('store-11', {
      labels: { 'statefulset.kubernetes.io/pod-name': 'store-11', 'controller-revision-hash': 'h' },
    }),
  ).toBe('StatefulSet store');
  expect(of('agent-x2x2x', { labels: { 'controller-revision-hash': 'h' } })).toBe('DaemonSet agent');
  expect(of('report-29403840-x2x2x', { labels: { 'job-name': 'report-29403840' } })).toBe('CronJob report');
  expect(of('mine', { labels: { 'pod-template-hash': '6cb689644c' } })).toBe('Pod mine');
});
