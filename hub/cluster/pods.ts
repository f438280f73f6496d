import type { Pod } from './objects.ts';
import { SharedTexts } from './shared-texts.ts';
import { workloadOf } from './workload.ts';

/** A pod as the owner of its addresses for a stretch of time: [from, until), µs since the epoch. */
export interface PodIdentity {
  name: string;
  namespace: string;
  workload: string;
  node: string;
  uid: string;
  hostNetwork: boolean;
  finished: boolean;
  from: number;
  until: number;
  /** What it is found by: its addresses, and `IP PORT` for its ports on an address of the node. */
  keys: string[];
}

/** How long a pod may have its address after it was said to be gone: a deletion by force comes before the end. µs. */
const LINGER = 30_000_000;
/** Pods that are gone and still remembered. */
const MAX_FORMER = 50_000;
/** Owners of one address that are remembered. */
const MAX_OWNERS = 32;
/** Names that pods share, kept once. */
const MAX_SHARED_NAMES = 50_000;

/** Who had which pod address when. */
export class Pods {
  readonly #owners = new Map<string, PodIdentity[]>();
  readonly #current = new Map<string, PodIdentity>();
  /** In the order in which they went. */
  readonly #former = new Set<PodIdentity>();
  readonly #names = new SharedTexts(MAX_SHARED_NAMES);

  get size(): number {
    return this.#current.size;
  }

  /** The pod is like this since `at` (µs); -Infinity: it was only asked for once. */
  set(pod: Pod, at: number): void {
    const name = podKey(pod);
    const keys = keysOf(pod);
    const known = this.#current.get(name);
    if (known !== undefined) {
      if (known.uid === pod.uid && sameKeys(known.keys, keys)) {
        known.finished = pod.finished;
        known.until = endOf(pod, at);
        return;
      }
      this.#end(known, at);
    }
    if (keys.length === 0) {
      this.#current.delete(name);
      return;
    }
    // It began before it was first heard of, but not with an address that it has got since.
    const began = pod.startTime ?? at;
    const changed = known !== undefined && known.uid === pod.uid;
    const identity: PodIdentity = {
      name: pod.name,
      namespace: this.#names.share(pod.namespace),
      workload: this.#names.share(workloadOf(pod).name),
      node: this.#names.share(pod.node),
      uid: pod.uid,
      hostNetwork: pod.hostNetwork,
      finished: pod.finished,
      from: at === -Infinity ? began : changed ? at : Math.min(at, began),
      until: endOf(pod, at),
      keys,
    };
    this.#current.set(name, identity);
    for (const key of keys) this.#own(key, identity);
  }

  /** The pod is gone since `at`: its addresses may have new owners. */
  remove(pod: Pod, at: number): void {
    const name = podKey(pod);
    const known = this.#current.get(name);
    if (known === undefined) return;
    this.#current.delete(name);
    this.#end(known, at);
  }

  /** The pod that had `ip` for its own at `time`. */
  byAddress(ip: string, time: number): PodIdentity | undefined {
    const owners = this.#owners.get(ip);
    if (owners === undefined) return undefined;
    let best = owners[0];
    for (let i = 1; i < owners.length; i++) if (isBetter(owners[i], best, time)) best = owners[i];
    return time - best.until < LINGER ? best : undefined;
  }

  /** The pod that had `port` of a node's address `ip`, by hostNetwork or by a hostPort. Undefined where two may have had it. */
  byHostPort(ip: string, port: number, time: number): PodIdentity | undefined {
    const owners = this.#owners.get(hostKey(ip, port));
    if (owners === undefined) return undefined;
    const [best, ...others] = owners.filter((owner) => isOwner(owner, time) && !owner.finished);
    return others.length > 0 ? undefined : (best ?? this.byAddress(hostKey(ip, port), time));
  }

  #own(key: string, identity: PodIdentity): void {
    const owners = this.#owners.get(key);
    if (owners === undefined) {
      this.#owners.set(key, [identity]);
      return;
    }
    owners.push(identity);
    if (owners.length <= MAX_OWNERS) return;
    const ended = owners.findIndex((owner) => owner.until !== Infinity);
    owners.splice(Math.max(0, ended), 1);
  }

  #end(identity: PodIdentity, at: number): void {
    identity.until = Math.min(identity.until, at);
    this.#former.add(identity);
    if (this.#former.size <= MAX_FORMER) return;
    const [oldest] = this.#former;
    this.#former.delete(oldest);
    for (const key of oldest.keys) this.#disown(key, oldest);
  }

  #disown(key: string, identity: PodIdentity): void {
    const owners = this.#owners.get(key);
    const at = owners?.indexOf(identity) ?? -1;
    if (owners === undefined || at < 0) return;
    owners.splice(at, 1);
    if (owners.length === 0) this.#owners.delete(key);
  }
}

function podKey({ namespace, name }: Pod): string {
  return `${namespace}/${name}`;
}

function hostKey(ip: string, port: number): string {
  return `${ip} ${port}`;
}

function keysOf({ hostNetwork, ips, hostIp, ports }: Pod): string[] {
  if (hostNetwork) return ips.flatMap((ip) => ports.map(({ port }) => hostKey(ip, port)));
  if (hostIp === '') return ips;
  return [
    ...ips,
    ...ports.flatMap(({ hostPort }) => (hostPort === undefined ? [] : hostKey(hostIp, hostPort))),
  ];
}

function sameKeys(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((key, i) => key === b[i]);
}

/** Times of the API are cut to whole seconds. */
function endOf({ finished, finishTime }: Pod, at: number): number {
  if (!finished) return Infinity;
  if (finishTime !== undefined) return finishTime + 1_000_000;
  return at === -Infinity ? Infinity : at;
}

function isOwner({ from, until }: PodIdentity, time: number): boolean {
  return from <= time && time < until;
}

/**
 * Who had it at the time; of several a living pod before one that finished, then the one that came last. Where nobody is
 * known to have had it, the one nearest in time: the clock of a capture need not be the cluster's.
 */
function isBetter(a: PodIdentity, b: PodIdentity, time: number): boolean {
  const owned = isOwner(a, time);
  if (owned !== isOwner(b, time)) return owned;
  if (!owned) return distance(a, time) < distance(b, time);
  if (a.finished !== b.finished) return b.finished;
  return a.from >= b.from;
}

function distance({ from, until }: PodIdentity, time: number): number {
  return time < from ? from - time : time - until;
}
