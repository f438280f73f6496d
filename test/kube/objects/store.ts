/**
 * The objects in memory, with a history of changes as etcd keeps one: every change has a revision, all kinds
 * count together, and a list can be given as it was at any revision since the last compaction.
 */

import { randomUUID } from 'node:crypto';
import { apiVersionOf, type Resource, resourceNamed, resourceOf } from '../resources.ts';
import { alreadyExists, modified, notFound } from '../status.ts';
import { copyOf, type KubeObject, type ObjectInput } from '../types.ts';

export interface Change {
  revision: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  resource: Resource;
  key: string;
  object: KubeObject;
  /** What was there before, for MODIFIED and DELETED. */
  previous: KubeObject | undefined;
}

/** Changes kept; the oldest half is compacted away beyond this. */
const HISTORY_LIMIT = 400_000;
const FIRST_REVISION = 1000;

interface Table {
  objects: Map<string, KubeObject>;
  /** Keys in the order of lists, or undefined since an object was added or removed. */
  sorted: string[] | undefined;
}

export class ObjectStore {
  #revision = FIRST_REVISION;
  #compacted = FIRST_REVISION;
  #history: Change[] = [];
  readonly #tables = new Map<Resource, Table>();
  readonly #listeners = new Set<(change: Change) => void>();

  get revision(): number {
    return this.#revision;
  }

  /** Versions before this one are too old to list or watch from. */
  get compacted(): number {
    return this.#compacted;
  }

  /** Forgets the history: what clients hold becomes too old, except the newest version. */
  compact(): void {
    this.#history = [];
    this.#compacted = this.#revision;
  }

  /** As after a restart of the API server: a watch cache that begins anew knows no version before it. */
  forget(): void {
    this.#revision += 1;
    this.#history = [];
    this.#compacted = this.#revision;
  }

  get(plural: string | Resource, namespace: string, name: string): KubeObject | undefined {
    return this.#table(plural).objects.get(keyOf(namespace, name));
  }

  /** The object, which must be there. */
  need(resource: Resource, namespace: string, name: string): KubeObject {
    const found = this.get(resource, namespace, name);
    if (found === undefined) throw notFound(resource, name);
    return found;
  }

  /** All objects of a kind (in a namespace), in the order of their keys. */
  list(plural: string | Resource, namespace = ''): KubeObject[] {
    const table = this.#table(plural);
    const all = sortedKeys(table).map((key) => table.objects.get(key)!);
    return namespace ? all.filter((object) => object.metadata.namespace === namespace) : all;
  }

