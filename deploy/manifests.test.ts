import { dumpYaml, type KubernetesObject, loadYaml } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseArguments as parseHub } from '../hub/arguments.ts';
import { parseArguments as parseWorker } from '../worker/arguments.ts';
import { manifests } from './manifests.ts';
import { labels, selectorLabels } from './names.ts';
import { admittedCidrs, networkPolicy } from './network-policy.ts';
import { type Credentials, type DeployOptions, defaultOptions } from './options.ts';

const CREDENTIALS: Credentials = {
  caCertificate: 'ca',
  serverCertificate: 'certificate',
  serverKey: 'key',
  token: 'token-of-browsers',
  workerToken: 'token-of-workers',
};

// biome-ignore lint/suspicious/noExplicitAny: what is looked at is JSON of many shapes
type Json = any;

function deploy(change: (options: DeployOptions) => void = () => {}): Json[] {
  const options = { ...defaultOptions(), credentials: { ...CREDENTIALS } };
  change(options);
  return manifests(options);
}

function find(objects: Json[], kind: string, name?: string): Json {
  const found = objects.filter((o) => o.kind === kind && (name === undefined || o.metadata.name === name));
  expect(found).toHaveLength(1);
  return found[0];
}

const pod = (objects: Json[], kind: string) => find(objects, kind).spec.template;
const kinds = (objects: Json[]) => objects.map(({ kind }) => kind);
const names = (objects: Json[]) => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);

const EVERYTHING = (options: DeployOptions) => {
  options.image.pullSecrets = ['mirror'];
  options.hub.volumeClaim = { size: '10Gi', storageClass: 'fast' };
  options.hub.nodeCidrs = ['10.0.0.0/8', 'fd00::/8'];
  options.worker.redactField = ['iban2'];
  options.worker.redactKeep = ['zip'];
};

test('objects come in the order of applying: what others need stands before them', () => {
  expect(names(deploy())).toEqual([
    'Namespace/remora',
    'ServiceAccount/remora-hub',
    'ServiceAccount/remora-worker',
    'ClusterRole/remora-hub',
    'ClusterRoleBinding/remora-hub',
    'Secret/remora',
    'ConfigMap/remora',
    'NetworkPolicy/remora-hub',
    'Service/remora-hub',
    'Deployment/remora-hub',
    'DaemonSet/remora-worker',
  ]);
});

test('equal options give equal objects', () => {
  expect(deploy(EVERYTHING)).toEqual(deploy(EVERYTHING));
});

test.each([
  ['the default', () => {}],
  ['everything', EVERYTHING],
  [
    'namespaces only',
    (o: DeployOptions) => {
      o.namespaceOnly = ['shop'];
    },
  ],
])('the client library knows every field of every object: %s', (_, change) => {
  for (const object of deploy(change)) {
    // Fields that the library's types do not have get lost on the way through them.
    expect(parse(dumpYaml(loadYaml<KubernetesObject>(stringify(object))))).toEqual(object);
  }
});

