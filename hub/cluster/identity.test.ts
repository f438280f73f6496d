import { describe, expect, test } from 'vitest';
import { hasClusterCaptures, readApiAnswer } from '../../test/kubernetes/captures.ts';
import { list, node, pod, service, slice } from '../../test/kubernetes/cluster.ts';
import { Identity } from './identity.ts';
import { identityOf } from './objects-file.ts';
import { parseObjects, readObject } from './read-objects.ts';

const at = (clock: string) => Date.parse(`2026-11-21T${clock}Z`) * 1000;
const read = (object: Record<string, unknown>) => readObject(String(object['kind']), object)!;
const snapshot = (...objects: object[]) => identityOf(parseObjects(list(...objects)));

describe('pods by address', () => {
  test('of a snapshot: the one that had it at the time', () => {
    const identity = snapshot(
      pod('job', '10.0.0.5', {
        ...{ phase: 'Succeeded', startTime: '2026-11-21T09:00:00Z', finishedAt: '2026-11-21T09:10:00Z' },
      }),
      pod('web', '10.0.0.5', { startTime: '2026-11-21T09:20:00Z' }),
    );
    const name = (clock: string) => identity.pod('10.0.0.5', at(clock))?.name;
    expect(name('09:05:00')).toBe('job');
    expect(name('09:21:00')).toBe('web');
    expect(name('23:00:00')).toBe('web');
    expect(identity.pod('10.0.0.6', at('09:05:00'))).toBeUndefined();
  });

  test('of a snapshot without times: the one that runs', () => {
    const done = pod('job', '10.0.0.5', { phase: 'Succeeded' });
    const running = pod('web', '10.0.0.5');
    for (const objects of [
      [done, running],
      [running, done],
    ]) {
      expect(snapshot(...objects).pod('10.0.0.5', at('09:00:00'))?.name).toBe('web');
    }
  });

  test('of a snapshot: the only owner, where the clock of the capture is not the cluster’s', () => {
    const identity = snapshot(pod('web', '10.0.0.5', { startTime: '2026-11-21T09:20:00Z' }));
    expect(identity.pod('10.0.0.5', at('08:00:00'))?.name).toBe('web');
  });

  test('of a watch: each owner in its time, and for a while after a deletion by force', () => {
    const identity = new Identity();
    const first = read(pod('a', '10.0.0.5'));
    const second = read(pod('b', '10.0.0.5', { namespace: 'other' }));
    identity.set(first, at('09:00:00'));
    identity.remove(first, at('09:10:00'));
    expect(identity.pod('10.0.0.5', at('09:10:10'))?.name).toBe('a');
    expect(identity.pod('10.0.0.5', at('09:11:00'))).toBeUndefined();
    identity.set(second, at('09:10:20'));
    expect(identity.pod('10.0.0.5', at('09:05:00'))?.name).toBe('a');
    expect(identity.pod('10.0.0.5', at('09:10:20'))).toMatchObject({ name: 'b', namespace: 'other' });
    expect(identity.pods).toBe(1);
  });

  test('a pod that is made again under its name, with or without another address', () => {
    const identity = new Identity();
    identity.set(read(pod('store-0', '10.0.0.5', { uid: '1', node: 'node-a' })), at('09:00:00'));
    identity.set(read(pod('store-0', '', { uid: '2', node: 'node-b' })), at('09:10:00'));
    identity.set(read(pod('store-0', '10.0.0.6', { uid: '2', node: 'node-b' })), at('09:10:05'));
    expect(identity.pod('10.0.0.5', at('09:05:00'))?.node).toBe('node-a');
    expect(identity.pod('10.0.0.5', at('09:20:00'))).toBeUndefined();
    expect(identity.pod('10.0.0.6', at('09:20:00'))?.node).toBe('node-b');
  });

  test('a pod that finishes gives its address up', () => {
    const identity = new Identity();
    identity.set(read(pod('job', '10.0.0.5')), at('09:00:00'));
    identity.set(read(pod('job', '10.0.0.5', { phase: 'Succeeded' })), at('09:10:00'));
    expect(identity.pod('10.0.0.5', at('09:05:00'))?.name).toBe('job');
    expect(identity.pod('10.0.0.5', at('09:20:00'))).toBeUndefined();
  });

  test('pods of hostNetwork and with a hostPort, by address and port', () => {
    const identity = snapshot(
      pod('agent', '10.1.0.1', { hostNetwork: true, ports: [9100] }),
      pod('proxy', '10.1.0.1', { hostNetwork: true, ports: [80, 443] }),
      pod('silent', '10.1.0.1', { hostNetwork: true, ports: [] }),
      pod('cache', '10.0.0.9', { ports: [{ containerPort: 6379, hostPort: 16_379 }], hostIP: '10.1.0.1' }),
      pod('one', '10.1.0.1', { hostNetwork: true, ports: [7000] }),
      pod('two', '10.1.0.1', { hostNetwork: true, ports: [7000] }),
    );
    const name = (port: number) => identity.hostPod('10.1.0.1', port, at('09:00:00'))?.name;
    expect([name(9100), name(443), name(16_379), name(6379), name(7000), name(22)]).toEqual([
      ...['agent', 'proxy', 'cache'],
      ...[undefined, undefined, undefined],
    ]);
    expect(identity.pod('10.1.0.1', at('09:00:00'))).toBeUndefined();
    expect(identity.pod('10.0.0.9', at('09:00:00'))?.name).toBe('cache');
  });

  test('a hundred thousand pods that come and go are forgotten in the order in which they went', () => {
    const identity = new Identity();
    const short = (n: number) => read(pod(`p${n}`, `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`));
    for (let n = 0; n < 60_000; n++) {
      identity.set(short(n), at('09:00:00') + n);
      identity.remove(short(n), at('09:00:00') + n + 1);
    }
    const owner = (n: number) =>
      identity.pod(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, at('09:00:00') + n);
    expect(owner(9999)).toBeUndefined();
    expect(owner(10_001)?.name).toBe('p10001');
    expect(identity.pods).toBe(0);
  });

  test('one address for ten thousand pods: a hostile file is read, and costs no more than others', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => pod(`p${n}`, '10.0.0.5'));
    expect(snapshot(...many).pod('10.0.0.5', at('09:00:00'))).toBeDefined();
  });
});

