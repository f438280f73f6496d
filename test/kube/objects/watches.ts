/** The open watches: each gets the changes it asked for, until its time is over or a test ends it. */

import type { ServerResponse } from 'node:http';
import type { Connections } from '../connections.ts';
import type { Resource } from '../resources.ts';
import { expired } from '../status.ts';
import type { KubeObject } from '../types.ts';
import { emptyOf } from './bookmark.ts';
import type { Matches } from './selector.ts';
import type { Change, ObjectStore } from './store.ts';

export interface WatchRequest {
  resource: Resource;
  namespace: string;
  matches: Matches;
  /** Undefined or 0: everything there is comes first, as ADDED. */
  revision: number | undefined;
  bookmarks: boolean;
  timeoutMs: number;
  /** What the client asked to get instead of the whole object. */
  shape: (object: KubeObject) => object;
  user: string;
}

/** How a watch ends: with the last chunk, with a reset connection, or never (the other end is gone unnoticed). */
export type Cut = 'end' | 'reset' | 'half-open';

/** Bookmarks come about once a minute, and just before the server ends a watch. */
const BEFORE_THE_END_MS = 2000;

export class Watches {
  readonly #store: ObjectStore;
  readonly #connections: Connections;
  readonly #bookmarkEveryMs: number;
  readonly #open = new Set<Watch>();

  constructor(store: ObjectStore, connections: Connections, bookmarkEveryMs: number) {
    this.#store = store;
    this.#connections = connections;
    this.#bookmarkEveryMs = bookmarkEveryMs;
    store.subscribe((change) => {
      for (const watch of [...this.#open]) if (watch.request.resource === change.resource) watch.push(change);
    });
  }

  get count(): number {
    return this.#open.size;
  }

  /** The open watches of a kind. */
  of(plural: string): number {
    return [...this.#open].filter((watch) => watch.request.resource.plural === plural).length;
  }

  open(request: WatchRequest, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
    response.flushHeaders();
    const { resource, revision } = request;
    if (revision !== undefined && revision !== 0 && revision < this.#store.compacted) {
      response.end(`${JSON.stringify(tooOld(resource, revision, this.#store.revision))}\n`);
      return;
    }
    const watch = new Watch(request, response, () => this.#open.delete(watch));
    const initial = revision ? [] : this.#store.list(resource);
    for (const object of initial) watch.pushInitial(object);
    if (revision) for (const change of this.#store.changesAfter(resource, revision)) watch.push(change);
    this.#open.add(watch);
    watch.startTimers(() => this.#store.revision, this.#bookmarkEveryMs, BEFORE_THE_END_MS);
  }

  /** Sends a bookmark now to those who want them. */
  bookmark(plural?: string): void {
    for (const watch of this.#some(plural)) watch.bookmark(this.#store.revision);
  }

  /** Ends open watches. Returns how many. */
  cut(how: Cut, plural?: string): number {
    const some = this.#some(plural);
    for (const watch of some) watch.cut(how, this.#connections);
    return some.length;
  }

  /** Tells open watches that their version is too old, and ends them. */
  expire(plural?: string): number {
    const some = this.#some(plural);
    for (const watch of some) watch.expire(this.#store.revision);
    return some.length;
  }

  #some(plural?: string): Watch[] {
    return [...this.#open].filter(
      ({ request }) => plural === undefined || request.resource.plural === plural,
    );
  }
}

function tooOld(resource: Resource, revision: number, current: number): object {
  const message = resource.watchCache
    ? `too old resource version: ${revision} (${current})`
    : 'The resourceVersion for the provided watch is too old.';
  return { type: 'ERROR', object: expired(message).status };
}

class Watch {
  readonly request: WatchRequest;
  readonly #response: ServerResponse;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #closed: () => void;
  #muted = false;

  constructor(request: WatchRequest, response: ServerResponse, closed: () => void) {
    this.request = request;
    this.#response = response;
    this.#closed = closed;
    response.on('close', () => this.#stop());
  }

  pushInitial(object: KubeObject): void {
    if (this.#wants(object)) this.#write('ADDED', object);
  }

  push({ type, object, previous }: Change): void {
    const before = previous !== undefined && this.#wants(previous);
    const after = type !== 'DELETED' && this.#wants(object);
    if (before && after) this.#write('MODIFIED', object);
    else if (after) this.#write('ADDED', object);
    else if (before) this.#write('DELETED', asItWas(previous, object));
  }

  bookmark(revision: number): void {
    if (this.request.bookmarks && this.request.resource.watchCache) {
      this.#send({ type: 'BOOKMARK', object: emptyOf(this.request.resource, revision) });
    }
  }

  expire(revision: number): void {
    this.#send(tooOld(this.request.resource, revision - 1, revision));
    this.#end();
  }

  cut(how: Cut, connections: Connections): void {
    if (how === 'half-open') this.#muted = true;
    else if (how === 'end') this.#end();
    else {
      connections.reset(this.#response.socket);
      this.#stop();
    }
  }

  startTimers(revision: () => number, bookmarkEveryMs: number, beforeTheEndMs: number): void {
    const { timeoutMs } = this.request;
    this.#timers.push(setTimeout(() => this.#end(), timeoutMs));
    this.#timers.push(setInterval(() => this.bookmark(revision()), bookmarkEveryMs));
    // A short watch on an idle kind gets none, as recorded.
    if (timeoutMs > bookmarkEveryMs)
      this.#timers.push(setTimeout(() => this.bookmark(revision()), timeoutMs - beforeTheEndMs));
  }

  #wants(object: KubeObject): boolean {
    const { namespace, matches } = this.request;
    return (namespace === '' || object.metadata.namespace === namespace) && matches(object);
  }

  #write(type: Change['type'], object: KubeObject): void {
    this.#send({ type, object: this.request.shape(object) });
  }

  #send(event: object): void {
    if (!this.#muted) this.#response.write(`${JSON.stringify(event)}\n`);
  }

  #end(): void {
    if (!this.#muted) this.#response.end();
    this.#stop();
  }

  #stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#closed();
  }
}

/** What leaves a selection is told as it was when it was in it, with the version in which it left. */
function asItWas(previous: KubeObject, object: KubeObject): KubeObject {
  return {
    ...previous,
    metadata: { ...previous.metadata, resourceVersion: object.metadata.resourceVersion! },
  };
}
