import type { TargetReport } from '../../flow/api.ts';
import type { TargetSpec } from '../../flow/targets.ts';
import type { TargetFollower, TargetSource } from '../ingest/target-source.ts';
import type { EntryChange } from './entry-set.ts';
import type { KubeObject } from './objects.ts';
import { encodeTargets } from './target-messages.ts';
import { reportTargets } from './target-report.ts';
import { TargetTracker } from './target-tracker.ts';
import type { ChangeListener } from './watch/changes.ts';

export interface TargetTimes {
  /** Changes are gathered for so long, ms: pods come and go in swarms. */
  targetGatherMs: number;
  /** A hub that cannot list everything says after this what it knows, ms. */
  targetPatienceMs: number;
}

export const TARGET_LIMITS = {
  targetGatherMs: 400,
  targetPatienceMs: 10_000,
  /** Up to so many entries every worker has all, so that traffic between two nodes is seen at both; above, those of its own node. */
  targetEntriesEverywhere: 5000,
} as const;

/** A worker that is told. */
interface Follower {
  readonly node: string;
  readonly to: TargetFollower;
  /** It has to be told all anew. */
  stale: boolean;
}

/** Tells workers which packets are wanted, at once when they ask and soon after each change. */
export class TargetPublisher implements TargetSource, ChangeListener {
  readonly tracker: TargetTracker;
  readonly limits: Record<string, number>;
  readonly #times: TargetTimes;
  readonly #followers = new Set<Follower>();
  #everywhere = true;
  /** All that is known is known: before that, workers go on with what a hub before this one has told them. */
  #ready = false;
  #flushing: NodeJS.Timeout | undefined;
  readonly #patience: NodeJS.Timeout;
  /** What everybody is told who is told all, until the next change. */
  #everything: string[] | undefined;

  /** Throws TargetError. */
  constructor(spec: TargetSpec, remoraNamespace: string, times: TargetTimes = TARGET_LIMITS) {
    this.tracker = new TargetTracker(spec, remoraNamespace);
    this.#times = times;
    this.limits = { ...TARGET_LIMITS, ...times };
    this.#patience = setTimeout(() => this.synced(), times.targetPatienceMs);
    this.#patience.unref();
  }

  get counters(): Record<string, number> {
    const { tracker } = this;
    return {
      targetPods: tracker.tapped.size,
      targetEntries: tracker.pods.size + tracker.services.size,
    };
  }

  set(object: KubeObject): void {
    this.tracker.set(object);
    this.#soon();
  }

  remove(object: KubeObject): void {
    this.tracker.remove(object);
    this.#soon();
  }

  synced(): void {
    if (this.#ready) return;
    this.#ready = true;
    clearTimeout(this.#patience);
    this.#flush();
  }

  report(): TargetReport {
    return reportTargets(this.tracker);
  }

  /** Throws TargetError, and then nothing has changed. */
  retarget(spec: TargetSpec): void {
    this.tracker.retarget(spec);
    this.#flush();
  }

  follow(node: string, to: TargetFollower): () => void {
    const follower: Follower = { node, to, stale: true };
    this.#followers.add(follower);
    if (this.#ready) this.#tellAll(follower);
    return () => this.#followers.delete(follower);
  }

  close(): void {
    clearTimeout(this.#patience);
    clearTimeout(this.#flushing);
    this.#followers.clear();
  }

  #soon(): void {
    this.#flushing ??= setTimeout(() => this.#flush(), this.#times.targetGatherMs);
  }

  #flush(): void {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    if (!this.#ready) return;
    const { pods, nodes, services } = this.tracker.takeChange();
    this.#everything = undefined;
    if (this.#changesScope()) for (const follower of this.#followers) follower.stale = true;
    const toAll = this.#encode(this.#everywhere ? [pods, services] : [services]);
    let left = false;
    for (const follower of this.#followers) {
      if (follower.to.busy) follower.stale = true;
      else if (follower.stale) this.#tellAll(follower);
      else {
        const own = this.#everywhere ? undefined : nodes.get(follower.node);
        const messages = own === undefined ? toAll : this.#encode([own, services]);
        if (messages.length > 0) follower.to.tell(messages);
      }
      left ||= follower.stale;
    }
    if (left) this.#soon();
  }

  /** Whether workers are told of all nodes or of their own changes now. Not at every pod around the limit. */
  #changesScope(): boolean {
    const { size } = this.tracker.pods;
    const limit = TARGET_LIMITS.targetEntriesEverywhere;
    const everywhere = this.#everywhere ? size <= limit : size <= limit / 2;
    const changes = everywhere !== this.#everywhere;
    this.#everywhere = everywhere;
    return changes;
  }

  #tellAll(follower: Follower): void {
    follower.stale = false;
    const { pods, nodes, services } = this.tracker;
    if (this.#everywhere) {
      this.#everything ??= encodeTargets(true, [...pods.entries(), ...services.entries()], []);
      follower.to.tell(this.#everything);
    } else {
      const own = nodes.get(follower.node)?.entries() ?? [];
      follower.to.tell(encodeTargets(true, [...own, ...services.entries()], []));
    }
  }

  /** What went from one of the sets may still be in another one. */
  #encode(changes: readonly EntryChange[]): string[] {
    const { pods, services } = this.tracker;
    const isGone = (entry: string) => !pods.has(entry) && !services.has(entry);
    return encodeTargets(
      false,
      changes.flatMap(({ add }) => add),
      changes.flatMap(({ remove }) => remove).filter(isGone),
    );
  }
}