test('every object bears the labels it is found by, and all but those of the cluster the namespace', () => {
  for (const object of deploy((options) => {
    options.namespace = 'watch';
  })) {
    expect(object.metadata.labels).toMatchObject({
      'app.kubernetes.io/name': 'remora',
      'app.kubernetes.io/instance': 'remora',
      'app.kubernetes.io/managed-by': 'remora',
      'app.kubernetes.io/version': expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    const ofCluster = ['Namespace', 'ClusterRole', 'ClusterRoleBinding'].includes(object.kind);
    expect(object.metadata.namespace).toBe(ofCluster ? undefined : 'watch');
  }
});

test('no name of the default namespace is left when another is given', () => {
  const text = JSON.stringify(
    deploy((options) => {
      options.namespace = 'watch';
    }),
  );
  expect(text).not.toMatch(/remora-hub\.remora|"namespace":"remora"/);
  expect(text).toContain('wss://remora-hub.watch.svc:8898/worker');
  expect(text).toContain('--allowed-host=remora-hub.watch.svc');
});

test.each(['Deployment', 'DaemonSet'])('the selector of the %s finds its own pods and no others', (kind) => {
  const objects = deploy();
  const { selector, template } = find(objects, kind).spec;
  expect(template.metadata.labels).toMatchObject(selector.matchLabels);
  const other = pod(objects, kind === 'Deployment' ? 'DaemonSet' : 'Deployment');
  expect(other.metadata.labels).not.toMatchObject(selector.matchLabels);
  // A selector cannot be changed later: nothing in it may change with a version.
  expect(Object.values(selector.matchLabels)).not.toContain(labels()['app.kubernetes.io/version']);
});

test('the namespace allows what workers are, and is marked as made by us', () => {
  expect(find(deploy(), 'Namespace').metadata.labels).toMatchObject({
    'pod-security.kubernetes.io/enforce': 'privileged',
    'app.kubernetes.io/managed-by': 'remora',
  });
  expect(
    kinds(
      deploy((o) => {
        o.createNamespace = false;
      }),
    ),
  ).not.toContain('Namespace');
});

test('a worker has the network of its node, NET_RAW, and nothing else', () => {
  const { spec } = pod(deploy(), 'DaemonSet');
  expect(spec).toMatchObject({
    hostNetwork: true,
    dnsPolicy: 'ClusterFirstWithHostNet',
    automountServiceAccountToken: false,
    tolerations: [{ operator: 'Exists' }],
    securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
  });
  for (const field of ['hostPID', 'hostIPC', 'priorityClassName', 'initContainers'])
    expect(spec[field]).toBe(undefined);
  expect(spec.containers).toHaveLength(1);
  const [container] = spec.containers;
  expect(container.securityContext).toEqual({
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], add: ['NET_RAW'] },
    runAsUser: 0,
  });
  expect(container.ports).toBe(undefined);
  const kinds = spec.volumes.flatMap(({ name: _, ...volume }: Json) => Object.keys(volume));
  expect(kinds).toEqual(['secret', 'emptyDir', 'emptyDir']);
});

test('packets are kept in an emptyDir with room to spare, and their key in one that is in memory', () => {
  const { spec } = pod(deploy(), 'DaemonSet');
  expect(spec.volumes.slice(1)).toEqual([
    { name: 'packets', emptyDir: { sizeLimit: '576Mi' } },
    { name: 'packet-key', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
  ]);
  expect(spec.containers[0].volumeMounts.slice(1)).toEqual([
    { name: 'packets', mountPath: '/packets' },
    { name: 'packet-key', mountPath: '/packet-key' },
  ]);
  expect(spec.containers[0].securityContext.readOnlyRootFilesystem).toBe(true);
});

test.each<[string, Partial<DeployOptions['worker']>]>([
  ['in memory', { recordOn: 'memory' }],
  ['nowhere', { recordLimit: 0 }],
])('where packets are kept %s nothing is written', (_where, worker) => {
  const { spec } = pod(
    deploy((options) => {
      Object.assign(options.worker, worker);
    }),
    'DaemonSet',
  );
  expect(spec.volumes).toHaveLength(1);
  expect(spec.containers[0].volumeMounts).toHaveLength(1);
  expect(spec.containers[0].args.join()).not.toContain('-dir');
});

test('a worker sees the authority and its own token of the secret, and no more', () => {
  const { spec } = pod(deploy(), 'DaemonSet');
  expect(spec.volumes[0].secret.items).toEqual([{ key: 'ca.crt', path: 'ca.crt' }]);
  const keys = spec.containers[0].env.map((variable: Json) => variable.valueFrom.secretKeyRef?.key);
  expect(keys.filter(Boolean)).toEqual(['worker-token']);
});

test('what is asked of the worker is what it is started with', () => {
  const { args, env } = pod(
    deploy((options) => {
      EVERYTHING(options);
      options.worker.snaplen = 1000;
      options.worker.bufferSize = 2000;
      options.worker.maxBody = 0;
      options.worker.recordLimit = 3000;
      options.worker.recordOn = 'disk';
    }),
    'DaemonSet',
  ).spec.containers[0];
  expect(args).toEqual([
    '--hub=wss://remora-hub.remora.svc:8898/worker',
    '--ca=/etc/remora/ca/ca.crt',
    '--node=$(NODE_NAME)',
    '--interface=any',
    '--targets=hub',
    '--keep-trying',
    '--snaplen=1000',
    '--buffer-size=2000',
    '--max-body=0',
    '--record-limit=3000',
    '--record-dir=/packets',
    '--record-key-dir=/packet-key',
    '--redact-field=iban2',
    '--redact-keep=zip',
  ]);
  expect(env[0]).toEqual({
    name: 'NODE_NAME',
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } },
  });
});

