/** 422: the faults that installers make and that a server must be seen to refuse. */

import type { Resource } from '../resources.ts';
import { type Cause, invalid } from '../status.ts';
import { asList, asRecord, type Json, type KubeObject } from '../types.ts';

type Fault = Required<Cause>;

const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end " +
  "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start " +
  "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const SELECTING = ['Deployment', 'DaemonSet', 'ReplicaSet', 'StatefulSet'];

export function validate(resource: Resource, object: KubeObject, previous?: KubeObject): void {
  const faults = [...nameFaults(object), ...workloadFaults(object, previous), ...podFaults(object)];
  if (faults.length > 0) throw invalid(resource, object.metadata.name, faults);
}

function wrong(field: string, value: string, why: string): Fault {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${value}: ${why}`, field };
}

function nameFaults({ kind, metadata: { name } }: KubeObject): Fault[] {
  // Names of roles may have more letters in them.
  if (/Role/.test(kind) || SUBDOMAIN.test(name)) return [];
  return [wrong('metadata.name', JSON.stringify(name), SUBDOMAIN_RULE)];
}

function workloadFaults(object: KubeObject, previous: KubeObject | undefined): Fault[] {
  if (/RoleBinding$/.test(object.kind)) return roleRefFaults(object, previous);
  if (!SELECTING.includes(object.kind)) return [];
  const spec = asRecord(object['spec']);
  const selector = asRecord(spec['selector']);
  const faults: Fault[] = [];
  const labels = asRecord(asRecord(asRecord(spec['template'])['metadata'])['labels']);
  const wanted = Object.entries(asRecord(selector['matchLabels']));
  if (wanted.some(([name, value]) => labels[name] !== value))
    faults.push(
      wrong('spec.template.metadata.labels', goMap(labels), '`selector` does not match template `labels`'),
    );
  const before = asRecord(previous?.['spec'])['selector'];
  if (before !== undefined && JSON.stringify(before) !== JSON.stringify(selector))
    faults.push(wrong('spec.selector', goSelector(selector), 'field is immutable'));
  return faults;
}

function roleRefFaults(object: KubeObject, previous: KubeObject | undefined): Fault[] {
  const [before, after] = [asRecord(previous?.['roleRef']), asRecord(object['roleRef'])];
  if (previous === undefined || (before['name'] === after['name'] && before['kind'] === after['kind']))
    return [];
  const text = `rbac.RoleRef{APIGroup:"${after['apiGroup']}", Kind:"${after['kind']}", Name:"${after['name']}"}`;
  return [wrong('roleRef', text, 'cannot change roleRef')];
}

function podFaults(object: KubeObject): Fault[] {
  const spec = asRecord(object['spec']);
  const template = asRecord(spec['template']);
  const [pod, path] =
    object.kind === 'Pod' ? [spec, 'spec'] : [asRecord(template['spec']), 'spec.template.spec'];
  const names = asList(pod['containers']).map((container, index) => {
    const name = String(container['name']);
    return LABEL.test(name)
      ? []
      : [wrong(`${path}.containers[${index}].name`, JSON.stringify(name), LABEL_RULE)];
  });
  return [...names.flat(), ...mountFaults(pod, path)];
}

function mountFaults(pod: Json, path: string): Fault[] {
  const volumes = asList(pod['volumes']).map(({ name }) => name);
  return asList(pod['containers']).flatMap((container, index) =>
    asList(container['volumeMounts']).flatMap((mount, at) =>
      volumes.includes(mount['name'])
        ? []
        : [
            {
              reason: 'FieldValueNotFound',
              message: `Not found: ${JSON.stringify(mount['name'])}`,
              field: `${path}.containers[${index}].volumeMounts[${at}].name`,
            },
          ],
    ),
  );
}

/** As Go prints a map of strings. */
function goMap(map: Json): string {
  const pairs = Object.keys(map)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${JSON.stringify(map[name])}`);
  return `map[string]string{${pairs.join(', ')}}`;
}

function goSelector(selector: Json): string {
  const labels = goMap(asRecord(selector['matchLabels']));
  return `v1.LabelSelector{MatchLabels:${labels}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}`;
}
