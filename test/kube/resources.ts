/** The kinds the server knows: what discovery tells of them, and where the real one treats them differently. */

export interface Resource {
  group: string;
  version: string;
  plural: string;
  kind: string;
  namespaced: boolean;
  shortNames: string[];
  /** Other paths below an object, with their kind and verbs: `pods/log`. */
  subresources: Subresource[];
  /** In `kubectl get all`. */
  inAll: boolean;
  /** Served by the watch cache: such watches get bookmarks. Events are not. */
  watchCache: boolean;
  /** A deletion that takes effect at once answers with the object and not with a Status. */
  returnsDeleted: boolean;
  /** Whether a change of `spec` raises `metadata.generation`. */
  counted: boolean;
  /** Only made, never stored: reviews. */
  virtual: boolean;
  /** Of an add-on: only servers that were told so have it. */
  custom: boolean;
}

export interface Subresource {
  name: string;
  kind: string;
  verbs: string[];
  group?: string;
  version?: string;
}

const STATUS_VERBS = ['get', 'patch', 'update'];

const subresource = (name: string, kind: string, ...verbs: string[]): Subresource => ({ name, kind, verbs });
const statusOf = (kind: string): Subresource => subresource('status', kind, ...STATUS_VERBS);
const scale: Subresource = {
  ...subresource('scale', 'Scale', ...STATUS_VERBS),
  group: 'autoscaling',
  version: 'v1',
};

function resource(path: string, kind: string, more: Partial<Resource> = {}): Resource {
  const [group, version, plural] = path.split('/') as [string, string, string];
  return {
    group,
    version,
    plural,
    kind,
    namespaced: true,
    shortNames: [],
    subresources: [],
    inAll: false,
    watchCache: true,
    returnsDeleted: false,
    counted: false,
    virtual: false,
    custom: false,
    ...more,
  };
}

const workload = (short: string, kind: string, ...subresources: Subresource[]): Partial<Resource> => ({
  shortNames: [short],
  subresources: [...subresources, statusOf(kind)],
  inAll: true,
  counted: true,
});

const PROXY_VERBS = ['create', 'delete', 'get', 'patch', 'update'];

