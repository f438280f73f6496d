import type { KubeConfig } from '@kubernetes/client-node';
import type { Logger } from 'pino';
import type { ClusterHealth } from '../../../flow/cluster-health.ts';
import { toProblem } from '../../../flow/problem.ts';
import { formatTime } from '../../../flow/time.ts';
import { Identity } from '../identity.ts';
import type { KubeObject } from '../objects.ts';
import { SharedTexts } from '../shared-texts.ts';
import { ApiServer } from './api-server.ts';
import type { ChangeListener, Changes } from './changes.ts';
import { WatchCounters } from './counters.ts';
import { Informer } from './informer.ts';
import { WATCH_LIMITS, type WatchLimits } from './limits.ts';
import { IN_CLUSTER, IN_NAMESPACES } from './resources.ts';

export interface ClusterWatchOptions {
  /** Where the API server is: called again when credentials are refused. */
  load: () => Promise<KubeConfig>;
  /** Only these, and nothing that needs rights in the cluster; empty: all. */
  namespaces: readonly string[];
  log: Logger;
  limits?: WatchLimits;
}

/**
 * Watches the objects of a cluster: keeps the identity of addresses up to date, and tells listeners what changes. It does what it
 * can with what the API server grants, and says what is missing; it never gives up.
 */
export class ClusterWatch implements Changes {
  /** Whose an address is; empty at first. */
  readonly identity = new Identity();
  readonly limits: Record<string, number>;
  readonly #counters = new WatchCounters();
  readonly #informers: Informer[];
  readonly #listeners = new Set<ChangeListener>();
  readonly #abort = new AbortController();
  #running: Promise<unknown> | undefined;

  constructor({ load, namespaces, log, limits = WATCH_LIMITS }: ClusterWatchOptions) {
    this.limits = { ...limits };
    const context = {
      ...{ limits, log, counters: this.#counters },
      api: new ApiServer(load, limits),
      texts: new SharedTexts(limits.clusterSharedTexts),
      sink: {
        set: (object: KubeObject) => this.#set(object),
        remove: (object: KubeObject) => this.#remove(object),
      },
      onSynced: () => this.#tellIfSynced(),
    };
    const of = (namespace: string | undefined) =>
      IN_NAMESPACES.map((resource) => new Informer(resource, namespace, context));
    this.#informers =
      namespaces.length > 0
        ? namespaces.flatMap(of)
        : [...of(undefined), ...IN_CLUSTER.map((resource) => new Informer(resource, undefined, context))];
  }

  /** Every kind has been listed once, or has been tried and is told of as a problem: there is nothing to wait for. */
  get settled(): boolean {
    return this.#informers.every(({ synced, problem }) => synced || problem !== undefined);
  }

  /** Every kind has been listed once. */
  get synced(): boolean {
    return this.#informers.every(({ synced }) => synced);
  }

  get counters(): Record<string, number> {
    const clusterObjects = this.#informers.reduce((sum, { size }) => sum + size, 0);
    return { ...this.#counters, clusterObjects };
  }

  /** Begins. What goes wrong is told by `health`. */
  start(): void {
    this.#running ??= Promise.all(this.#informers.map((informer) => informer.run(this.#abort.signal)));
  }

  /** Nothing is told any more, and no connection is open. */
  async close(): Promise<void> {
    this.#listeners.clear();
    this.#abort.abort();
    await this.#running;
  }

  onChange(listener: ChangeListener): () => void {
    for (const { objects } of this.#informers) for (const object of objects) listener.set(object);
    if (this.synced) listener.synced();
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  health(): ClusterHealth {
    const informers = this.#informers.map((informer) => {
      const { resource, namespace, synced, size, lastEvent, restarts, problem } = informer;
      return {
        kind: resource.kind,
        ...(namespace === undefined ? {} : { namespace }),
        ...{ synced, objects: size, restarts },
        lastEvent: lastEvent === undefined ? null : formatTime(lastEvent * 1000),
        ...(problem === undefined ? {} : { problem: toProblem(problem) }),
      };
    });
    return { synced: this.synced, informers };
  }

  #set(object: KubeObject): void {
    this.identity.set(object, now());
    for (const listener of this.#listeners) listener.set(object);
  }

  #remove(object: KubeObject): void {
    this.identity.remove(object, now());
    for (const listener of this.#listeners) listener.remove(object);
  }

  /** The last of the informers makes it so; each is the last only once. */
  #tellIfSynced(): void {
    if (this.synced) for (const listener of this.#listeners) listener.synced();
  }
}

/** µs since the epoch. */
function now(): number {
  return Date.now() * 1000;
}
