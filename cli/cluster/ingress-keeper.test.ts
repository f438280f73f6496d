import { afterEach, beforeEach, expect, test } from 'vitest';
import { networkPolicy } from '../../deploy/network-policy.ts';
import type { Health } from '../../flow/api.ts';
import { KubeServer } from '../../test/kube/server.ts';
import { Kube } from '../kube/client.ts';
import type { Terminal } from '../output/terminal.ts';
import type { HubIngress } from './hub-ingress.ts';
import { IngressKeeper } from './ingress-keeper.ts';

const NODES = ['10.77.0.1/32', '10.77.0.2/32'];
const labels = {
  'app.kubernetes.io/name': 'remora',
  'app.kubernetes.io/instance': 'remora',
  'app.kubernetes.io/component': 'worker',
};

let server: KubeServer;
let kube: Kube;
let stop: AbortController;
let told: string[];
let ours: boolean;
beforeEach(async () => {
  server = await KubeServer.start({
    nodes: ['node1', 'node2'],
    objects: [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'x', namespace: 'remora' } }],
  });
  kube = Kube.open({ kubeconfig: server.kubeconfig() });
  stop = new AbortController();
  told = [];
  ours = true;
  await kube.apply(networkPolicy('remora', NODES) as never);
});
afterEach(async () => {
  stop.abort();
  kube.close();
  await server.stop();
});

function keeper(ingress: Partial<HubIngress> = {}, pace = 0.01): IngressKeeper {
  const terminal = { warn: (text: string) => told.push(text), detail: () => {} } as unknown as Terminal;
  const whole = { nodeCidrs: NODES, cilium: false, derived: true, ...ingress };
  return new IngressKeeper({
    kube,
    terminal,
    namespace: 'remora',
    ingress: whole,
    isOurs: async () => ours,
    pace,
  });
}

async function startWorkers(): Promise<void> {
  const spec = { containers: [{ name: 'worker', image: 'x' }] };
  const metadata = { name: 'remora-worker', namespace: 'remora' };
  await kube.apply({
    ...{ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  } as never);
  const ready = () =>
    (
      server.objects.get('daemonsets', 'remora', 'remora-worker')?.['status'] as
        | { numberReady?: number }
        | undefined
    )?.numberReady;
  await expect.poll(ready).toBe(2);
}

const health =
  (...nodes: string[]) =>
  async () =>
    ({ workers: nodes.map((node) => ({ node })) }) as Health;
/** What the policy lets in; undefined: any address. */
function admitted(): string[] | undefined {
  const spec = server.objects.get('networkpolicies', 'remora', 'remora-hub')?.['spec'] as {
    ingress: { from?: { ipBlock?: { cidr: string } }[] }[];
  };
  return spec.ingress[0]?.from?.flatMap(({ ipBlock }) => ipBlock?.cidr ?? []);
}

test('workers that all reached the hub: the policy stays as it is', async () => {
  await startWorkers();
  await keeper().untilReached(health('node1', 'node2'), stop.signal);
  expect(admitted()).toEqual(NODES);
  expect(told).toEqual([]);
});

test('a worker that runs and does not reach the hub: any address is let in, and why is told with the way out', async () => {
  await startWorkers();
  await keeper().untilReached(health('node1'), stop.signal);
  expect(admitted()).toBeUndefined();
  expect(told).toEqual([
    expect.stringMatching(/^the worker on node2 did not reach the hub, .*--node-cidr CIDR/),
  ]);
});

test('while no worker runs, or the hub does not answer, nothing is opened', async () => {
  let asked = 0;
  const counted = (answer: () => Promise<Health>) => () => {
    asked++;
    return answer();
  };
  const idle = keeper({}, 0.001).untilReached(counted(health()), stop.signal);
  await expect.poll(() => asked).toBeGreaterThan(30);
  stop.abort();
  await idle;
  stop = new AbortController();
  await startWorkers();
  asked = 0;
  const silent = async () => await Promise.reject(new Error('no hub'));
  const waiting = keeper({}, 0.001).untilReached(counted(silent), stop.signal);
  await expect.poll(() => asked).toBeGreaterThan(30);
  stop.abort();
  await waiting;
  expect(told).toEqual([]);
  expect(admitted()).toEqual(NODES);
});

test("a policy that is another session's by now is left alone", async () => {
  await startWorkers();
  ours = false;
  await keeper().untilReached(health(), stop.signal);
  expect(admitted()).toEqual(NODES);
  expect(told).toEqual([]);
});

test('nodes that come and go: the policy follows, and is written only when it has to change', async () => {
  const version = () =>
    server.objects.get('networkpolicies', 'remora', 'remora-hub')?.metadata.resourceVersion;
  const lists = () =>
    server.requests.filter(({ resource, verb }) => resource === 'nodes' && verb === 'list').length;
  const [before, listed] = [version(), lists()];
  const following = keeper({}, 0.001).follow(stop.signal);
  await expect.poll(lists).toBeGreaterThan(listed + 2);
  expect(version()).toBe(before);
  server.addNode('node3', '10.77.0.3');
  await expect.poll(admitted).toEqual([...NODES, '10.77.0.3/32']);
  server.objects.remove('nodes', '', 'node1');
  await expect.poll(admitted).toEqual(['10.77.0.2/32', '10.77.0.3/32']);
  expect(told).toEqual([]);
  stop.abort();
  await following;
});

test('an error while following is told once, and following goes on', async () => {
  server.faults.add({ resource: 'nodes', verb: 'list' }, { kind: 'answer', code: 500 });
  const following = keeper({}, 0.001).follow(stop.signal);
  await expect.poll(() => told.length, { timeout: 20_000 }).toBe(1);
  expect(told[0]).toContain('workers on new nodes may not reach the hub');
  server.faults.clear();
  server.addNode('node3', '10.77.0.3');
  await expect.poll(admitted).toEqual([...NODES, '10.77.0.3/32']);
  expect(told).toHaveLength(1);
  stop.abort();
  await following;
});

test('nodes that may not be seen any more: any address is let in, and that is told', async () => {
  server.faults.add({ resource: 'nodes', verb: 'list' }, { kind: 'answer', code: 403 });
  await keeper({}, 0.001).follow(stop.signal);
  expect(admitted()).toBeUndefined();
  expect(told).toEqual([expect.stringMatching(/any address now: you may not list nodes\. .*--node-cidr/)]);
});

test('addresses that were given are not followed', async () => {
  server.addNode('node3', '10.77.0.3');
  await keeper({ derived: false }, 0.001).follow(stop.signal);
  expect(admitted()).toEqual(NODES);
});
