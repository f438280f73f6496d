import { nearest } from '../filter/nearest.ts';
import type { RefKind, TargetRef } from '../targets.ts';
import { TargetError } from './error.ts';
import { isNamespaceName, isObjectName } from './names.ts';

/** Names of the kinds as kubectl takes them (singular, plural, short), and their API groups. */
const KINDS: readonly { kind: RefKind; group: string; names: readonly string[] }[] = [
  { kind: 'Pod', group: '', names: ['pod', 'pods', 'po'] },
  { kind: 'Service', group: '', names: ['service', 'services', 'svc'] },
  {
    kind: 'ReplicationController',
    group: '',
    names: ['replicationcontroller', 'replicationcontrollers', 'rc'],
  },
  { kind: 'Deployment', group: 'apps', names: ['deployment', 'deployments', 'deploy'] },
  { kind: 'ReplicaSet', group: 'apps', names: ['replicaset', 'replicasets', 'rs'] },
  { kind: 'StatefulSet', group: 'apps', names: ['statefulset', 'statefulsets', 'sts'] },
  { kind: 'DaemonSet', group: 'apps', names: ['daemonset', 'daemonsets', 'ds'] },
  { kind: 'Job', group: 'batch', names: ['job', 'jobs'] },
  { kind: 'CronJob', group: 'batch', names: ['cronjob', 'cronjobs', 'cj'] },
  { kind: 'Rollout', group: 'argoproj.io', names: ['rollout', 'rollouts', 'ro'] },
];

/** `index`: which of the spec's refs it is, for the error. Throws TargetError. */
export function parseRef(text: string, index: number): TargetRef {
  const parts = text.split('/');
  if (parts.length < 2 || parts.length > 3) {
    throw wrong(
      text,
      index,
      0,
      text.length,
      'Write KIND/NAME or NAMESPACE/KIND/NAME, such as deploy/checkout.',
    );
  }
  const namespace = parts.length === 3 ? parts[0] : undefined;
  const [kindName, name] = parts.slice(-2) as [string, string];
  const kindAt = text.length - name.length - 1 - kindName.length;
  if (namespace !== undefined && !isNamespaceName(namespace)) {
    throw wrong(text, index, 0, namespace.length, `"${namespace}" cannot be the name of a namespace.`);
  }
  const kind = kindOf(kindName);
  if (kind === undefined) {
    throw wrong(text, index, kindAt, kindAt + kindName.length, unknownKind(kindName));
  }
  if (!isObjectName(name)) {
    throw wrong(
      text,
      index,
      text.length - name.length,
      text.length,
      `"${name}" cannot be the name of an object.`,
    );
  }
  return { kind, name, namespace };
}

/** `deploy`, `deployments.apps` or `deployments.v1.apps`. */
function kindOf(text: string): RefKind | undefined {
  const [name = '', ...group] = text.toLowerCase().split('.');
  const found = KINDS.find(({ names }) => names.includes(name));
  if (found === undefined || group.length === 0) return found?.kind;
  const given = group.join('.').replace(/^v\d+((alpha|beta)\d+)?(\.|$)/, '');
  return given === found.group ? found.kind : undefined;
}

function unknownKind(text: string): string {
  const best = nearest(
    text,
    KINDS.flatMap(({ names }) => names),
  );
  if (/^(ns|namespaces?)$/i.test(text)) return 'A namespace is given with -n.';
  const known = KINDS.map(({ names }) => names.at(-1)).join(', ');
  const meant = best === undefined ? '' : ` Did you mean ${best}?`;
  return `There is no kind "${text}" that runs pods.${meant} Kinds are: ${known}.`;
}

function wrong(text: string, index: number, start: number, end: number, what: string): TargetError {
  return new TargetError('refs', `The reference "${text}" is wrong. ${what}`, start, end, { index });
}
