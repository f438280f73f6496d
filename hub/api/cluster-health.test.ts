import { expect, test } from 'vitest';
import type { InformerHealth } from '../../flow/cluster-health.ts';
import { clusterMessages } from './cluster-health.ts';
import type { HealthInput } from './health.ts';

function informer(kind: string, health: Partial<InformerHealth> = {}): InformerHealth {
  return { kind, synced: true, objects: 1000, lastEvent: '2027-01-01T00:00:00Z', restarts: 0, ...health };
}

function refused(message: string, code = 'API_FORBIDDEN') {
  return { synced: false, objects: 0, problem: { code, message, remedy: 'Grant it.' } };
}

function tell(informers: InformerHealth[], uptimeMs = 60_000): string[] {
  const cluster = { synced: informers.every(({ synced }) => synced), informers };
  return clusterMessages({ cluster, uptimeMs } as HealthInput).map(({ level, text }) => `${level}: ${text}`);
}

test('no cluster, and one that is all known: nothing to say', () => {
  expect(clusterMessages({ uptimeMs: 60_000 } as HealthInput)).toEqual([]);
  expect(tell([informer('Pod'), informer('Node')])).toEqual([]);
});

test('a cluster that takes long to read is told of, but not at once', () => {
  const reading = [informer('Pod', { synced: false }), informer('Service')];
  expect(tell(reading, 5000)).toEqual([]);
  expect(tell(reading, 15_000)).toEqual([
    'info: The cluster is still being read after 15 s (2,000 objects so far): until that is done, flows are named by address.',
  ]);
});

test('an API server that cannot be reached is one error, not one for each kind', () => {
  const away = refused('cannot list the pods of the cluster: ECONNREFUSED', 'API_UNREACHABLE');
  expect(tell([informer('Pod', away), informer('Service', away), informer('Node', away)])).toEqual([
    'error: Cannot list the pods of the cluster: ECONNREFUSED. Until this works, flows lack the names that come from ' +
      'Pod, Service, Node. Grant it.',
  ]);
});

test('each right that is missing is told of; without pods nothing has a name', () => {
  const messages = tell([
    informer('Pod', { namespace: 'shop' }),
    informer('Pod', { namespace: 'bank', ...refused('no pods in bank') }),
    informer('Node', refused('no nodes')),
  ]);
  expect(messages).toEqual([
    'error: No pods in bank. Until this works, flows lack the names that come from Pod. Grant it.',
    'warning: No nodes. Until this works, flows lack the names that come from Node. Grant it.',
  ]);
});

test('what was known once stays known, and grows old', () => {
  const stale = { ...refused('reset', 'API_UNREACHABLE'), synced: true };
  expect(tell([informer('Pod', stale)])).toEqual([
    'warning: Reset. Until this works, what is known of Pod grows old. Grant it.',
  ]);
});
