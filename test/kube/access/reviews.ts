/** Reviews: may I, what may I, who is this token. Made and answered, never stored. */

import { fieldsOf, toFieldsV1 } from '../apply/fields.ts';
import { now } from '../objects/store.ts';
import { apiVersionOf, type Resource } from '../resources.ts';
import { asRecord, asStrings, type Json, type KubeObject } from '../types.ts';
import type { Attributes, Decision, Rbac } from './rules.ts';
import type { User, Users } from './users.ts';

export const AUDIENCE = 'https://kubernetes.default.svc.cluster.local';

export function review(
  resource: Resource,
  input: KubeObject,
  user: User,
  rbac: Rbac,
  users: Users,
  manager: string,
): object {
  const spec = asRecord(input['spec']);
  const head = { kind: resource.kind, apiVersion: apiVersionOf(resource) };
  const metadata = { creationTimestamp: null };
  const owned = { creationTimestamp: null, managedFields: [managedSpec(resource, input, manager)] };
  switch (resource.plural) {
    case 'selfsubjectrulesreviews': {
      const status = rulesStatus(user, String(spec['namespace'] ?? ''), rbac);
      return { ...head, metadata, spec: {}, status };
    }
    case 'tokenreviews':
      return { ...head, metadata: owned, spec, status: tokenStatus(spec, users) };
    case 'selfsubjectaccessreviews':
      return { ...head, metadata: owned, spec, status: decisionStatus(rbac.decide(user, asked(spec))) };
    default: {
      const subject = { username: String(spec['user']), groups: [...asStrings(spec['groups'])] };
      return { ...head, metadata: owned, spec, status: decisionStatus(rbac.decide(subject, asked(spec))) };
    }
  }
}

function asked(spec: Json): Attributes {
  const path = asRecord(spec['nonResourceAttributes']);
  const attributes = asRecord(spec['resourceAttributes']);
  const text = (name: string) => String(attributes[name] ?? '');
  const resource = text('subresource') ? `${text('resource')}/${text('subresource')}` : text('resource');
  return {
    verb: String(path['verb'] ?? attributes['verb'] ?? ''),
    group: text('group'),
    resource,
    name: text('name'),
    namespace: text('namespace'),
    ...(spec['nonResourceAttributes'] === undefined ? {} : { path: String(path['path'] ?? '') }),
  };
}

function decisionStatus({ allowed, reason }: Decision): object {
  return { allowed, ...(reason === undefined ? {} : { reason }) };
}

function rulesStatus(user: User, namespace: string, rbac: Rbac): object {
  const rules = rbac.rulesFor(user, namespace);
  return {
    resourceRules: rules.filter((rule) => rule.resources !== undefined),
    nonResourceRules: rules.filter((rule) => rule.nonResourceURLs !== undefined),
    incomplete: false,
  };
}

function tokenStatus(spec: Json, users: Users): object {
  const user = users.withToken(String(spec['token']));
  if (user === undefined) return { user: {}, error: 'invalid bearer token' };
  const wanted = asStrings(spec['audiences']);
  if (wanted.length > 0 && !wanted.includes(AUDIENCE)) {
    const list = (names: string[]) => `[${names.map((name) => `"${name}"`).join(' ')}]`;
    const why = `token audiences ${list([AUDIENCE])} is invalid for the target audiences ${list(wanted)}`;
    return { user: {}, error: `[invalid bearer token, ${why}]` };
  }
  return { authenticated: true, user, audiences: [AUDIENCE] };
}

function managedSpec(resource: Resource, input: KubeObject, manager: string): object {
  return {
    manager,
    operation: 'Update',
    apiVersion: apiVersionOf(resource),
    time: now(),
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(fieldsOf({ spec: input['spec'] })),
  };
}
