/**
 * Which pods are tapped. The command line makes a spec of its arguments, the hub holds it, and both find out with the same
 * code what it means. Pure: what a spec matches is asked pod by pod.
 */
import { TargetError } from './targets/error.ts';
import { isNamespaceName } from './targets/names.ts';
import { compileNamePattern } from './targets/pattern.ts';
import { parseRef } from './targets/refs.ts';
import { compileSelector } from './targets/selector.ts';

export { TargetError } from './targets/error.ts';
export { readTargetSpec } from './targets/spec.ts';

/** Which pods are tapped. Empty fields do not narrow; those that are not empty must all hold. */
export interface TargetSpec {
  /** RE2 regular expression, matched anywhere in the pod's name; a shell-like glob is understood (with a hint). */
  pods: string;
  /** Names of namespaces; []: all. */
  namespaces: string[];
  excludeNamespaces: string[];
  /** A Kubernetes label selector, equality and set based: `app=web,tier in (front,back),!canary`. */
  selector: string;
  /** `KIND/NAME` or `NAMESPACE/KIND/NAME`, kinds as kubectl has them: `deploy/checkout`, `shop/svc/cart`. A pod of any of them is tapped. */
  refs: string[];
}

/** Every pod. */
export const EVERY_POD: TargetSpec = {
  pods: '',
  namespaces: [],
  excludeNamespaces: [],
  selector: '',
  refs: [],
};

/** The kinds that a reference may name. */
export type RefKind =
  | 'Pod'
  | 'Deployment'
  | 'ReplicaSet'
  | 'ReplicationController'
  | 'StatefulSet'
  | 'DaemonSet'
  | 'Job'
  | 'CronJob'
  | 'Rollout'
  | 'Service';

/** A workload or service by name. */
export interface TargetRef {
  readonly kind: RefKind;
  readonly name: string;
  /** undefined: in every namespace that is tapped. */
  readonly namespace: string | undefined;
}

/** A spec that was found right, ready to be asked. */
export interface Targets {
  readonly spec: TargetSpec;
  /** What was understood otherwise than it was written, in sentences. */
  readonly hints: readonly string[];
  readonly refs: readonly TargetRef[];
  matchesNamespace(namespace: string): boolean;
  /** Of a pod. */
  matchesName(name: string): boolean;
  matchesLabels(labels: Readonly<Record<string, string>>): boolean;
}

/** Throws TargetError, which says what is wrong and where. */
export function compileTargets(spec: TargetSpec): Targets {
  const { hints, matches } = compileNamePattern(spec.pods);
  const matchesLabels = compileSelector(spec.selector);
  const included = readNamespaces('namespaces', spec.namespaces);
  const excluded = readNamespaces('excludeNamespaces', spec.excludeNamespaces);
  if (included.size > 0 && spec.namespaces.every((namespace) => excluded.has(namespace))) {
    const message = 'All namespaces that were asked for are excluded too: leave one of them out there.';
    throw new TargetError('excludeNamespaces', message, 0, 0);
  }
  const matchesNamespace = (namespace: string) =>
    (included.size === 0 || included.has(namespace)) && !excluded.has(namespace);
  const refs = spec.refs.map((text, index) => {
    const ref = parseRef(text, index);
    if (ref.namespace === undefined || matchesNamespace(ref.namespace)) return ref;
    const message = `The reference "${text}" is in the namespace ${ref.namespace}, which is not among those asked for.`;
    throw new TargetError('refs', message, 0, ref.namespace.length, { index });
  });
  return { spec, hints, refs, matchesNamespace, matchesName: matches, matchesLabels };
}

function readNamespaces(field: 'namespaces' | 'excludeNamespaces', names: readonly string[]): Set<string> {
  const index = names.findIndex((name) => !isNamespaceName(name));
  if (index < 0) return new Set(names);
  const name = names[index]!;
  const message = `"${name}" cannot be the name of a namespace: these are lower case letters, digits and hyphens.`;
  throw new TargetError(field, message, 0, name.length, { index });
}
