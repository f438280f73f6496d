/** The members that the API's types have, by the models of @kubernetes/client-node: what is not in them is refused. */

import * as k8s from '@kubernetes/client-node';
import { isObject } from '../types.ts';

interface Attribute {
  baseName: string;
  type: string;
}

type Model = { getAttributeTypeMap(): Attribute[] };

/** `.spec.selectr`: the first member that the type of the object does not have. Undefined: all are known. */
export function unknownField(object: { kind: string; apiVersion: string }): string | undefined {
  const model = modelOf(`V1${object.kind}`) ?? modelOf(`CoreV1${object.kind}`);
  return model === undefined ? undefined : unknownIn(object, model, '');
}

function unknownIn(value: unknown, model: Model, path: string): string | undefined {
  if (!isObject(value)) return undefined;
  const attributes = new Map(model.getAttributeTypeMap().map((one) => [one.baseName, one.type]));
  for (const [name, member] of Object.entries(value)) {
    const type = attributes.get(name);
    if (type === undefined) return `${path}.${name}`;
    const found = unknownInMember(member, type, `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function unknownInMember(member: unknown, type: string, path: string): string | undefined {
  const item = /^Array<(.+)>$/.exec(type)?.[1];
  const model = modelOf(item ?? type);
  if (model === undefined) return undefined;
  if (item === undefined) return unknownIn(member, model, path);
  const items = Array.isArray(member) ? member : [];
  for (const one of items) {
    const found = unknownIn(one, model, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

function modelOf(name: string): Model | undefined {
  const candidate = (k8s as Record<string, unknown>)[name];
  return typeof candidate === 'function' && 'getAttributeTypeMap' in candidate
    ? (candidate as unknown as Model)
    : undefined;
}
