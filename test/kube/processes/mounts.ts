/** The volumes of a pod as folders on this machine: Secrets, ConfigMaps and empty ones. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ObjectStore } from '../objects/store.ts';
import { asList, asRecord, type Json, type KubeObject } from '../types.ts';

/** A volume whose source is not there (yet). */
export class MountError extends Error {}

export class Mounts {
  readonly #root = mkdtempSync(join(tmpdir(), 'remora-pod-'));
  /** Path in the container, folder here; the longest paths first. */
  readonly #folders: [string, string][];

  constructor(store: ObjectStore, pod: KubeObject) {
    const spec = asRecord(pod['spec']);
    const folders = new Map(
      asList(spec['volumes']).map((volume) => [volume['name'], this.#make(store, pod, volume)]),
    );
    const mounts = asList(spec['containers']).flatMap((container) => asList(container['volumeMounts']));
    this.#folders = mounts
      .map(({ mountPath, name }): [string, string] => [String(mountPath), folders.get(name)!])
      .sort(([a], [b]) => b.length - a.length);
  }

  /** An argument with its paths in volumes turned into those here. */
  localized(argument: string): string {
    for (const [inside, here] of this.#folders) {
      const at = argument.indexOf(inside);
      if (at >= 0) return argument.slice(0, at) + here + argument.slice(at + inside.length);
    }
    return argument;
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  #make(store: ObjectStore, pod: KubeObject, volume: Json): string {
    const folder = join(this.#root, String(volume['name']));
    mkdirSync(folder);
    for (const [path, bytes] of filesOf(store, pod.metadata.namespace ?? '', volume)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes, { mode: 0o600 });
    }
    return folder;
  }
}

function filesOf(store: ObjectStore, namespace: string, volume: Json): [string, Buffer][] {
  const secret = asRecord(volume['secret']);
  const configMap = asRecord(volume['configMap']);
  if (volume['secret'] !== undefined)
    return chosen(dataOf(store, 'secrets', namespace, String(secret['secretName']), 'base64'), secret);
  if (volume['configMap'] !== undefined)
    return chosen(dataOf(store, 'configmaps', namespace, String(configMap['name']), 'utf8'), configMap);
  return [];
}

function dataOf(
  store: ObjectStore,
  plural: 'secrets' | 'configmaps',
  namespace: string,
  name: string,
  encoding: BufferEncoding,
): Map<string, Buffer> {
  const source = store.get(plural, namespace, name);
  if (source === undefined) throw new MountError(`${plural.slice(0, -1)} "${name}" not found`);
  const data = Object.entries(asRecord(source['data']));
  return new Map(data.map(([key, value]) => [key, Buffer.from(String(value), encoding)]));
}

function chosen(data: Map<string, Buffer>, source: Json): [string, Buffer][] {
  if (source['items'] === undefined) return [...data];
  return asList(source['items']).map(({ key, path }) => {
    const bytes = data.get(String(key));
    if (bytes === undefined) throw new MountError(`references non-existent secret key: ${key}`);
    return [String(path), bytes];
  });
}
