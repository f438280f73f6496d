import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ClusterError } from '../error.ts';
import type { KubeObject } from '../objects.ts';
import type { SharedTexts } from '../shared-texts.ts';
import type { ApiServer } from './api-server.ts';
import { BackOff } from './back-off.ts';
import type { WatchCounters } from './counters.ts';
import { type WatchEvent, watchEvents } from './events.ts';
import { describe, eventFailure, isTransient, type Request } from './failure.ts';
import { Known, metadataOf, type Sink } from './known.ts';
import type { WatchLimits } from './limits.ts';
import { Lister } from './lister.ts';
import type { Resource } from './resources.ts';

/** What informers have in common. */
export interface InformerContext {
  api: ApiServer;
  sink: Sink;
  texts: SharedTexts;
  counters: WatchCounters;
  limits: WatchLimits;
  log: Logger;
  /** An informer has its first list complete. */
  onSynced: () => void;
}

/**
 * Knows the objects of one kind, of the cluster or of one namespace. It lists them, then watches from that version on; whatever
 * happens, it goes on where it can, and otherwise lists anew and drops what is no longer there.
 */
export class Informer {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly #context: InformerContext;
  readonly #known: Known;
  readonly #lister: Lister;
  readonly #backOff: BackOff;
  /** To watch from; undefined: a list comes first. */
  #version: string | undefined;
  #synced = false;
  #restarts = 0;
  #lastEvent: number | undefined;
  #problem: ClusterError | undefined;
  /** In a row. */
  #failures = 0;

  /** `namespace` undefined: in all of them, or of a kind that is in none. */
  constructor(resource: Resource, namespace: string | undefined, context: InformerContext) {
    const { sink, texts, limits } = context;
    this.resource = resource;
    this.namespace = namespace;
    this.#context = context;
    this.#known = new Known(resource.kind, sink, texts);
    this.#lister = new Lister(this.#request('list'), this.#known, context);
    this.#backOff = new BackOff(limits.clusterBackOffFirstMs, limits.clusterBackOffLongestMs);
  }

  get objects(): Iterable<KubeObject> {
    return this.#known;
  }

  get size(): number {
    return this.#known.size;
  }

  /** All that there was has been listed once. */
  get synced(): boolean {
    return this.#synced;
  }

  /** How often a watch ended otherwise than it should. */
  get restarts(): number {
    return this.#restarts;
  }

  /** When the API server last told something of these objects, ms since the epoch. */
  get lastEvent(): number | undefined {
    return this.#lastEvent;
  }

  /** What keeps it from going on. One failure is none: connections end when an API server is replaced. */
  get problem(): ClusterError | undefined {
    return this.#synced && this.#failures < 2 ? undefined : this.#problem;
  }

  /** Until `signal` is aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const wait = this.#version === undefined ? await this.#list(signal) : await this.#watch(signal);
      if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => {});
    }
  }

  /** Resolves with how long to wait before it goes on, ms. */
  async #list(signal: AbortSignal): Promise<number> {
    try {
      this.#version = await this.#lister.list(signal, () => this.#heard());
    } catch (error) {
      return signal.aborted ? 0 : this.#failed(error, 'list');
    }
    if (!this.#synced) {
      this.#synced = true;
      this.#context.onSynced();
    }
    return 0;
  }

  /** Resolves when the watch has ended, with how long to wait before it goes on, ms. */
  async #watch(signal: AbortSignal): Promise<number> {
    const request = this.#request('watch');
    const began = performance.now();
    let failure: unknown;
    try {
      const version = this.#version ?? '';
      for await (const event of watchEvents(request, version, this.#context, signal, () => this.#heard())) {
        this.#take(event);
      }
    } catch (error) {
      failure = error;
    }
    if (signal.aborted) return 0;
    const wasGood = performance.now() - began >= this.#context.limits.clusterWatchGoodMs;
    if (wasGood) this.#backOff.reset();
    if (failure === undefined) return wasGood ? 0 : this.#backOff.next();
    this.#restarts++;
    return this.#failed(failure, 'watch');
  }

  #take({ type, object }: WatchEvent): void {
    this.#context.counters.clusterEvents++;
    if (type === 'ERROR') throw eventFailure(this.#request('watch'), object);
    if (type === 'ADDED' || type === 'MODIFIED') this.#known.set(object);
    else if (type === 'DELETED') this.#known.remove(object);
    this.#version = metadataOf(object)['resourceVersion'] ?? this.#version;
    this.#lastEvent = Date.now();
  }

  #heard(): void {
    this.#lastEvent = Date.now();
    if (this.problem !== undefined) this.#context.log.info(this.#where(), 'The API server answers again.');
    this.#failures = 0;
    this.#problem = undefined;
  }

  /** How long to wait before the next attempt, ms. */
  #failed(error: unknown, verb: Request['verb']): number {
    const { counters, limits, log } = this.#context;
    const failure = error instanceof ClusterError ? error : fault(this.#request(verb), error);
    const { code, message, remedy, retryAfter } = failure;
    if (!isTransient(failure)) this.#version = undefined;
    if (code === 'API_EXPIRED') counters.clusterExpired++;
    else if (code === 'API_BUSY') counters.clusterThrottled++;
    else counters.clusterFailures++;
    const isNews = this.#problem?.code !== code;
    this.#failures++;
    this.#problem = failure;
    if (code === 'WATCH_FAULT') log.error({ code, remedy, err: error, ...this.#where() }, message);
    else log[isNews ? 'warn' : 'debug']({ code, remedy, ...this.#where() }, message);
    return this.#backOff.next(Math.min(retryAfter, limits.clusterRetryAfterMs));
  }

  #request(verb: Request['verb']): Request {
    return { verb, resource: this.resource, namespace: this.namespace };
  }

  #where(): { kind: string; namespace: string | undefined } {
    return { kind: this.resource.kind, namespace: this.namespace };
  }
}

function fault(request: Request, error: unknown): ClusterError {
  const message = `cannot ${describe(request)}: ${(error as Error).message}`;
  return new ClusterError('WATCH_FAULT', message, error);
}
