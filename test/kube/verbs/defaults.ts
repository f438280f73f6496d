/** What the server fills in when an object is written: the defaults that clients come to see. */

import { asRecord, isObject, type Json, type KubeObject } from '../types.ts';

export function fillDefaults(object: KubeObject, previous?: KubeObject): void {
  const spec = isObject(object['spec']) ? object['spec'] : undefined;
  switch (object.kind) {
    case 'Pod':
      if (spec) podDefaults(spec);
      break;
    case 'Deployment':
      set(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
      set(spec, {
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      });
      object['status'] ??= {};
      templateDefaults(spec);
      break;
    case 'DaemonSet':
      set(spec, { revisionHistoryLimit: 10, updateStrategy: {} });
      set(asRecord(spec?.['updateStrategy']), { type: 'RollingUpdate', rollingUpdate: {} });
      set(asRecord(asRecord(spec?.['updateStrategy'])['rollingUpdate']), { maxUnavailable: 1, maxSurge: 0 });
      object['status'] ??= NO_DAEMONS;
      templateDefaults(spec);
      countTemplates(object, previous);
      break;
    case 'ReplicaSet':
    case 'StatefulSet':
      set(spec, { replicas: 1 });
      templateDefaults(spec);
      break;
    case 'Service':
      serviceDefaults(object, spec);
      break;
    case 'Secret':
      secretDefaults(object);
      break;
    case 'Namespace':
      object['spec'] ??= { finalizers: ['kubernetes'] };
      object['status'] ??= { phase: 'Active' };
      object.metadata.labels = {
        ...object.metadata.labels,
        'kubernetes.io/metadata.name': object.metadata.name,
      };
      break;
  }
}

const NO_DAEMONS = {
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
};

const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

/** A DaemonSet carries how often its template has changed. */
function countTemplates({ metadata, spec }: KubeObject, previous: KubeObject | undefined): void {
  const template = (of: unknown) => JSON.stringify(asRecord(of)['template']);
  const before = Number(previous?.metadata.annotations?.[TEMPLATE_GENERATION] ?? 0);
  const same = previous !== undefined && template(previous['spec']) === template(spec);
  metadata.annotations = {
    ...metadata.annotations,
    [TEMPLATE_GENERATION]: String(same ? before : before + 1),
  };
}

function set(target: Json | undefined, defaults: Json): void {
  if (target === undefined) return;
  for (const [name, value] of Object.entries(defaults)) if (target[name] === undefined) target[name] = value;
}

function templateDefaults(spec: Json | undefined): void {
  const template = asRecord(spec?.['template']);
  if (isObject(template['metadata'])) set(template['metadata'], { creationTimestamp: null });
  if (isObject(template['spec'])) podDefaults(template['spec']);
}

function podDefaults(spec: Json): void {
  set(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  });
  if (typeof spec['serviceAccountName'] === 'string')
    set(spec, { serviceAccount: spec['serviceAccountName'] });
  for (const list of [spec['containers'], spec['initContainers']]) {
    if (Array.isArray(list))
      for (const container of list) if (isObject(container)) containerDefaults(container, spec);
  }
}

function containerDefaults(container: Json, spec: Json): void {
  const image = String(container['image'] ?? '');
  const latest = !/:[^/]+$/.test(image) || image.endsWith(':latest');
  set(container, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: latest ? 'Always' : 'IfNotPresent',
  });
  for (const probe of ['readinessProbe', 'livenessProbe', 'startupProbe']) {
    const value = container[probe];
    if (!isObject(value)) continue;
    if (isObject(value['httpGet'])) set(value['httpGet'], { scheme: 'HTTP', path: '/' });
    set(value, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  }
  if (!Array.isArray(container['ports'])) return;
  for (const port of container['ports']) {
    if (!isObject(port)) continue;
    set(port, { protocol: 'TCP' });
    if (spec['hostNetwork'] === true) set(port, { hostPort: port['containerPort'] });
  }
}

function serviceDefaults(object: KubeObject, spec: Json | undefined): void {
  set(spec, { type: 'ClusterIP', sessionAffinity: 'None', internalTrafficPolicy: 'Cluster' });
  object['status'] ??= { loadBalancer: {} };
  const ports = spec?.['ports'];
  if (!Array.isArray(ports)) return;
  for (const port of ports) if (isObject(port)) set(port, { protocol: 'TCP', targetPort: port['port'] });
}

/** `stringData` is for writing only. */
function secretDefaults(object: KubeObject): void {
  object['type'] ??= 'Opaque';
  const plain = object['stringData'];
  if (!isObject(plain)) return;
  const encoded = Object.entries(plain).map(([name, text]) => [
    name,
    Buffer.from(String(text)).toString('base64'),
  ]);
  object['data'] = { ...asRecord(object['data']), ...Object.fromEntries(encoded) };
  delete object['stringData'];
}