test.each([
  ['the default', () => {}],
  ['everything', EVERYTHING],
  [
    'namespaces only',
    (o: DeployOptions) => {
      o.namespaceOnly = ['shop', 'billing'];
    },
  ],
])('hub and worker understand what they are started with: %s', (_, change) => {
  const objects = deploy(change);
  const args = (kind: string): string[] => pod(objects, kind).spec.containers[0].args;
  expect(parseHub(args('Deployment'))).toMatchObject({
    mode: 'cluster',
    host: '::',
    port: 8898,
    dataDir: '/data',
    storageLimit: 2 * 2 ** 30,
    allowedHosts: ['remora-hub.remora.svc'],
    tls: { cert: '/etc/remora/tls/tls.crt', key: '/etc/remora/tls/tls.key' },
  });
  expect(parseWorker(args('DaemonSet'))).toMatchObject({
    hub: 'wss://remora-hub.remora.svc:8898/worker',
    source: { kind: 'live', interface: 'any' },
  });
});

test('the hub satisfies the strictest level of Pod Security', () => {
  const { spec } = pod(deploy(), 'Deployment');
  expect(spec.securityContext).toMatchObject({
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  expect(spec.securityContext.runAsUser).toBeGreaterThan(0);
  expect(spec.containers[0].securityContext).toEqual({
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  expect(spec.hostNetwork).toBe(undefined);
});

test('there is one hub at a time, asked over HTTPS whether it is well', () => {
  const { spec } = find(deploy(), 'Deployment');
  expect(spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  const [hub] = spec.template.spec.containers;
  expect(hub.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'https', scheme: 'HTTPS' });
  expect(hub.startupProbe.httpGet).toEqual({ path: '/healthz', port: 'https', scheme: 'HTTPS' });
  expect(hub.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'https', scheme: 'HTTPS' });
  expect(hub.ports).toEqual([{ name: 'https', containerPort: 8898, protocol: 'TCP' }]);
});

test.each(['Deployment', 'DaemonSet'])('%s: requests and limits are as given', (kind) => {
  const resources = { requests: { cpu: '1m', memory: '2Mi' }, limits: { memory: '3Mi' } };
  const objects = deploy((options) => {
    options.hub.resources = resources;
    options.worker.resources = resources;
  });
  expect(pod(objects, kind).spec.containers[0].resources).toEqual(resources);
  for (const side of ['requests', 'limits']) {
    expect(Object.keys(pod(deploy(), kind).spec.containers[0].resources[side])).toEqual(['cpu', 'memory']);
  }
});

test('images, policy and pull secrets are as given, for both', () => {
  const objects = deploy((options) => {
    options.image = {
      registry: 'mirror.example:5000/team',
      repositoryHub: 'remora-h',
      repositoryWorker: 'remora-w',
      tag: 'v9',
      pullPolicy: 'Never',
      pullSecrets: ['one', 'two'],
    };
  });
  const images = ['Deployment', 'DaemonSet'].map((kind) => {
    const { containers, imagePullSecrets } = pod(objects, kind).spec;
    expect(imagePullSecrets).toEqual([{ name: 'one' }, { name: 'two' }]);
    expect(containers[0].imagePullPolicy).toBe('Never');
    return containers[0].image;
  });
  expect(images).toEqual(['mirror.example:5000/team/remora-h:v9', 'mirror.example:5000/team/remora-w:v9']);
});

test('the hub reads these kinds of the cluster and changes nothing', () => {
  const objects = deploy();
  const read = ['get', 'list', 'watch'];
  expect(find(objects, 'ClusterRole').rules).toEqual([
    { apiGroups: [''], resources: ['pods', 'services', 'nodes', 'namespaces'], verbs: read },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
  ]);
  expect(find(objects, 'ClusterRoleBinding')).toMatchObject({
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'remora-hub' },
    subjects: [{ kind: 'ServiceAccount', name: 'remora-hub', namespace: 'remora' }],
  });
});

test('for namespaces only: roles there, and no object of the cluster, not even the namespace', () => {
  const objects = deploy((options) => {
    options.namespace = 'shop';
    options.namespaceOnly = ['shop', 'billing'];
  });
  expect(kinds(objects).filter((kind) => /^Cluster|^Namespace$/.test(kind))).toEqual([]);
  expect(objects.filter(({ kind }) => kind === 'Role').map(({ metadata }) => metadata.namespace)).toEqual([
    'shop',
    'billing',
  ]);
  for (const { kind, rules, subjects } of objects) {
    if (kind === 'Role')
      expect(rules.flatMap(({ resources }: Json) => resources)).toEqual([
        'pods',
        'services',
        'endpointslices',
      ]);
    // From whichever namespace, it is the one hub that may read.
    if (kind === 'RoleBinding') expect(subjects[0].namespace).toBe('shop');
  }
  expect(pod(objects, 'Deployment').spec.containers[0].args).toContain('--namespaces=shop,billing');
  expect(pod(deploy(), 'Deployment').spec.containers[0].args.join()).not.toContain('--namespaces');
});

test('flows are kept in an emptyDir with room to spare, or in a claim', () => {
  const volume = (objects: Json[]) =>
    pod(objects, 'Deployment').spec.volumes.find((v: Json) => v.name === 'data');
  const GiB = 2 ** 30;
  const temporary = volume(
    deploy((options) => {
      options.hub.storageLimit = 4 * GiB;
    }),
  );
  expect(temporary).toEqual({ name: 'data', emptyDir: { sizeLimit: '5376Mi' } });
  const objects = deploy((options) => {
    options.hub.volumeClaim = { size: '5Gi', storageClass: undefined };
  });
  expect(volume(objects)).toEqual({ name: 'data', persistentVolumeClaim: { claimName: 'remora-hub' } });
  expect(find(objects, 'PersistentVolumeClaim').spec).toEqual({
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '5Gi' } },
  });
  expect(find(deploy(EVERYTHING), 'PersistentVolumeClaim').spec.storageClassName).toBe('fast');
});

