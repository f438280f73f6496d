import type { Health, WorkerHealth } from '../../flow/api.ts';
import type { ClusterHealth } from '../../flow/cluster-health.ts';
import { formatTime } from '../../flow/time.ts';
import type { Store, StoreStats } from '../store/store.ts';
import { CounterHistory, SAMPLE_MS } from './counter-history.ts';
import { healthMessages, healthStatus, healthSummary } from './health.ts';
import { retention } from './retention.ts';

/** A part of the hub that counts. */
export interface Counting {
  readonly counters: Record<string, number>;
  readonly limits: Record<string, number>;
}

export interface HealthSources {
  version: string;
  mode: Health['mode'];
  store: Store;
  workers: () => WorkerHealth[];
  /** Why nothing can be committed at the moment. */
  problem: () => string | undefined;
  /** When the hub's certificate ends, ms since the epoch; undefined where there is none. */
  certificateEnd: () => number | undefined;
  subscribers: () => number;
  /** What is known of the cluster, in mode cluster. */
  cluster?: () => ClusterHealth;
  /** Whose counters and limits are shown, beside the store's. Their names must differ. */
  parts: readonly Counting[];
}

/** Puts the health report together, and keeps the counters of the last minute for it. */
export class HealthReporter {
  readonly #sources: HealthSources;
  readonly #history = new CounterHistory();
  readonly #startedAt = Date.now();
  readonly #started = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(sources: HealthSources) {
    this.#sources = sources;
    // A store that cannot answer is told by the next report, not by its samples.
    this.#timer = setInterval(() => this.#sample().catch(() => {}), SAMPLE_MS);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async report(): Promise<Health> {
    const { version, mode, store, subscribers } = this.#sources;
    const stats = await store.stats();
    const storageLimit = stats.limits['storageLimit'] ?? 0;
    const workers = this.#sources.workers();
    const counters = this.#counters(stats);
    const growth = this.#history.growth('', counters);
    const cluster = this.#sources.cluster?.();
    const now = performance.now();
    const trends = workers.map((worker) => ({
      worker,
      // A file is read in seconds: what it lacks is told of all of it, and stays told.
      ...(mode === 'file'
        ? { growth: worker.counters, period: 'in its files' as const }
        : {
            growth: this.#history.growth(worker.session, worker.counters),
            period: 'in the last minute' as const,
          }),
      ageMs: this.#history.age(worker.session, now),
      silentMs: Date.now() - Date.parse(worker.lastSeen),
    }));
    const messages = healthMessages({
      cluster,
      mode,
      uptimeMs: now - this.#started,
      store: { bytes: stats.bytes, limit: storageLimit },
      problem: this.#sources.problem(),
      certificateLeftMs: (this.#sources.certificateEnd() ?? Number.POSITIVE_INFINITY) - Date.now(),
      growth,
      workers: trends,
    });
    // Files are stored as fast as they are read, and then no more.
    const comes = mode === 'file' ? 0 : this.#history.span('', now);
    return {
      status: healthStatus(messages),
      messages,
      summary: healthSummary(trends),
      version,
      startedAt: formatTime(this.#startedAt * 1000),
      mode,
      hub: {
        flows: stats.flows,
        flowsPerSecond: workers.reduce((sum, { flowsPerSecond }) => sum + flowsPerSecond, 0),
        oldest: stats.oldest === null ? null : formatTime(stats.oldest),
        newest: stats.newest === null ? null : formatTime(stats.newest),
        storeBytes: stats.bytes,
        storageLimit,
        ...retention(stats, growth['storedFlows'] ?? 0, comes),
        subscribers: subscribers(),
        counters,
        limits: Object.assign({}, stats.limits, ...this.#sources.parts.map(({ limits }) => limits)),
      },
      workers,
      ...(cluster === undefined ? {} : { cluster }),
    };
  }

  async #sample(): Promise<void> {
    const stats = await this.#sources.store.stats();
    this.#history.sample(performance.now(), this.#counters(stats), this.#sources.workers());
  }

  #counters({ flows, counters }: StoreStats): Record<string, number> {
    const storedFlows = flows + (counters['retiredFlows'] ?? 0);
    return Object.assign({ storedFlows }, counters, ...this.#sources.parts.map(({ counters }) => counters));
  }
}
