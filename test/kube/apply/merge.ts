/** Values at field paths: reading, merging in, taking out. */

import { copyOf, isObject, type Json } from '../types.ts';
import { isAtomicMap, itemKey, listForm } from './schema.ts';

/** `live` with everything that `applied` says. */
export function mergeInto(live: unknown, applied: unknown, path: string[] = []): unknown {
  if (Array.isArray(applied)) return mergeList(Array.isArray(live) ? live : [], applied, path);
  if (!isObject(applied) || !isObject(live) || isAtomicMap(path)) return copyOf(applied);
  const merged: Json = { ...live };
  for (const [name, value] of Object.entries(applied))
    merged[name] = mergeInto(live[name], value, [...path, name]);
  return merged;
}

function mergeList(live: unknown[], applied: unknown[], path: string[]): unknown[] {
  const form = listForm(path);
  if (form === 'atomic') return copyOf(applied);
  if (form === 'set') return [...new Set([...live, ...applied])];
  const keyed = (item: unknown) => itemKey(form.keys, isObject(item) ? item : {});
  const known = new Map(live.map((item) => [keyed(item), item]));
  for (const item of applied) known.set(keyed(item), mergeInto(known.get(keyed(item)), item, path));
  // Applied items come in the order of the applied list, the others keep their place.
  const order = new Map(applied.map((item, index) => [keyed(item), index]));
  const mine = [...known].filter(([key]) => order.has(key)).sort(([a], [b]) => order.get(a)! - order.get(b)!);
  return [...known].map(([key, item]) => (order.has(key) ? mine.shift()![1] : item));
}

/** The value at a path of FieldsV1 names, or undefined. */
export function valueAt(object: unknown, path: string[]): unknown {
  let value = object;
  const members: string[] = [];
  for (const step of path) {
    value = stepInto(value, step, members);
    if (step.startsWith('f:')) members.push(step.slice(2));
    if (value === undefined) return undefined;
  }
  return value;
}

function stepInto(value: unknown, step: string, members: string[]): unknown {
  if (step.startsWith('f:')) return isObject(value) ? value[step.slice(2)] : undefined;
  if (!Array.isArray(value)) return undefined;
  return value[indexOf(value, step, members)];
}

function indexOf(list: unknown[], step: string, members: string[]): number {
  if (step.startsWith('v:')) return list.findIndex((item) => JSON.stringify(item) === step.slice(2));
  const form = listForm(members);
  if (typeof form === 'string') return -1;
  return list.findIndex((item) => isObject(item) && itemKey(form.keys, item) === step.slice(2));
}

/** Takes the value at a path out of the object, in place. */
export function removeAt(object: Json, path: string[]): void {
  const last = path.at(-1)!;
  const holder = valueAt(object, path.slice(0, -1));
  if (last.startsWith('f:')) {
    if (isObject(holder)) delete holder[last.slice(2)];
    return;
  }
  if (!Array.isArray(holder)) return;
  const members = path.slice(0, -1).filter((step) => step.startsWith('f:'));
  const index = indexOf(
    holder,
    last,
    members.map((step) => step.slice(2)),
  );
  if (index >= 0) holder.splice(index, 1);
}
