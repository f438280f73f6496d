/** What the server does to objects before it stores them: refuses, fills in, warns. */

import type { Cluster } from '../cluster.ts';
import type { Resource } from '../resources.ts';
import { forbidden } from '../status.ts';
import { asRecord, type KubeObject } from '../types.ts';
import type { Admission } from '../verbs/write.ts';
import { podSecurity } from './pod-security.ts';
import { type PolicyRule, rulesIn } from './rules.ts';
import type { User } from './users.ts';

export function admission(cluster: Cluster, user: User, resource: Resource): Admission {
  return (object) => {
    refuseEscalation(cluster, user, resource, object);
    if (resource.plural === 'services') giveAddress(cluster, object);
    return podSecurity(cluster.objects, resource, object);
  };
}

/** Nobody may grant what they do not have themselves. */
function refuseEscalation({ rbac }: Cluster, user: User, resource: Resource, object: KubeObject): void {
  const isBinding = object.kind === 'RoleBinding' || object.kind === 'ClusterRoleBinding';
  const isRole = object.kind === 'Role' || object.kind === 'ClusterRole';
  if (!isBinding && !isRole) return;
  const namespace = object.metadata.namespace ?? '';
  const special = { group: resource.group, name: object.metadata.name, namespace };
  const exempt = isRole
    ? rbac.decide(user, { ...special, verb: 'escalate', resource: resource.plural })
    : rbac.decide(user, { ...special, verb: 'bind', ...boundRole(object) });
  if (exempt.allowed) return;
  const missing = rbac.missing(user, namespace, isRole ? rulesIn(object) : rbac.rulesOf(object));
  if (missing.length === 0) return;
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const who = `user ${JSON.stringify(user.username)} (groups=[${groups}])`;
  const why = `${who} is attempting to grant RBAC permissions not currently held:\n${missing.map(ruleText).join('\n')}`;
  throw forbidden(resource, object.metadata.name, why);
}

function boundRole(binding: KubeObject): { resource: string; name: string } {
  const { kind, name } = asRecord(binding['roleRef']);
  return { resource: kind === 'ClusterRole' ? 'clusterroles' : 'roles', name: String(name) };
}

/** As Go prints a rule. */
function ruleText({ apiGroups, resources, nonResourceURLs, verbs }: PolicyRule): string {
  const list = (name: string, values: string[] | undefined) =>
    values === undefined ? [] : [`${name}:[${values.map((value) => JSON.stringify(value)).join(' ')}]`];
  const parts = [
    ...list('APIGroups', apiGroups),
    ...list('Resources', resources),
    ...list('NonResourceURLs', nonResourceURLs),
    ...list('Verbs', verbs),
  ];
  return `{${parts.join(', ')}}`;
}

/** The next free address of 10.79.0.0/16 for a Service that has none and wants one. */
function giveAddress({ objects }: Cluster, service: KubeObject): void {
  const spec = asRecord(service['spec']);
  if (spec['type'] === 'ExternalName' || spec['clusterIP'] === 'None') return;
  const known = objects.get('services', service.metadata.namespace ?? '', service.metadata.name);
  const before = asRecord(known?.['spec'])['clusterIP'];
  const address = spec['clusterIP'] ?? before ?? nextAddress(objects.list('services'));
  service['spec'] = {
    ...spec,
    clusterIP: address,
    clusterIPs: [address],
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
  };
}

function nextAddress(services: KubeObject[]): string {
  const taken = new Set(services.map((service) => asRecord(service['spec'])['clusterIP']));
  for (let number = 1; number < 0xffff; number++) {
    const address = `10.79.${number >> 8}.${number & 0xff}`;
    if (!taken.has(address)) return address;
  }
  throw new Error('no address left for a Service');
}
