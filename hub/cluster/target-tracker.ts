import { compileTargets, type TargetSpec, type Targets } from '../../flow/targets.ts';
import { type EntryChange, EntrySet } from './entry-set.ts';
import type { KubeObject, Pod } from './objects.ts';
import { ServiceIndex } from './service-index.ts';
import { isServedBy, podEntries, serviceEntries } from './target-entries.ts';
import { TargetMatcher } from './targets.ts';

/** What came and went since the last time. */
export interface TargetChange {
  /** Of all pods. */
  pods: EntryChange;
  /** The same, node by node. */
  nodes: ReadonlyMap<string, EntryChange>;
  /** Of services, on any node. */
  services: EntryChange;
}

/**
 * Which pods are targets, as objects and the spec change, and the entries for workers that follow from it. An object costs as
 * much as itself, whatever the size of the cluster; only another spec looks at all pods again.
 */
export class TargetTracker {
  /** Entries of all tapped pods, of those of each node, and of the services that have no other endpoints. */
  readonly pods = new EntrySet();
  readonly nodes = new Map<string, EntrySet>();
  readonly services = new EntrySet();
  readonly #remoraNamespace: string;
  readonly #index = new ServiceIndex();
  readonly #known = new Map<string, Pod>();
  readonly #tapped = new Set<Pod>();
  #matcher: TargetMatcher;
  /** Nodes whose entries were touched. */
  readonly #touched = new Set<string>();
  /** Namespaces whose pods are to be looked at again, since a service that the spec names has changed. */
  readonly #unsure = new Set<string>();
  /** Namespaces whose services are to be looked at again, and the entries of those that were. */
  readonly #unsureServices = new Set<string>();
  readonly #fronts = new Map<string, readonly string[]>();

  /** Throws TargetError. */
  constructor(spec: TargetSpec, remoraNamespace: string) {
    this.#remoraNamespace = remoraNamespace;
    this.#matcher = new TargetMatcher(compileTargets(spec), remoraNamespace, this.#index);
  }

  get targets(): Targets {
    return this.#matcher.targets;
  }

  /** In no order. */
  get tapped(): ReadonlySet<Pod> {
    return this.#tapped;
  }

  /** From now on these. Throws TargetError, and then nothing has changed. */
  retarget(spec: TargetSpec): void {
    this.#matcher = new TargetMatcher(compileTargets(spec), this.#remoraNamespace, this.#index);
    for (const pod of this.#known.values()) this.#look(pod);
    this.#unsure.clear();
  }

  set(object: KubeObject): void {
    if (object.kind === 'Pod') {
      const key = `${object.namespace}/${object.name}`;
      const before = this.#known.get(key);
      this.#known.set(key, object);
      if (before !== undefined && before !== object) this.#leave(before);
      this.#look(object);
    } else if (object.kind === 'Service' || object.kind === 'EndpointSlice') {
      this.#index.set(object);
      this.#doubt(object.namespace, object.kind === 'Service' ? object.name : object.service);
    }
  }

  remove(object: KubeObject): void {
    if (object.kind === 'Pod') {
      const key = `${object.namespace}/${object.name}`;
      const before = this.#known.get(key);
      this.#known.delete(key);
      if (before !== undefined) this.#leave(before);
    } else if (object.kind === 'Service' || object.kind === 'EndpointSlice') {
      this.#index.remove(object);
      this.#doubt(object.namespace, object.kind === 'Service' ? object.name : object.service);
    }
  }

  /** What is different from when this was last called. */
  takeChange(): TargetChange {
    this.#settle();
    const nodes = new Map<string, EntryChange>();
    for (const node of this.#touched) {
      const entries = this.nodes.get(node)!;
      nodes.set(node, entries.takeChange());
      if (entries.size === 0) this.nodes.delete(node);
    }
    this.#touched.clear();
    return { pods: this.pods.takeChange(), nodes, services: this.services.takeChange() };
  }

  #doubt(namespace: string, service: string): void {
    this.#unsureServices.add(namespace);
    if (this.#matcher.dependsOn(namespace, service)) this.#unsure.add(namespace);
  }

  /** Endpoints come one by one: looked at together they cost less. */
  #settle(): void {
    if (this.#unsure.size > 0) {
      for (const pod of this.#known.values()) if (this.#unsure.has(pod.namespace)) this.#look(pod);
      this.#unsure.clear();
    }
    for (const namespace of this.#unsureServices) this.#lookAtServices(namespace);
    this.#unsureServices.clear();
  }

  #lookAtServices(namespace: string): void {
    const fronts: string[] = [];
    for (const service of this.#index.servicesIn(namespace)) {
      if (isServedBy(this.#index.slicesOf(service), this.pods)) fronts.push(...serviceEntries(service));
    }
    for (const entry of fronts) this.services.add(entry);
    for (const entry of this.#fronts.get(namespace) ?? []) this.services.remove(entry);
    if (fronts.length > 0) this.#fronts.set(namespace, fronts);
    else this.#fronts.delete(namespace);
  }

  #look(pod: Pod): void {
    const is = this.#matcher.matches(pod);
    if (is && !this.#tapped.has(pod)) this.#enter(pod);
    if (!is) this.#leave(pod);
  }

  #enter(pod: Pod): void {
    this.#tapped.add(pod);
    const node = this.#touch(pod);
    for (const entry of podEntries(pod)) {
      this.pods.add(entry);
      node.add(entry);
    }
  }

  #leave(pod: Pod): void {
    if (!this.#tapped.delete(pod)) return;
    const node = this.#touch(pod);
    for (const entry of podEntries(pod)) {
      this.pods.remove(entry);
      node.remove(entry);
    }
  }

  #touch({ namespace, node }: Pod): EntrySet {
    this.#unsureServices.add(namespace);
    this.#touched.add(node);
    let entries = this.nodes.get(node);
    if (entries === undefined) {
      entries = new EntrySet();
      this.nodes.set(node, entries);
    }
    return entries;
  }
}