describe('services', () => {
  const balanced = {
    externalIPs: ['192.0.2.1'],
    ingress: ['192.0.2.2'],
    ports: [{ port: 80, nodePort: 30_080 }],
  };

  test('by address and by the port of a node', () => {
    const identity = snapshot(service('web', '10.9.0.1', balanced), service('none', 'None'));
    expect(identity.service('10.9.0.1', 80)).toEqual({ name: 'web', namespace: 'shop' });
    expect(identity.service('10.9.0.1', 81)?.name).toBe('web');
    expect(identity.service('192.0.2.1', 80)?.name).toBe('web');
    expect(identity.service('192.0.2.2', 80)?.name).toBe('web');
    expect(identity.service('192.0.2.2', 22)).toBeUndefined();
    expect(identity.nodePort(30_080)?.name).toBe('web');
    expect(identity.service('None', 80)).toBeUndefined();
  });

  test('two with one external address are told apart by their ports', () => {
    const identity = snapshot(
      service('web', '10.9.0.1', { externalIPs: ['192.0.2.1'], ports: [{ port: 80 }] }),
      service('mail', '10.9.0.2', { externalIPs: ['192.0.2.1'], ports: [{ port: 25 }] }),
    );
    expect(identity.service('192.0.2.1', 25)?.name).toBe('mail');
  });

  test('changed and removed', () => {
    const identity = new Identity();
    identity.set(read(service('web', '10.9.0.1', balanced)), 0);
    identity.set(read(service('web', '10.9.0.2', { ports: [{ port: 80, nodePort: 30_081 }] })), 1);
    expect(identity.service('10.9.0.1', 80)).toBeUndefined();
    expect(identity.service('192.0.2.1', 80)).toBeUndefined();
    expect(identity.nodePort(30_080)).toBeUndefined();
    expect(identity.nodePort(30_081)?.name).toBe('web');
    identity.remove(read(service('web', '10.9.0.2')), 2);
    expect(identity.service('10.9.0.2', 80)).toBeUndefined();
    expect(identity.nodePort(30_081)).toBeUndefined();
  });

  test('by endpoint, as slices change', () => {
    const identity = new Identity();
    identity.set(read(slice('web', ['10.0.0.5', '10.0.0.6'])), 0);
    identity.set(read(slice('web', ['10.0.0.5'], { name: 'web-other' })), 0);
    identity.set(read(slice('web-headless', ['10.0.0.5'])), 0);
    const services = (ip: string, port = 8080) => identity.servicesOf(ip, port).map(({ name }) => name);
    expect(services('10.0.0.5')).toEqual(['web', 'web-headless']);
    expect(services('10.0.0.5', 9)).toEqual([]);
    identity.set(read(slice('web', ['10.0.0.7'])), 1);
    expect(services('10.0.0.6')).toEqual([]);
    expect(services('10.0.0.7')).toEqual(['web']);
    expect(services('10.0.0.5')).toContain('web');
    identity.remove(read(slice('web', [], { name: 'web-other' })), 2);
    expect(services('10.0.0.5')).toEqual(['web-headless']);
  });

  test('by selector, where a service has no slice', () => {
    const identity = snapshot(
      pod('web-1', '10.0.0.5', {
        labels: { app: 'web', tier: 'front' },
        ports: [{ name: 'http', containerPort: 8080 }],
      }),
      pod('web-2', '10.0.0.6', { labels: { app: 'web' }, ports: [{ name: 'http', containerPort: 9090 }] }),
      pod('other', '10.0.0.7', { namespace: 'other', labels: { app: 'web' } }),
      pod('done', '10.0.0.8', { labels: { app: 'web' }, phase: 'Succeeded' }),
      service('web', '10.9.0.1', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] }),
      service('front', '10.9.0.2', { selector: { app: 'web', tier: 'front' } }),
      service('sliced', '10.9.0.3', { selector: { app: 'web' } }),
      slice('sliced', ['10.0.0.6'], { port: 9090 }),
      service('manual', '10.9.0.4'),
    );
    const services = (ip: string, port: number) => identity.servicesOf(ip, port).map(({ name }) => name);
    expect(services('10.0.0.5', 8080)).toEqual(['web', 'front']);
    expect(services('10.0.0.6', 9090)).toEqual(['sliced', 'web']);
    expect(services('10.0.0.7', 8080)).toEqual([]);
    expect(services('10.0.0.8', 8080)).toEqual([]);
  });
});

