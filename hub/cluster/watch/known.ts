import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../objects.ts';
import { readObject } from '../read-objects.ts';
import type { SharedTexts } from '../shared-texts.ts';
import { shareTexts } from './share-texts.ts';

/** Where the changes of objects go. */
export interface Sink {
  set(object: KubeObject): void;
  remove(object: KubeObject): void;
}

/** The objects of one kind as they are known, and what is really a change of them. Fed with what the API server sends. */
export class Known {
  readonly #kind: KubeObject['kind'];
  readonly #sink: Sink;
  readonly #texts: SharedTexts;
  readonly #objects = new Map<string, KubeObject>();
  /** Those that the list that is going on has not shown yet. */
  #missing: Set<string> | undefined;

  constructor(kind: KubeObject['kind'], sink: Sink, texts: SharedTexts) {
    this.#kind = kind;
    this.#sink = sink;
    this.#texts = texts;
  }

  get size(): number {
    return this.#objects.size;
  }

  [Symbol.iterator](): IterableIterator<KubeObject> {
    return this.#objects.values();
  }

  set(sent: unknown): void {
    const key = keyOf(sent);
    const read = readObject(this.#kind, sent);
    if (read === undefined) {
      // It has lost what Remora knows it by: a slice of endpoints is of a service only by a label.
      this.#remove(key);
      return;
    }
    this.#missing?.delete(key);
    // Most events are of something that is not kept: a heartbeat, a condition.
    const known = this.#objects.get(key);
    if (known !== undefined && isDeepStrictEqual(known, read)) return;
    const object = shareTexts(read, this.#texts);
    this.#sink.set(object);
    this.#objects.set(key, object);
  }

  remove(sent: unknown): void {
    this.#remove(keyOf(sent));
  }

  /** A list begins, or begins anew: what it does not have is gone. */
  beginList(): void {
    this.#missing = new Set(this.#objects.keys());
  }

  endList(): void {
    for (const key of this.#missing ?? []) this.#remove(key);
    this.#missing = undefined;
  }

  #remove(key: string): void {
    const known = this.#objects.get(key);
    if (known === undefined) return;
    this.#sink.remove(known);
    this.#objects.delete(key);
  }
}

function keyOf(sent: unknown): string {
  const { namespace = '', name = '' } = metadataOf(sent);
  return `${namespace}/${name}`;
}

/** Of an object or a list. */
export function metadataOf(sent: unknown): Record<string, string | undefined> {
  const metadata = (sent as { metadata?: unknown } | null | undefined)?.metadata;
  return typeof metadata === 'object' && metadata !== null ? (metadata as Record<string, string>) : {};
}
