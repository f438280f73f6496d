/** Sets of fields, as `metadata.managedFields` keeps them. */

import { type FieldsV1, isObject } from '../types.ts';
import { isAtomicMap, itemKey, listForm } from './schema.ts';

/** A field (`self`) and what lies below it. Names are FieldsV1's: `f:name`, `k:{...}`, `v:...`. */
export interface FieldSet {
  self: boolean;
  below: Map<string, FieldSet>;
}

export function emptySet(): FieldSet {
  return { self: false, below: new Map() };
}

/** Who made it and what it is called belongs to nobody. */
const UNOWNED = ['apiVersion', 'kind', 'status'];
const UNOWNED_META = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'generateName',
];

/** The fields that an applied object sets. */
export function fieldsOf(object: object): FieldSet {
  const set = emptySet();
  for (const [name, value] of Object.entries(object)) {
    if (UNOWNED.includes(name)) continue;
    const below = name === 'metadata' ? metadataFields(value) : fieldsIn(value, [name]);
    if (below !== undefined) set.below.set(`f:${name}`, below);
  }
  return set;
}

function metadataFields(metadata: unknown): FieldSet | undefined {
  const owned = Object.entries(isObject(metadata) ? metadata : {}).filter(
    ([name]) => !UNOWNED_META.includes(name),
  );
  return owned.length === 0 ? undefined : fieldsIn(Object.fromEntries(owned), ['metadata']);
}

function fieldsIn(value: unknown, path: string[]): FieldSet {
  if (Array.isArray(value)) return listFields(value, path);
  if (!isObject(value) || isAtomicMap(path) || Object.keys(value).length === 0) return leaf();
  const set = emptySet();
  for (const [name, member] of Object.entries(value))
    set.below.set(`f:${name}`, fieldsIn(member, [...path, name]));
  return set;
}

function listFields(items: unknown[], path: string[]): FieldSet {
  const form = listForm(path);
  if (form === 'atomic' || items.length === 0) return leaf();
  const set = emptySet();
  for (const item of items) {
    if (form === 'set' || !isObject(item)) set.below.set(`v:${JSON.stringify(item)}`, leaf());
    else {
      const below = fieldsIn(item, path);
      set.below.set(`k:${itemKey(form.keys, item)}`, { self: true, below: below.below });
    }
  }
  return set;
}

function leaf(): FieldSet {
  return { self: true, below: new Map() };
}

export function isEmpty(set: FieldSet): boolean {
  return !set.self && set.below.size === 0;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const below = new Map(a.below);
  for (const [name, set] of b.below) {
    const known = below.get(name);
    below.set(name, known === undefined ? set : union(known, set));
  }
  return { self: a.self || b.self, below };
}

/** What is in `a` and not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const below = new Map<string, FieldSet>();
  for (const [name, set] of a.below) {
    const other = b.below.get(name);
    const left = other === undefined ? set : difference(set, other);
    if (!isEmpty(left)) below.set(name, left);
  }
  return { self: a.self && !b.self, below };
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const below = new Map<string, FieldSet>();
  for (const [name, set] of a.below) {
    const other = b.below.get(name);
    if (other === undefined) continue;
    const both = intersection(set, other);
    if (!isEmpty(both)) below.set(name, both);
  }
  return { self: a.self && b.self, below };
}

/** The paths of a set, each a list of FieldsV1 names. */
export function pathsOf(set: FieldSet, above: string[] = []): string[][] {
  const own = set.self && above.length > 0 ? [above] : [];
  return [...own, ...[...set.below].flatMap(([name, below]) => pathsOf(below, [...above, name]))];
}

/** Whether the set has the field at a path, or any below it. */
export function hasWithin(set: FieldSet, path: string[]): boolean {
  let at: FieldSet | undefined = set;
  for (const step of path) at = at?.below.get(step);
  return at !== undefined && !isEmpty(at);
}

/** `.spec.containers[name="x"].image` */
export function pathText(path: string[]): string {
  return path
    .map((step) => {
      if (step.startsWith('f:')) return `.${step.slice(2)}`;
      if (!step.startsWith('k:')) return `[=${step.slice(2)}]`;
      const key = Object.entries(JSON.parse(step.slice(2)) as Record<string, unknown>);
      return `[${key.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}

export function toFieldsV1(set: FieldSet): FieldsV1 {
  const out: FieldsV1 = {};
  if (set.self && set.below.size > 0) out['.'] = {};
  const names = [...set.below.keys()].sort();
  for (const name of names) out[name] = toFieldsV1(set.below.get(name)!);
  return out;
}

export function fromFieldsV1(fields: FieldsV1): FieldSet {
  const names = Object.keys(fields);
  const set: FieldSet = { self: names.length === 0 || '.' in fields, below: new Map() };
  for (const name of names) if (name !== '.') set.below.set(name, fromFieldsV1(fields[name]!));
  return set;
}