describe('nodes', () => {
  test('by their addresses, and by those they have among their pods', () => {
    const identity = snapshot(
      node('a', '10.1.0.1', { podCIDR: '10.2.128.0/20' }),
      node('b', '10.1.0.2', {
        podCIDR: 'fd00:1::/64',
        annotations: { 'network.cilium.io/ipv4-cilium-host': '10.2.9.77' },
      }),
    );
    const addresses = ['10.1.0.1', '10.2.128.0', '10.2.128.1', '10.2.128.2', 'fd00:1::1', '10.2.9.77', 'b'];
    expect(addresses.map((ip) => identity.node(ip))).toEqual(['a', 'a', 'a', undefined, 'b', 'b', undefined]);
  });

  test('where no block is declared, by the pods: the first addresses of what only one node has', () => {
    const identity = snapshot(
      pod('a', '10.2.1.7', { node: 'a' }),
      pod('b', '10.2.2.7', { node: 'b' }),
      pod('c', '10.2.3.7', { node: 'a' }),
      pod('d', '10.2.3.8', { node: 'b' }),
      pod('e', 'fd00:0:0:5::7', { node: 'b' }),
      pod('host', '10.1.0.5', { node: 'b', hostNetwork: true }),
    );
    const addresses = ['10.2.1.1', '10.2.2.0', '10.2.3.1', 'fd00:0:0:5::1', '10.1.0.1', '10.2.1.2'];
    expect(addresses.map((ip) => identity.node(ip))).toEqual([
      'a',
      'b',
      undefined,
      'b',
      undefined,
      undefined,
    ]);
  });

  test('changed and removed', () => {
    const identity = new Identity();
    identity.set(read(node('a', '10.1.0.1')), 0);
    identity.set(read(node('a', '10.1.0.9')), 1);
    expect(identity.node('10.1.0.1')).toBeUndefined();
    expect(identity.nodeAddresses('a')).toEqual(['10.1.0.9']);
    identity.remove(read(node('a', '10.1.0.9')), 2);
    expect(identity.node('10.1.0.9')).toBeUndefined();
  });
});

