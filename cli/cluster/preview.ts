/** Which pods would be tapped, looked up before anything is made. */

import { nearest } from '../../flow/filter/nearest.ts';
import type { Targets } from '../../flow/targets.ts';
import type { KubeObject, Pod } from '../../hub/cluster/objects.ts';
import { readObject } from '../../hub/cluster/read-objects.ts';
import { matchPods } from '../../hub/cluster/targets.ts';
import { workloadOf } from '../../hub/cluster/workload.ts';
import { CliError } from '../errors.ts';
import type { Kube } from '../kube/client.ts';
import { KubeError } from '../kube/error.ts';
import type { NamespaceObject, ObjectBase } from '../kube/objects.ts';
import { table } from '../output/table.ts';
import type { Colors } from '../output/terminal.ts';
import { describeTargets } from './targets.ts';

/** `remoraNamespace`: where Remora runs or will run. Rejects with KubeError where pods may not be listed. */
export async function findPods(
  kube: Kube,
  targets: Targets,
  remoraNamespace: string,
  stop: AbortSignal,
): Promise<Pod[]> {
  const { namespaces } = targets.spec;
  const needServices = targets.refs.some(({ kind }) => kind === 'Service');
  const objects = [
    ...(await listIn(kube, 'Pod', namespaces, stop)),
    ...(needServices ? await listIn(kube, 'Service', namespaces, stop) : []),
  ];
  return matchPods(targets, objects, remoraNamespace).toSorted(
    (a, b) => a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name),
  );
}

async function listIn(
  kube: Kube,
  kind: 'Pod' | 'Service',
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const places = namespaces.length === 0 ? [undefined] : namespaces;
  const lists = await Promise.all(
    places.map((namespace) => kube.list<ObjectBase>(kind, { namespace, signal })),
  );
  return lists.flat().flatMap((object) => readObject(kind, object) ?? []);
}

const MAX_LINES = 20;

/** The pods as a table, the first of them where they are many. */
export function podTable(pods: readonly Pod[], colors?: Colors): string {
  const rows = pods.slice(0, MAX_LINES).map((pod) => {
    const { kind, name } = workloadOf(pod);
    return [pod.namespace, pod.name, `${kind.toLowerCase()}/${name}`, pod.node || '(no node yet)'];
  });
  const lines = table(['NAMESPACE', 'POD', 'WORKLOAD', 'NODE'], rows, colors);
  const more = pods.length - rows.length;
  return more === 0 ? lines : `${lines}\n  and ${more} more`;
}

/** `12 pods on 3 nodes` */
export function countPods(pods: readonly Pod[]): string {
  const nodes = new Set(pods.map(({ node }) => node).filter((node) => node !== '')).size;
  return `${pods.length} ${pods.length === 1 ? 'pod' : 'pods'} on ${nodes} ${nodes === 1 ? 'node' : 'nodes'}`;
}

const NEAREST = 5;

/** That no pod matches, and what was probably meant. */
export async function noPods(kube: Kube, targets: Targets, stop: AbortSignal): Promise<CliError> {
  const { spec } = targets;
  const advice = [...(await suggestions(kube, targets, stop)), 'To tap pods that come later, add --wait.'];
  return new CliError('NO_PODS', `no running pod matches ${describeTargets(spec)}`, {
    remedy: advice.join(' '),
  });
}

async function suggestions(kube: Kube, targets: Targets, stop: AbortSignal): Promise<string[]> {
  const { spec } = targets;
  const everywhere = spec.namespaces.length === 0;
  const [here, all, namespaces] = await Promise.all([
    listPods(kube, spec.namespaces, stop).catch(noneIfForbidden),
    everywhere ? [] : listPods(kube, [], stop).catch(noneIfForbidden),
    kube.list<NamespaceObject>('Namespace', { signal: stop }).catch(noneIfForbidden),
  ]);
  const known = new Set(namespaces.map(({ metadata }) => metadata.name));
  const missing = known.size === 0 ? [] : spec.namespaces.filter((name) => !known.has(name));
  if (missing.length > 0) {
    const near = missing.flatMap((name) => nearest(name, [...known]) ?? []);
    const meant = near.length === 0 ? '' : ` Did you mean ${near.join(', ')}?`;
    return [`There is no namespace ${missing.join(', ')}.${meant}`];
  }
  const elsewhere = new Map<string, number>();
  for (const pod of all) {
    const same = targets.matchesName(pod.name) && targets.matchesLabels(pod.labels) && spec.refs.length === 0;
    if (same && spec.pods !== '') elsewhere.set(pod.namespace, (elsewhere.get(pod.namespace) ?? 0) + 1);
  }
  if (elsewhere.size > 0) {
    const places = [...elsewhere].slice(0, NEAREST).map(([name, count]) => `${name} (${count})`);
    return [`Such pods are in other namespaces: ${places.join(', ')}; choose with -n, or -A for all.`];
  }
  if (here.length === 0) return [everywhere ? 'No pods run there.' : 'No pods run in that namespace.'];
  const [ref] = targets.refs;
  if (ref?.kind !== 'Service') return nearestPods(ref?.name ?? spec.pods, here);
  const services = await listIn(kube, 'Service', spec.namespaces, stop);
  const names = services.map(({ name }) => name);
  const near = nearest(ref.name, names);
  return [near === undefined ? `Services there: ${some(names)}.` : `Did you mean svc/${near}?`];
}

/** The workloads that were probably meant, with pods of theirs, or else some of those that there are. */
function nearestPods(wanted: string, pods: readonly Pod[]): string[] {
  const names = pods.map((pod) => workloadOf(pod).name);
  const words = wanted.split(/[^a-z0-9-]+/i).filter((word) => word !== '');
  const near = new Set(words.flatMap((word) => nearest(word, names) ?? []));
  if (near.size === 0) return [`Pods there are of: ${some(names)}.`];
  const theirs = pods.filter((pod) => near.has(workloadOf(pod).name)).map(({ name }) => name);
  return [`Did you mean ${[...near].join(' or ')}? There are: ${some(theirs)}.`];
}

function some(names: readonly string[]): string {
  const known = [...new Set(names)].toSorted();
  const more = known.length > NEAREST ? `, and ${known.length - NEAREST} more` : '';
  return known.length === 0 ? 'none' : `${known.slice(0, NEAREST).join(', ')}${more}`;
}

async function listPods(kube: Kube, namespaces: readonly string[], stop: AbortSignal): Promise<Pod[]> {
  return (await listIn(kube, 'Pod', namespaces, stop)) as Pod[];
}

function noneIfForbidden(error: unknown): [] {
  if (error instanceof KubeError && error.code === 'KUBE_FORBIDDEN') return [];
  throw error;
}