  /** The list as it was at `revision`, which must be after the compaction. */
  listAt(resource: Resource, revision: number, namespace = ''): KubeObject[] {
    if (revision >= this.#revision) return this.list(resource, namespace);
    const objects = new Map(this.#table(resource).objects);
    for (let at = this.#history.length - 1; at >= 0; at--) {
      const change = this.#history[at]!;
      if (change.revision <= revision) break;
      if (change.resource !== resource) continue;
      if (change.previous === undefined) objects.delete(change.key);
      else objects.set(change.key, change.previous);
    }
    const all = [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
    return namespace ? all.filter((object) => object.metadata.namespace === namespace) : all;
  }

  /** The changes of a kind after `revision`, oldest first. */
  changesAfter(resource: Resource, revision: number): Change[] {
    let low = 0;
    let high = this.#history.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#history[middle]!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#history.slice(low).filter((change) => change.resource === resource);
  }

  /** Hears of every change, at once. Returns the way to stop. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Adds an object; what an object of its kind must have in its metadata is filled in. */
  create(input: ObjectInput): KubeObject {
    const resource = resourceOf(input);
    const object = copyOf(input) as KubeObject;
    const { metadata } = object;
    if (!metadata.name && metadata.generateName) metadata.name = metadata.generateName + randomSuffix();
    if (resource.namespaced) metadata.namespace ??= 'default';
    const key = keyOf(metadata.namespace ?? '', metadata.name);
    if (this.#table(resource).objects.has(key)) throw alreadyExists(resource, metadata.name);
    metadata.uid ??= randomUUID();
    metadata.creationTimestamp ??= now();
    if (resource.counted) metadata.generation ??= 1;
    return this.#commit('ADDED', resource, key, object, undefined);
  }

  /** Replaces an object. A resourceVersion in it must be the one in force. */
  update(input: ObjectInput): KubeObject {
    const resource = resourceOf(input);
    const object = copyOf(input) as KubeObject;
    const { metadata } = object;
    const previous = this.need(resource, metadata.namespace ?? '', metadata.name);
    const version = metadata.resourceVersion;
    if (version && version !== previous.metadata.resourceVersion) throw modified(resource, metadata.name);
    metadata.uid = previous.metadata.uid!;
    metadata.creationTimestamp = previous.metadata.creationTimestamp!;
    if (resource.counted) metadata.generation = nextGeneration(previous, object);
    if (sameButVersion(previous, object)) return previous;
    const type = isFinished(previous, object) ? 'DELETED' : 'MODIFIED';
    return this.#commit(type, resource, keyOf(metadata.namespace ?? '', metadata.name), object, previous);
  }

  /** Changes an object in place: `change` gets a copy. Nothing happens if the object is gone. */
  modify(
    plural: string | Resource,
    namespace: string,
    name: string,
    change: (object: KubeObject) => void,
  ): KubeObject | undefined {
    const found = this.get(plural, namespace, name);
    if (found === undefined) return undefined;
    const object = copyOf(found);
    change(object);
    delete object.metadata.resourceVersion;
    return this.update(object);
  }

  /** Takes an object away at once, without finalizers or grace. */
  remove(plural: string | Resource, namespace: string, name: string): KubeObject | undefined {
    const resource = this.#resource(plural);
    const key = keyOf(namespace, name);
    const previous = this.#table(resource).objects.get(key);
    if (previous === undefined) return undefined;
    return this.#commit('DELETED', resource, key, copyOf(previous), previous);
  }

  #commit(
    type: Change['type'],
    resource: Resource,
    key: string,
    object: KubeObject,
    previous: KubeObject | undefined,
  ): KubeObject {
    const revision = ++this.#revision;
    object.metadata.resourceVersion = String(revision);
    const stored = inOrder(object, resource);
    const table = this.#table(resource);
    if (type === 'DELETED') table.objects.delete(key);
    else table.objects.set(key, stored);
    if (type !== 'MODIFIED') table.sorted = undefined;
    const change: Change = { revision, type, resource, key, object: stored, previous };
    this.#history.push(change);
    if (this.#history.length > HISTORY_LIMIT) this.#dropOldest();
    for (const listener of [...this.#listeners]) listener(change);
    return stored;
  }

  #dropOldest(): void {
    const dropped = this.#history.splice(0, HISTORY_LIMIT / 2);
    this.#compacted = dropped.at(-1)!.revision;
  }

  #resource(plural: string | Resource): Resource {
    return typeof plural === 'string' ? resourceNamed(plural) : plural;
  }

  #table(plural: string | Resource): Table {
    const resource = this.#resource(plural);
    let table = this.#tables.get(resource);
    if (table === undefined) {
      table = { objects: new Map(), sorted: undefined };
      this.#tables.set(resource, table);
    }
    return table;
  }
}

export function keyOf(namespace: string, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

export function keyOfObject(object: KubeObject): string {
  return keyOf(object.metadata.namespace ?? '', object.metadata.name);
}

/** Seconds are the finest that the API's times know. */
export function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

/** Five letters as the server appends them to a `generateName`. */
export function randomSuffix(): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length: 5 }, () => letters[Math.floor(Math.random() * letters.length)]).join('');
}

function sortedKeys(table: Table): string[] {
  table.sorted ??= [...table.objects.keys()].sort();
  return table.sorted;
}

/** The server writes kind, apiVersion and metadata first. */
function inOrder(object: KubeObject, resource: Resource): KubeObject {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  return { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata, ...rest };
}

function nextGeneration(previous: KubeObject, object: KubeObject): number {
  const generation = previous.metadata.generation ?? 1;
  const deleted = !previous.metadata.deletionTimestamp && object.metadata.deletionTimestamp;
  const changed = JSON.stringify(previous['spec']) !== JSON.stringify(object['spec']);
  return changed || deleted ? generation + 1 : generation;
}

/** The last finalizer of an object in deletion takes it along. Pods wait for their kubelet too. */
function isFinished(previous: KubeObject, { kind, metadata }: KubeObject): boolean {
  const had = previous.metadata.finalizers?.length;
  return Boolean(metadata.deletionTimestamp && had && !metadata.finalizers?.length && kind !== 'Pod');
}

function sameButVersion(previous: KubeObject, object: KubeObject): boolean {
  return comparable(previous) === comparable(object);
}

function comparable(object: KubeObject): string {
  return JSON.stringify(object, (name, value: unknown) => {
    if (name === 'resourceVersion' || name === 'time') return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