test('the network policy opens one port, to the nodes alone where they are known', () => {
  const ports = [{ port: 8898, protocol: 'TCP' }];
  expect(find(deploy(), 'NetworkPolicy').spec).toEqual({
    podSelector: { matchLabels: selectorLabels('hub') },
    policyTypes: ['Ingress'],
    ingress: [{ ports }],
  });
  expect(find(deploy(EVERYTHING), 'NetworkPolicy').spec.ingress).toEqual([
    {
      from: [
        { podSelector: { matchLabels: selectorLabels('worker') } },
        { ipBlock: { cidr: '10.0.0.0/8' } },
        { ipBlock: { cidr: 'fd00::/8' } },
      ],
      ports,
    },
  ]);
});

test('on Cilium a policy of its own lets in the nodes; not where any address may come', () => {
  const cilium = (options: DeployOptions) => {
    options.hub.cilium = true;
  };
  expect(kinds(deploy(cilium))).not.toContain('CiliumNetworkPolicy');
  const objects = deploy((options) => {
    EVERYTHING(options);
    cilium(options);
  });
  const { metadata, spec } = find(objects, 'CiliumNetworkPolicy');
  expect(metadata).toEqual({ name: 'remora-hub', namespace: 'remora', labels: labels('hub') });
  expect(spec).toEqual({
    endpointSelector: { matchLabels: selectorLabels('hub') },
    ingress: [
      {
        fromEntities: ['host', 'remote-node'],
        toPorts: [{ ports: [{ port: '8898', protocol: 'TCP' }] }],
      },
    ],
  });
  expect(kinds(objects).indexOf('CiliumNetworkPolicy')).toBeLessThan(kinds(objects).indexOf('NetworkPolicy'));
});

