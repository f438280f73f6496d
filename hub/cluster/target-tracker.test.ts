import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EVERY_POD, TargetError, type TargetSpec } from '../../flow/targets.ts';
import { pod, service, slice } from '../../test/kubernetes/cluster.ts';
import type { KubeObject } from './objects.ts';
import { readObject } from './read-objects.ts';
import { TargetTracker } from './target-tracker.ts';

const read = (object: Record<string, unknown>): KubeObject => readObject(String(object['kind']), object)!;

function tracking(part: Partial<TargetSpec>, ...objects: Record<string, unknown>[]): TargetTracker {
  const tracker = new TargetTracker({ ...EVERY_POD, ...part }, 'remora');
  for (const object of objects) tracker.set(read(object));
  return tracker;
}

function take(tracker: TargetTracker) {
  const { pods, nodes, services } = tracker.takeChange();
  return { pods, nodes: Object.fromEntries(nodes), services };
}

const NOTHING = { add: [], remove: [] };

test('pods come, get an address, and go', () => {
  const tracker = tracking({ pods: 'web' }, pod('web-1', ''));
  expect(take(tracker).pods).toEqual(NOTHING);
  tracker.set(read(pod('web-1', '10.0.0.1')));
  tracker.set(read(pod('other', '10.0.0.2')));
  expect(take(tracker)).toEqual({
    pods: { add: ['10.0.0.1'], remove: [] },
    nodes: { 'node-a': { add: ['10.0.0.1'], remove: [] } },
    services: NOTHING,
  });
  tracker.remove(read(pod('other', '10.0.0.2')));
  expect(take(tracker)).toEqual({ pods: NOTHING, nodes: {}, services: NOTHING });
  tracker.remove(read(pod('web-1', '10.0.0.1')));
  expect(take(tracker).pods).toEqual({ add: [], remove: ['10.0.0.1'] });
  expect(tracker.nodes.size).toBe(0);
  expect(tracker.tapped.size).toBe(0);
});

test('what goes and comes in between is no change', () => {
  const tracker = tracking({}, pod('web-1', '10.0.0.1'));
  take(tracker);
  tracker.remove(read(pod('web-1', '10.0.0.1')));
  tracker.set(read(pod('web-2', '10.0.0.1', { node: 'node-a' })));
  tracker.set(read(pod('short', '10.0.0.5')));
  tracker.remove(read(pod('short', '10.0.0.5')));
  const { pods, nodes } = take(tracker);
  expect([pods, nodes['node-a']]).toEqual([NOTHING, NOTHING]);
});

test('an address with a new owner before the old one is told to be gone stays', () => {
  const tracker = tracking({}, pod('old', '10.0.0.1'), pod('new', '10.0.0.1', { namespace: 'test' }));
  take(tracker);
  tracker.remove(read(pod('old', '10.0.0.1')));
  expect(take(tracker).pods).toEqual(NOTHING);
  expect(tracker.pods.has('10.0.0.1')).toBe(true);
});

test('a pod that has ended, or whose labels no longer match, is let go', () => {
  const tracker = tracking(
    { selector: 'app=web' },
    pod('job', '10.0.0.1', { labels: { app: 'web' } }),
    pod('web', '10.0.0.2', { labels: { app: 'web' } }),
  );
  take(tracker);
  tracker.set(read(pod('job', '10.0.0.1', { labels: { app: 'web' }, phase: 'Succeeded' })));
  tracker.set(read(pod('web', '10.0.0.2', { labels: { app: 'debug' } })));
  expect(take(tracker).pods).toEqual({ add: [], remove: ['10.0.0.1', '10.0.0.2'] });
});

test('pods on their node’s network are told by their ports, host ports beside the pod’s address', () => {
  const tracker = tracking(
    {},
    pod('agent', '192.168.0.1', { hostNetwork: true, ports: [9100, 9101] }),
    pod('agent6', 'fd00::1', { hostNetwork: true, ports: [9100] }),
    pod('silent', '192.168.0.1', { hostNetwork: true, ports: [] }),
    pod('edge', '10.0.0.1', { ports: [{ containerPort: 80, hostPort: 8080 }], hostIP: '192.168.0.1' }),
  );
  expect(take(tracker).pods.add).toEqual([
    '192.168.0.1:9100',
    '192.168.0.1:9101',
    '[fd00::1]:9100',
    '10.0.0.1',
    '192.168.0.1:8080',
  ]);
  expect(tracker.tapped.size).toBe(4);
});

const NODE_PORT = { ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] };

test('a service is listened to at its own addresses as long as nobody else serves it', () => {
  const tracker = tracking(
    { pods: 'web' },
    pod('web-1', '10.0.0.1'),
    pod('other', '10.0.0.2'),
    service('web', '10.96.0.1', { ...NODE_PORT, externalIPs: ['203.0.113.7'] }),
    slice('web', ['10.0.0.1']),
    service('empty', '10.96.0.2'),
  );
  const own = ['10.96.0.1:80', '203.0.113.7:80', '*:30080'];
  expect(take(tracker).services).toEqual({ add: own, remove: [] });

  tracker.set(read(slice('web', ['10.0.0.1', '10.0.0.2'])));
  expect(take(tracker).services).toEqual({ add: [], remove: own });

  tracker.set(read(slice('web', ['10.0.0.1'])));
  expect(take(tracker).services.add).toEqual(own);
  tracker.remove(read(pod('web-1', '10.0.0.1')));
  expect(take(tracker).services.remove).toEqual(own);
});

