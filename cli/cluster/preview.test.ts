import { afterAll, beforeAll, expect, test } from 'vitest';
import { KubeServer } from '../../test/kube/server.ts';
import { Kube } from '../kube/client.ts';
import { countPods, findPods, noPods, podTable } from './preview.ts';
import { readTargets, type WantedPods } from './targets.ts';

const never = new AbortController().signal;
let server: KubeServer;
let kube: Kube;

function pod(namespace: string, name: string, app: string, node: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-5d9c7-${node}x`,
      namespace,
      labels: { app, 'pod-template-hash': '5d9c7' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-5d9c7`, uid: 'u', controller: true },
      ],
    },
    spec: { nodeName: node, containers: [{ name: 'c', image: 'i' }] },
    status: { phase: 'Running', podIP: '10.78.1.5' },
  };
}

beforeAll(async () => {
  const objects = [
    pod('shop', 'catalogue', 'catalogue', 'n1'),
    pod('shop', 'catalogue', 'catalogue', 'n2'),
    pod('shop', 'front-end', 'web', 'n1'),
    pod('payments', 'ledger', 'ledger', 'n2'),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'store', namespace: 'shop' },
      spec: { selector: { app: 'catalogue' }, ports: [{ port: 80 }] },
    },
  ];
  server = await KubeServer.start({ nodes: ['n1', 'n2'], controllers: false, objects: objects as never });
  kube = Kube.open({ kubeconfig: server.kubeconfig() });
});
afterAll(async () => {
  kube.close();
  await server.stop();
});

const targets = (wanted: Partial<WantedPods>, selector = '') =>
  readTargets(
    { pods: '', refs: [], namespaces: undefined, ...wanted },
    { excludeNamespace: [], selector },
    'shop',
  );
const names = async (...of: Parameters<typeof targets>) =>
  (await findPods(kube, targets(...of), 'remora', never)).map(({ name }) => name);

test('pods by name, label, workload and service; of one namespace or all', async () => {
  expect(await names({ pods: '^cat' })).toEqual(['catalogue-5d9c7-n1x', 'catalogue-5d9c7-n2x']);
  expect(await names({}, 'app in (web)')).toEqual(['front-end-5d9c7-n1x']);
  expect(await names({ refs: ['deploy/front-end'] })).toEqual(['front-end-5d9c7-n1x']);
  expect(await names({ refs: ['svc/store'] })).toHaveLength(2);
  expect(await names({ namespaces: [] })).toHaveLength(4);
});

test('the table is aligned, and long ones are cut', async () => {
  const pods = await findPods(kube, targets({}), 'remora', never);
  expect(podTable(pods).split('\n')).toEqual([
    '  NAMESPACE  POD                  WORKLOAD              NODE',
    '  shop       catalogue-5d9c7-n1x  deployment/catalogue  n1',
    '  shop       catalogue-5d9c7-n2x  deployment/catalogue  n2',
    '  shop       front-end-5d9c7-n1x  deployment/front-end  n1',
  ]);
  expect(countPods(pods)).toBe('3 pods on 2 nodes');
  const many = Array.from({ length: 25 }, () => pods[0]!);
  expect(podTable(many).split('\n').at(-1)).toBe('  and 5 more');
});

const remedy = async (...of: Parameters<typeof targets>) =>
  (await noPods(kube, targets(...of), never)).remedy;

test('when none match: what was probably meant', async () => {
  expect(await remedy({ pods: 'ctalogue' })).toContain(
    'Did you mean catalogue? There are: catalogue-5d9c7-n1x',
  );
  expect(await remedy({ refs: ['svc/stroe'] })).toContain('Did you mean svc/store?');
  expect(await remedy({ pods: 'zzz' })).toContain('Pods there are of: catalogue, front-end.');
  expect(await remedy({ pods: 'ledger' })).toContain('in other namespaces: payments (1)');
  expect(await remedy({ namespaces: ['shpo'] })).toContain('There is no namespace shpo. Did you mean shop?');
  expect(await remedy({ namespaces: ['default'] })).toContain('No pods run in that namespace.');
  expect(await remedy({ pods: 'zzz' })).toContain('--wait');
});

test('who may look into one namespace only gets the hints of that one', async () => {
  server.addUser('local', [{ verbs: ['list'], apiGroups: [''], resources: ['pods'] }], ['shop']);
  const local = Kube.open({ kubeconfig: server.kubeconfig('local') });
  const error = await noPods(local, targets({ pods: 'ledger' }), never);
  expect(error.remedy).toContain('Pods there are of: catalogue, front-end.');
  local.close();
});