describe.skipIf(!hasClusterCaptures)('a real cluster in the middle of changes', () => {
  interface Event {
    type: string;
    object: { kind: string };
  }

  /** The recorded watch, played as if each event came when the pods' controller says it changed something. */
  function play(identity: Identity): void {
    const times = JSON.parse(readApiAnswer('churn-watch-pods.ndjson.times.json')) as {
      startedMs: number;
      chunks: [ms: number, bytes: number][];
    };
    let bytes = 0;
    for (const line of readApiAnswer('churn-watch-pods.ndjson').trimEnd().split('\n')) {
      bytes += Buffer.byteLength(line) + 1;
      const [ms] = times.chunks.find(([, received]) => received >= bytes) ?? times.chunks.at(-1)!;
      const { type, object } = JSON.parse(line) as Event;
      const found = readObject(object.kind, object);
      if (found === undefined || type === 'BOOKMARK') continue;
      const time = (times.startedMs + ms) * 1000;
      if (type === 'DELETED') identity.remove(found, time);
      else identity.set(found, time);
    }
  }

  const identity = new Identity();
  for (const object of parseObjects(readApiAnswer('churn-00-pods.json')))
    identity.set(object, at('09:13:18'));
  play(identity);

  test.each([
    ['10.78.1.31', '09:13:37', 'churn/reuse-a'],
    ['10.78.1.31', '09:13:45', 'churn2/reuse-b'],
    ['10.78.1.32', '09:13:44', 'churn/job-done'],
    ['10.78.1.32', '09:13:52', 'churn2/reuse-c'],
    ['10.78.1.26', '09:13:22', 'churn/web-6dc9f59646-6gkt8'],
    ['10.78.1.3', '09:15:00', 'lab/client-1'],
  ])('%s at %s was %s', (ip, clock, name) => {
    const owner = identity.pod(ip, at(clock));
    expect(`${owner?.namespace}/${owner?.name}`).toBe(name);
  });

  test('in the end it knows the pods that are left', () => {
    const left = parseObjects(readApiAnswer('churn-99-pods.json'));
    expect(identity.pods).toBe(left.length);
  });
});

test('a node has left where nodes are known, and it is none', () => {
  const identity = new Identity();
  expect(identity.nodeHasLeft('a')).toBe(false);
  const [a, b] = [node('a', '192.0.2.1'), node('b', '192.0.2.2')].map(read);
  identity.set(a!, 0);
  identity.set(b!, 0);
  expect(identity.nodeHasLeft('a')).toBe(false);
  identity.remove(a!, 1);
  expect(identity.nodeHasLeft('a')).toBe(true);
});
