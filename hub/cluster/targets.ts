import type { Targets } from '../../flow/targets.ts';
import type { KubeObject, Pod } from './objects.ts';
import { type ServiceIndex, serviceIndexOf } from './service-index.ts';
import { workloadOf } from './workload.ts';

/** What all parts of Remora bear as `app.kubernetes.io/name`. */
const OWN_NAME = 'remora';

/** Whether pods are targets. Remora's own never are: what it sends would be tapped, and sent again. */
export class TargetMatcher {
  readonly targets: Targets;
  readonly #remoraNamespace: string;
  readonly #services: ServiceIndex;
  /** Of `KIND/NAME` the namespaces; undefined: any. */
  readonly #workloads = new Map<string, Set<string | undefined>>();
  readonly #serviceRefs: readonly { name: string; namespace: string | undefined }[];

  /** `services` may change afterwards. */
  constructor(targets: Targets, remoraNamespace: string, services: ServiceIndex) {
    this.targets = targets;
    this.#remoraNamespace = remoraNamespace;
    this.#services = services;
    this.#serviceRefs = targets.refs.filter(({ kind }) => kind === 'Service');
    for (const { kind, name, namespace } of targets.refs) {
      const key = `${kind}/${name}`;
      const namespaces = this.#workloads.get(key);
      if (namespaces === undefined) this.#workloads.set(key, new Set([namespace]));
      else namespaces.add(namespace);
    }
  }

  /** A pod that has ended is no target: its address may be another one's. */
  matches(pod: Pod): boolean {
    const { targets } = this;
    return (
      targets.matchesNamespace(pod.namespace) &&
      !pod.finished &&
      !this.#isOwn(pod) &&
      targets.matchesLabels(pod.labels) &&
      this.#isReferred(pod) &&
      targets.matchesName(pod.name)
    );
  }

  /** Whether it depends on this service which pods match. */
  dependsOn(namespace: string, service: string): boolean {
    return this.#serviceRefs.some(
      (ref) => ref.name === service && (ref.namespace === undefined || ref.namespace === namespace),
    );
  }

  #isOwn({ namespace, labels }: Pod): boolean {
    return namespace === this.#remoraNamespace && labels['app.kubernetes.io/name'] === OWN_NAME;
  }

  #isReferred(pod: Pod): boolean {
    if (this.targets.refs.length === 0) return true;
    if (this.#hasWorkload('Pod', pod.name, pod.namespace)) return true;
    const { owner, namespace } = pod;
    if (owner !== undefined && this.#hasWorkload(owner.kind, owner.name, namespace)) return true;
    const workload = workloadOf(pod);
    if (this.#hasWorkload(workload.kind, workload.name, namespace)) return true;
    return this.#serviceRefs.some(
      (ref) =>
        (ref.namespace === undefined || ref.namespace === namespace) && this.#services.hasPod(ref.name, pod),
    );
  }

  #hasWorkload(kind: string, name: string, namespace: string): boolean {
    const namespaces = this.#workloads.get(`${kind}/${name}`);
    return namespaces !== undefined && (namespaces.has(undefined) || namespaces.has(namespace));
  }
}

/** The pods among the objects that are targets, in their order. `remoraNamespace`: where Remora runs or will run. */
export function matchPods(targets: Targets, objects: readonly KubeObject[], remoraNamespace: string): Pod[] {
  const matcher = new TargetMatcher(targets, remoraNamespace, serviceIndexOf(objects));
  return objects.filter((object): object is Pod => object.kind === 'Pod' && matcher.matches(object));
}
