/** The environment of a container, and `$(NAME)` in its arguments. */

import type { ObjectStore } from '../objects/store.ts';
import { asList, asRecord, type Json, type KubeObject } from '../types.ts';

/** A reference to a Secret or ConfigMap that is not there: CreateContainerConfigError. */
export class EnvironmentError extends Error {}

export function environmentOf(store: ObjectStore, pod: KubeObject, container: Json): Record<string, string> {
  const pairs = asList(container['env']).map(({ name, value, valueFrom }) => [
    String(name),
    valueFrom === undefined ? String(value ?? '') : valueAt(store, pod, asRecord(valueFrom)),
  ]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

export function expanded(argument: string, environment: Record<string, string>): string {
  return argument.replace(
    /\$\(([A-Za-z_][A-Za-z0-9_]*)\)/g,
    (whole, name: string) => environment[name] ?? whole,
  );
}

function valueAt(store: ObjectStore, pod: KubeObject, source: Json): string {
  if (source['fieldRef'] !== undefined) {
    let value: unknown = pod;
    for (const member of String(asRecord(source['fieldRef'])['fieldPath']).split('.'))
      value = asRecord(value)[member];
    return String(value ?? '');
  }
  const isSecret = source['secretKeyRef'] !== undefined;
  const { name, key } = asRecord(source[isSecret ? 'secretKeyRef' : 'configMapKeyRef']);
  const holder = store.get(isSecret ? 'secrets' : 'configmaps', pod.metadata.namespace ?? '', String(name));
  const what = isSecret ? 'secret' : 'configmap';
  if (holder === undefined) throw new EnvironmentError(`${what} "${name}" not found`);
  const value = asRecord(holder['data'])[String(key)];
  if (value === undefined)
    throw new EnvironmentError(
      `couldn't find key ${key} in ${isSecret ? 'Secret' : 'ConfigMap'} ${pod.metadata.namespace}/${name}`,
    );
  return isSecret ? Buffer.from(String(value), 'base64').toString() : String(value);
}
