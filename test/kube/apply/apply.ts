/** Server-side apply: one manager's wish merged into an object, ownership kept, conflicts told. */

import { now } from '../objects/store.ts';
import { ApiFailure, type Cause } from '../status.ts';
import type { Json, KubeObject, ManagedFields } from '../types.ts';
import { copyOf } from '../types.ts';
import {
  difference,
  type FieldSet,
  fieldsOf,
  fromFieldsV1,
  hasWithin,
  intersection,
  isEmpty,
  pathsOf,
  pathText,
  toFieldsV1,
  union,
} from './fields.ts';
import { mergeInto, removeAt, valueAt } from './merge.ts';

/** The object that a first apply makes. */
export function applyNew(applied: KubeObject, manager: string): KubeObject {
  const object = copyOf(applied);
  object.metadata.managedFields = [entry(manager, 'Apply', object.apiVersion, fieldsOf(applied))];
  return object;
}

/** The object after an apply over `live`. Throws 409 with the causes unless forced. */
export function applyOver(
  live: KubeObject,
  applied: KubeObject,
  manager: string,
  force: boolean,
): KubeObject {
  const wanted = fieldsOf(applied);
  const entries = live.metadata.managedFields ?? [];
  const mine = entries.find(
    (one) => one.manager === manager && one.operation === 'Apply' && !one.subresource,
  );
  const others = entries.filter((one) => one !== mine);
  const conflicts = others.flatMap((other) => conflictsWith(other, wanted, live, applied));
  if (conflicts.length > 0 && !force) throw conflictFailure(conflicts);

  const taken = conflicts.map(({ path }) => path.join('\0'));
  const kept = others.map((other) => without(other, taken)).filter((other) => other !== undefined);
  const object = mergeInto(live, applied) as KubeObject;
  if (mine !== undefined) giveUp(object, fromFieldsV1(mine.fieldsV1), wanted, kept);
  const own = entry(manager, 'Apply', applied.apiVersion, wanted);
  if (mine !== undefined && JSON.stringify(mine.fieldsV1) === JSON.stringify(own.fieldsV1))
    own.time = mine.time;
  object.metadata = { ...object.metadata, managedFields: inOrder([...kept, own]) };
  return object;
}

/** What a client changed by create, update or patch, noted under its name. */
export function noteUpdate(previous: KubeObject | undefined, object: KubeObject, manager: string): void {
  const before = previous?.metadata.managedFields ?? [];
  const changed = changedFields(previous, object);
  if (isEmpty(changed)) {
    if (previous?.metadata.managedFields) object.metadata.managedFields = before;
    return;
  }
  const mine = before.find((one) => one.manager === manager && one.operation === 'Update');
  const paths = pathsOf(changed).map((path) => path.join('\0'));
  const others = before.filter((one) => one !== mine).map((other) => without(other, paths));
  const all = mine === undefined ? changed : union(fromFieldsV1(mine.fieldsV1), changed);
  const kept = others.filter((other) => other !== undefined);
  object.metadata.managedFields = [...kept, entry(manager, 'Update', object.apiVersion, all)];
}

interface Conflict {
  owner: ManagedFields;
  path: string[];
}

function conflictsWith(
  owner: ManagedFields,
  wanted: FieldSet,
  live: KubeObject,
  applied: KubeObject,
): Conflict[] {
  return pathsOf(intersection(fromFieldsV1(owner.fieldsV1), wanted))
    .filter((path) => JSON.stringify(valueAt(live, path)) !== JSON.stringify(valueAt(applied, path)))
    .filter((path) => !path.at(-1)!.startsWith('k:'))
    .map((path) => ({ owner, path }));
}

function conflictFailure(conflicts: Conflict[]): ApiFailure {
  const causes: Cause[] = conflicts.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${managerText(owner)}`,
    field: pathText(path),
  }));
  const count = `${conflicts.length} conflict${conflicts.length === 1 ? '' : 's'}`;
  return new ApiFailure(409, 'Conflict', `Apply failed with ${count}: ${conflictText(conflicts)}`, {
    causes,
  });
}

function conflictText(conflicts: Conflict[]): string {
  const first = conflicts[0]!;
  if (conflicts.length === 1) return `conflict with ${managerText(first.owner)}: ${pathText(first.path)}`;
  const owners = [...new Set(conflicts.map(({ owner }) => owner))];
  return owners
    .map((owner) => {
      const paths = conflicts
        .filter((conflict) => conflict.owner === owner)
        .map(({ path }) => pathText(path));
      return `conflicts with ${managerText(owner)}:\n${paths.map((path) => `- ${path}`).join('\n')}`;
    })
    .join('\n');
}

function managerText({ manager, operation, apiVersion, time, subresource }: ManagedFields): string {
  const below = subresource ? ` with subresource "${subresource}"` : '';
  return `"${manager}"${below}${operation === 'Update' ? ` using ${apiVersion} at ${time}` : ''}`;
}

/** Takes away what this manager once set, sets no more, and nobody else has anything in. */
function giveUp(object: KubeObject, before: FieldSet, wanted: FieldSet, others: ManagedFields[]): void {
  const stillOwned = others.map((other) => fromFieldsV1(other.fieldsV1)).reduce(union, wanted);
  for (const path of pathsOf(difference(before, stillOwned))) {
    if (!hasWithin(stillOwned, path)) removeAt(object as Json, path);
  }
}

function without(owner: ManagedFields, paths: string[]): ManagedFields | undefined {
  if (paths.length === 0) return owner;
  const left = dropPaths(fromFieldsV1(owner.fieldsV1), paths, '');
  return isEmpty(left) ? undefined : { ...owner, fieldsV1: toFieldsV1(left) };
}

function dropPaths(set: FieldSet, paths: string[], above: string): FieldSet {
  const below = new Map<string, FieldSet>();
  for (const [name, child] of set.below) {
    const at = above === '' ? name : `${above}\0${name}`;
    const left = dropPaths(child, paths, at);
    if (!isEmpty(left)) below.set(name, left);
  }
  return { self: set.self && !paths.includes(above), below };
}

function changedFields(previous: KubeObject | undefined, object: KubeObject): FieldSet {
  const all = fieldsOf(object);
  if (previous === undefined) return all;
  const below = new FieldFilter((path) => {
    return JSON.stringify(valueAt(previous, path)) !== JSON.stringify(valueAt(object, path));
  });
  return below.of(all);
}

/** A set less the fields that a question says no to. */
class FieldFilter {
  readonly #keep: (path: string[]) => boolean;

  constructor(keep: (path: string[]) => boolean) {
    this.#keep = keep;
  }

  of(set: FieldSet, path: string[] = []): FieldSet {
    const below = new Map<string, FieldSet>();
    for (const [name, child] of set.below) {
      const left = this.of(child, [...path, name]);
      if (!isEmpty(left)) below.set(name, left);
    }
    return { self: set.self && path.length > 0 && this.#keep(path), below };
  }
}

function entry(
  manager: string,
  operation: ManagedFields['operation'],
  apiVersion: string,
  fields: FieldSet,
): ManagedFields {
  return {
    manager,
    operation,
    apiVersion,
    time: now(),
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(fields),
  };
}

/** Those who apply come first, by time and name. */
function inOrder(entries: ManagedFields[]): ManagedFields[] {
  const rank = (one: ManagedFields) => `${one.operation === 'Apply' ? 0 : 1}${one.time}${one.manager}`;
  return entries.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
}