test('a service of pods on their node’s network', () => {
  const agent = pod('agent', '192.168.0.1', { hostNetwork: true, ports: [9100] });
  const tracker = tracking(
    {},
    agent,
    service('agent', '10.96.0.1'),
    slice('agent', ['192.168.0.1'], { port: 9100 }),
  );
  expect(take(tracker).services.add).toEqual(['10.96.0.1:80']);
  tracker.set(read(slice('agent', ['192.168.0.1'], { port: 9200 })));
  expect(take(tracker).services.remove).toEqual(['10.96.0.1:80']);
});

test('a service that is asked for takes its pods when it comes, changes and goes', () => {
  const tracker = tracking(
    { refs: ['svc/web'] },
    pod('one', '10.0.0.1', { labels: { app: 'one' } }),
    pod('two', '10.0.0.2', { labels: { app: 'two' } }),
    pod('foreign', '10.0.0.3', { labels: { app: 'one' }, namespace: 'test' }),
  );
  expect(take(tracker).pods).toEqual(NOTHING);
  tracker.set(read(service('web', '10.96.0.1', { selector: { app: 'one' } })));
  expect(take(tracker).pods).toEqual({ add: ['10.0.0.1'], remove: [] });
  tracker.set(read(service('web', '10.96.0.1', { selector: { app: 'two' } })));
  expect(take(tracker).pods).toEqual({ add: ['10.0.0.2'], remove: ['10.0.0.1'] });
  tracker.set(read(service('web', '10.96.0.1')));
  tracker.set(read(slice('web', ['10.0.0.1'])));
  expect(take(tracker).pods).toEqual({ add: ['10.0.0.1'], remove: ['10.0.0.2'] });
  tracker.remove(read(service('web', '10.96.0.1')));
  expect(take(tracker).pods).toEqual({ add: [], remove: ['10.0.0.1'] });
});

test('other targets at run time; wrong ones change nothing', () => {
  const tracker = tracking({ pods: 'a' }, pod('a', '10.0.0.1'), pod('ab', '10.0.0.2'), pod('b', '10.0.0.3'));
  take(tracker);
  expect(() => tracker.retarget({ ...EVERY_POD, pods: '(' })).toThrow(TargetError);
  expect(take(tracker).pods).toEqual(NOTHING);
  tracker.retarget({ ...EVERY_POD, pods: 'b' });
  expect(take(tracker).pods).toEqual({ add: ['10.0.0.3'], remove: ['10.0.0.1'] });
  expect(tracker.targets.spec.pods).toBe('b');
});

test('whatever happens in whatever order, what is told is what a new tracker finds', () => {
  const name = fc.constantFrom('web-1', 'web-2', 'db');
  const ip = fc.constantFrom('', '10.0.0.1', '10.0.0.2');
  const phase = fc.constantFrom('Running', 'Succeeded');
  const event = fc.oneof(
    fc
      .record({ name, ip, phase, node: fc.constantFrom('n1', 'n2'), app: fc.constantFrom('a', 'b') })
      .map((it) => pod(it.name, it.ip, { phase: it.phase, node: it.node, labels: { app: it.app } })),
    fc.constantFrom('a', 'b').map((app) => service('web', '10.96.0.1', { selector: { app } })),
    fc.uniqueArray(ip.filter((it) => it !== '')).map((ips) => slice('web', ips)),
  );
  const step = fc.record({ event, removed: fc.boolean(), take: fc.boolean() });
  fc.assert(
    fc.property(
      fc.constantFrom<Partial<TargetSpec>>({ pods: 'web' }, { refs: ['svc/web'] }),
      fc.array(step),
      (part, steps) => {
        const tracker = tracking(part);
        const told = {
          pods: new Set<string>(),
          services: new Set<string>(),
          n1: new Set<string>(),
          n2: new Set<string>(),
        };
        const objects = new Map<string, KubeObject>();
        const apply = (
          set: Set<string>,
          { add, remove } = { add: [] as string[], remove: [] as string[] },
        ) => {
          for (const entry of add) set.add(entry);
          for (const entry of remove) set.delete(entry);
        };
        const hear = () => {
          const { pods, services, nodes } = take(tracker);
          apply(told.pods, pods);
          apply(told.services, services);
          apply(told.n1, nodes['n1']);
          apply(told.n2, nodes['n2']);
        };
        for (const { event, removed, take } of steps) {
          const object = read(event);
          const key = `${object.kind}/${object.name}`;
          if (removed) {
            tracker.remove(objects.get(key) ?? object);
            objects.delete(key);
          } else {
            tracker.set(object);
            objects.set(key, object);
          }
          if (take) hear();
        }
        hear();
        const fresh = new TargetTracker({ ...EVERY_POD, ...part }, 'remora');
        for (const object of objects.values()) fresh.set(object);
        fresh.takeChange();
        expect([...told.pods].sort()).toEqual([...fresh.pods.entries()].sort());
        expect([...told.services].sort()).toEqual([...fresh.services.entries()].sort());
        expect([...told.n1].sort()).toEqual([...(fresh.nodes.get('n1')?.entries() ?? [])].sort());
        expect([...told.n2].sort()).toEqual([...(fresh.nodes.get('n2')?.entries() ?? [])].sort());
      },
    ),
  );
});