export const RESOURCES: readonly Resource[] = [
  resource('/v1/configmaps', 'ConfigMap', { shortNames: ['cm'] }),
  resource('/v1/endpoints', 'Endpoints', { shortNames: ['ep'] }),
  resource('/v1/events', 'Event', { shortNames: ['ev'], watchCache: false }),
  resource('/v1/namespaces', 'Namespace', {
    namespaced: false,
    shortNames: ['ns'],
    subresources: [subresource('finalize', 'Namespace', 'update'), statusOf('Namespace')],
  }),
  resource('/v1/nodes', 'Node', {
    namespaced: false,
    shortNames: ['no'],
    subresources: [subresource('proxy', 'NodeProxyOptions', ...PROXY_VERBS), statusOf('Node')],
  }),
  resource('/v1/persistentvolumeclaims', 'PersistentVolumeClaim', {
    shortNames: ['pvc'],
    subresources: [statusOf('PersistentVolumeClaim')],
    returnsDeleted: true,
  }),
  resource('/v1/pods', 'Pod', {
    shortNames: ['po'],
    inAll: true,
    returnsDeleted: true,
    subresources: [
      subresource('exec', 'PodExecOptions', 'create', 'get'),
      subresource('log', 'Pod', 'get'),
      subresource('portforward', 'PodPortForwardOptions', 'create', 'get'),
      statusOf('Pod'),
    ],
  }),
  resource('/v1/secrets', 'Secret'),
  resource('/v1/serviceaccounts', 'ServiceAccount', {
    shortNames: ['sa'],
    returnsDeleted: true,
    subresources: [
      {
        ...subresource('token', 'TokenRequest', 'create'),
        group: 'authentication.k8s.io',
        version: 'v1',
      },
    ],
  }),
  resource('/v1/services', 'Service', {
    shortNames: ['svc'],
    inAll: true,
    returnsDeleted: true,
    subresources: [statusOf('Service')],
  }),
  resource('apps/v1/controllerrevisions', 'ControllerRevision'),
  resource('apps/v1/daemonsets', 'DaemonSet', workload('ds', 'DaemonSet')),
  resource('apps/v1/deployments', 'Deployment', workload('deploy', 'Deployment', scale)),
  resource('apps/v1/replicasets', 'ReplicaSet', workload('rs', 'ReplicaSet', scale)),
  resource('apps/v1/statefulsets', 'StatefulSet', workload('sts', 'StatefulSet', scale)),
  resource('batch/v1/cronjobs', 'CronJob', workload('cj', 'CronJob')),
  resource('batch/v1/jobs', 'Job', { ...workload('', 'Job'), shortNames: [] }),
  resource('cilium.io/v2/ciliumnetworkpolicies', 'CiliumNetworkPolicy', { counted: true, custom: true }),
  resource('cilium.io/v2/ciliumnodes', 'CiliumNode', { namespaced: false, counted: true, custom: true }),
  resource('discovery.k8s.io/v1/endpointslices', 'EndpointSlice', { counted: true }),
  resource('networking.k8s.io/v1/networkpolicies', 'NetworkPolicy', {
    shortNames: ['netpol'],
    counted: true,
  }),
  resource('policy/v1/poddisruptionbudgets', 'PodDisruptionBudget', {
    shortNames: ['pdb'],
    counted: true,
    subresources: [statusOf('PodDisruptionBudget')],
  }),
  resource('rbac.authorization.k8s.io/v1/clusterrolebindings', 'ClusterRoleBinding', { namespaced: false }),
  resource('rbac.authorization.k8s.io/v1/clusterroles', 'ClusterRole', { namespaced: false }),
  resource('rbac.authorization.k8s.io/v1/rolebindings', 'RoleBinding'),
  resource('rbac.authorization.k8s.io/v1/roles', 'Role'),
  resource('storage.k8s.io/v1/storageclasses', 'StorageClass', { namespaced: false, shortNames: ['sc'] }),
  resource('authentication.k8s.io/v1/tokenreviews', 'TokenReview', { namespaced: false, virtual: true }),
  resource('authorization.k8s.io/v1/localsubjectaccessreviews', 'LocalSubjectAccessReview', {
    virtual: true,
  }),
  resource('authorization.k8s.io/v1/selfsubjectaccessreviews', 'SelfSubjectAccessReview', {
    namespaced: false,
    virtual: true,
  }),
  resource('authorization.k8s.io/v1/selfsubjectrulesreviews', 'SelfSubjectRulesReview', {
    namespaced: false,
    virtual: true,
  }),
  resource('authorization.k8s.io/v1/subjectaccessreviews', 'SubjectAccessReview', {
    namespaced: false,
    virtual: true,
  }),
];

const byPath = new Map(RESOURCES.map((entry) => [`${entry.group}/${entry.version}/${entry.plural}`, entry]));
const byKind = new Map(RESOURCES.map((entry) => [`${apiVersionOf(entry)}/${entry.kind}`, entry]));

export function resourceAt(group: string, version: string, plural: string): Resource | undefined {
  return byPath.get(`${group}/${version}/${plural}`);
}

/** The resource of an object by its `apiVersion` and `kind`. */
export function resourceOf(object: { apiVersion?: string; kind?: string }): Resource {
  const found = byKind.get(`${object.apiVersion}/${object.kind}`);
  if (found === undefined) throw new Error(`the test server knows no ${object.apiVersion} ${object.kind}`);
  return found;
}

/** The resource by its plural alone: those of this table are all different. */
export function resourceNamed(plural: string): Resource {
  const found = RESOURCES.find((entry) => entry.plural === plural);
  if (found === undefined) throw new Error(`the test server knows no ${plural}`);
  return found;
}

/** Whether a server has it. `custom`: the names of its custom resources, `ciliumnodes.cilium.io`. */
export function isServed(entry: Resource, custom: ReadonlySet<string>): boolean {
  return !entry.custom || custom.has(nameOf(entry));
}

export function apiVersionOf(entry: Resource): string {
  return entry.group ? `${entry.group}/${entry.version}` : entry.version;
}

/** `deployments.apps`, as messages name it. */
export function nameOf(entry: { group: string; plural: string }): string {
  return entry.group ? `${entry.plural}.${entry.group}` : entry.plural;
}