test('the ranges that a policy lets in can be read back', () => {
  expect(admittedCidrs(networkPolicy('remora', ['10.0.0.0/8', 'fd00::/8']))).toEqual([
    '10.0.0.0/8',
    'fd00::/8',
  ]);
  expect(admittedCidrs(networkPolicy('remora', []))).toBeUndefined();
  // Of others: no rule lets in nothing, an empty list of peers everything.
  expect(admittedCidrs({ spec: { ingress: [] } })).toEqual([]);
  expect(admittedCidrs({ spec: { ingress: [{ from: [], ports: [] }] } })).toBeUndefined();
});

test('the service leads to the hub, ready or not', () => {
  const objects = deploy();
  const { spec } = find(objects, 'Service');
  expect(pod(objects, 'Deployment').metadata.labels).toMatchObject(spec.selector);
  expect(spec.publishNotReadyAddresses).toBe(true);
  expect(spec.ports).toMatchObject([{ port: 8898, targetPort: 'https' }]);
});

test('credentials stand in the secret and nowhere else', () => {
  const objects = deploy();
  const { data } = find(objects, 'Secret');
  const read = (key: string) => Buffer.from(data[key], 'base64').toString();
  expect(Object.keys(data).sort()).toEqual(['ca.crt', 'tls.crt', 'tls.key', 'token', 'worker-token']);
  expect(read('ca.crt')).toBe('ca');
  expect(read('tls.crt')).toBe('certificate');
  expect(read('tls.key')).toBe('key');
  expect(read('token')).toBe('token-of-browsers');
  expect(read('worker-token')).toBe('token-of-workers');
  const others = JSON.stringify(objects.filter(({ kind }) => kind !== 'Secret'));
  expect(others).not.toMatch(/token-of-/);
});

const annotations = (change: (options: DeployOptions) => void) => {
  const objects = deploy(change);
  return ['Deployment', 'DaemonSet'].map((kind) => JSON.stringify(pod(objects, kind).metadata.annotations));
};

test.each([
  [
    'the workers’ token',
    (o: DeployOptions) => {
      o.credentials.workerToken = 'x';
    },
    [true, true],
  ],
  [
    'the authority',
    (o: DeployOptions) => {
      o.credentials.caCertificate = 'x';
    },
    [true, true],
  ],
  [
    'the browsers’ token',
    (o: DeployOptions) => {
      o.credentials.token = 'x';
    },
    [true, false],
  ],
  [
    'the targets',
    (o: DeployOptions) => {
      o.targets.pods = 'x';
    },
    [true, false],
  ],
  [
    'a limit',
    (o: DeployOptions) => {
      o.hub.storageLimit = 1;
    },
    [false, false],
  ],
])('%s: hub and workers are replaced if it concerns them', (_, change, [hub, worker]) => {
  const before = annotations(() => {});
  const after = annotations(change);
  expect(after[0] !== before[0]).toBe(hub);
  expect(after[1] !== before[1]).toBe(worker);
});

test('targets reach the hub as they were given', () => {
  const targets = {
    pods: '(catalo.*|front-end.*)<&>"\\d',
    namespaces: ['sock-shop'],
    excludeNamespaces: ['kube-system'],
    selector: 'app in (a,b)',
    refs: ['deploy/checkout'],
  };
  const objects = deploy((options) => {
    options.targets = targets;
  });
  expect(JSON.parse(find(objects, 'ConfigMap').data['targets.json'])).toEqual(targets);
  const { volumes, containers } = pod(objects, 'Deployment').spec;
  const mount = containers[0].volumeMounts.find(({ name }: Json) => name === 'targets');
  expect(volumes.find(({ name }: Json) => name === 'targets').configMap.name).toBe('remora');
  expect(containers[0].args).toContain(`--targets=${mount.mountPath}/targets.json`);
});

test.each([
  ['', undefined],
  ['Shop', undefined],
  ['a'.repeat(64), undefined],
  ['--all', undefined],
  ['shop', []],
  ['shop', ['shop', 'shop']],
  ['shop', ['shop,kube-system']],
])('namespace %j, only %j: refused', (namespace, namespaceOnly) => {
  const change = (options: DeployOptions) => void Object.assign(options, { namespace, namespaceOnly });
  expect(() => deploy(change)).toThrow(expect.objectContaining({ code: 'DEPLOY_OPTION_INVALID' }));
});
