/** RBAC by the Role, ClusterRole and binding objects in the store, as the server's authorizer reads them. */

import type { ObjectStore } from '../objects/store.ts';
import { asList, asRecord, asStrings, type KubeObject } from '../types.ts';
import type { User } from './users.ts';

export interface PolicyRule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

/** What is asked for: a resource, or a path that is none. */
export interface Attributes {
  verb: string;
  group: string;
  /** With the subresource: `pods/log`. */
  resource: string;
  name: string;
  /** Empty: the cluster scope. */
  namespace: string;
  /** Set for what is no resource. */
  path?: string;
}

export interface Decision {
  allowed: boolean;
  reason?: string;
}

export class Rbac {
  readonly #objects: ObjectStore;

  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }

  decide(user: User, asked: Attributes): Decision {
    if (user.groups.includes('system:masters')) return { allowed: true };
    for (const grant of this.#grants(user, asked.namespace)) {
      if (grant.rules.some((rule) => allows(rule, asked))) return { allowed: true, reason: grant.reason };
    }
    return { allowed: false };
  }

  /** The rules that hold for a user in a namespace, those of the cluster first. */
  rulesFor(user: User, namespace: string): PolicyRule[] {
    return this.#grants(user, namespace).flatMap((grant) => grant.rules);
  }

  /** Of `wanted`, what the user does not have: nobody may give what they have not. */
  missing(user: User, namespace: string, wanted: PolicyRule[]): PolicyRule[] {
    if (user.groups.includes('system:masters')) return [];
    const held = this.rulesFor(user, namespace);
    return wanted.filter(
      (rule) => !singleRequests(rule, namespace).every((one) => held.some((has) => allows(has, one))),
    );
  }

  #grants(user: User, namespace: string): { rules: PolicyRule[]; reason: string }[] {
    const cluster = this.#objects.list('clusterrolebindings');
    const local = namespace ? this.#objects.list('rolebindings', namespace) : [];
    return [...cluster, ...local].flatMap((binding) => {
      const subject = asList(binding['subjects']).find((candidate) => isSubject(candidate, user, binding));
      if (subject === undefined) return [];
      const rules = this.rulesOf(binding);
      return [{ rules, reason: reasonFor(binding, subject) }];
    });
  }

  /** The rules of the role that a binding names; none if it is not there. */
  rulesOf(binding: KubeObject): PolicyRule[] {
    const ref = asRecord(binding['roleRef']);
    const clusterWide = ref['kind'] === 'ClusterRole';
    const namespace = clusterWide ? '' : (binding.metadata.namespace ?? '');
    const role = this.#objects.get(clusterWide ? 'clusterroles' : 'roles', namespace, String(ref['name']));
    return role === undefined ? [] : rulesIn(role);
  }
}

export function rulesIn(role: KubeObject): PolicyRule[] {
  return asList(role['rules']).map((rule) => ({
    verbs: asStrings(rule['verbs']),
    ...(rule['apiGroups'] ? { apiGroups: asStrings(rule['apiGroups']) } : {}),
    ...(rule['resources'] ? { resources: asStrings(rule['resources']) } : {}),
    ...(rule['resourceNames'] ? { resourceNames: asStrings(rule['resourceNames']) } : {}),
    ...(rule['nonResourceURLs'] ? { nonResourceURLs: asStrings(rule['nonResourceURLs']) } : {}),
  }));
}

function isSubject(subject: Record<string, unknown>, user: User, binding: KubeObject): boolean {
  const name = String(subject['name']);
  switch (subject['kind']) {
    case 'User':
      return user.username === name;
    case 'Group':
      return user.groups.includes(name);
    case 'ServiceAccount': {
      const namespace = String(subject['namespace'] ?? binding.metadata.namespace);
      return user.username === `system:serviceaccount:${namespace}:${name}`;
    }
    default:
      return false;
  }
}

function reasonFor(binding: KubeObject, subject: Record<string, unknown>): string {
  const ref = asRecord(binding['roleRef']);
  const { name, namespace } = binding.metadata;
  const who =
    subject['kind'] === 'ServiceAccount'
      ? `${subject['name']}/${subject['namespace'] ?? namespace}`
      : String(subject['name']);
  const bound = namespace ? `${name}/${namespace}` : name;
  return `RBAC: allowed by ${binding.kind} "${bound}" of ${ref['kind']} "${ref['name']}" to ${subject['kind']} "${who}"`;
}

function allows(rule: PolicyRule, asked: Attributes): boolean {
  if (!has(rule.verbs, asked.verb)) return false;
  if (asked.path !== undefined)
    return (rule.nonResourceURLs ?? []).some((url) => matchesPath(url, asked.path!));
  if (!has(rule.apiGroups, asked.group)) return false;
  if (!hasResource(rule.resources ?? [], asked.resource)) return false;
  return !rule.resourceNames?.length || rule.resourceNames.includes(asked.name);
}

function has(list: string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes('*') || list.includes(value));
}

function hasResource(list: string[], resource: string): boolean {
  const slash = resource.indexOf('/');
  return has(list, resource) || (slash > 0 && list.includes(`*/${resource.slice(slash + 1)}`));
}

function matchesPath(url: string, path: string): boolean {
  return url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)));
}

/** A rule as the single requests it stands for. */
function singleRequests(rule: PolicyRule, namespace: string): Attributes[] {
  const resources = (rule.apiGroups ?? []).flatMap((group) =>
    (rule.resources ?? []).flatMap((resource) =>
      (rule.resourceNames?.length ? rule.resourceNames : ['']).map((name) => ({
        group,
        resource,
        name,
        namespace,
      })),
    ),
  );
  const paths = (rule.nonResourceURLs ?? []).map((path) => ({
    group: '',
    resource: '',
    name: '',
    namespace: '',
    path,
  }));
  return rule.verbs.flatMap((verb) => [...resources, ...paths].map((asked) => ({ verb, ...asked })));
}
