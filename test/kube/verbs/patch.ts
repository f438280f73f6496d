/** Merge patch (RFC 7396) and JSON patch (RFC 6902). */

import { badRequest } from '../status.ts';
import { isObject, type Json, type KubeObject } from '../types.ts';

export function mergePatch(object: KubeObject, patch: unknown): KubeObject {
  return merged(object, patch) as KubeObject;
}

function merged(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Json = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = merged(result[name], value);
  }
  return result;
}

interface Operation {
  op: string;
  path: string;
  value?: unknown;
}

/** add, replace, remove and test. */
export function jsonPatch(object: KubeObject, patch: unknown): KubeObject {
  for (const operation of patch as Operation[]) operate(object, operation);
  return object;
}

function operate(object: KubeObject, { op, path, value }: Operation): void {
  const steps = path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = steps.pop() ?? '';
  let holder: unknown = object;
  for (const step of steps) holder = (holder as Json)?.[step];
  if (typeof holder !== 'object' || holder === null)
    throw badRequest(`${op} operation does not apply: doc is missing path: ${path}`);
  const members = holder as Json;
  if (op === 'test') {
    if (JSON.stringify(members[last]) !== JSON.stringify(value))
      throw badRequest(`testing path ${path} failed`);
  } else if (op === 'remove') {
    if (Array.isArray(holder)) holder.splice(Number(last), 1);
    else delete members[last];
  } else if (Array.isArray(holder) && op === 'add') {
    holder.splice(last === '-' ? holder.length : Number(last), 0, value);
  } else members[last] = value;
}
