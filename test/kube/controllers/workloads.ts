/** The controllers of Deployments, ReplicaSets and DaemonSets: pods made, replaced, counted. */

import { createHash } from 'node:crypto';
import { podSecurity } from '../access/pod-security.ts';
import type { Cluster } from '../cluster.ts';
import { now, randomSuffix } from '../objects/store.ts';
import { resourceNamed } from '../resources.ts';
import { ApiFailure, forbidden } from '../status.ts';
import { asList, asRecord, copyOf, type Json, type KubeObject, type OwnerReference } from '../types.ts';
import { fillDefaults } from '../verbs/defaults.ts';
import { beginDeletion } from '../verbs/remove.ts';
import { recordEvent } from './events.ts';
import { REQUIRED } from './kubelet.ts';
import { isReady } from './pod-status.ts';

/** After a refused pod, the next try comes this much later. */
const RETRY_MS = 1000;

export class Workloads {
  readonly #cluster: Cluster;
  /** Owners whose pods were refused, until when. */
  readonly #waits = new Map<string, number>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** One round over all. Returns true when some owner is to be tried again later. */
  reconcile(): boolean {
    const { objects } = this.#cluster;
    for (const daemonSet of objects.list('daemonsets')) if (isAlive(daemonSet)) this.#daemonSet(daemonSet);
    for (const deployment of objects.list('deployments'))
      if (isAlive(deployment)) this.#deployment(deployment);
    for (const replicaSet of objects.list('replicasets'))
      if (isAlive(replicaSet)) this.#replicaSet(replicaSet);
    return this.#waits.size > 0;
  }

  #deployment(deployment: KubeObject): void {
    const { objects } = this.#cluster;
    const spec = asRecord(deployment['spec']);
    const hash = hashOf(spec['template']);
    const name = `${deployment.metadata.name}-${hash}`;
    const { namespace = '' } = deployment.metadata;
    const all = ownedBy(objects.list('replicasets', namespace), deployment);
    const old = all.filter((one) => one.metadata.name !== name);
    const wanted = Number(spec['replicas'] ?? 1);
    const current = all.find((one) => one.metadata.name === name);
    const oldPods = old.flatMap((one) => ownedBy(objects.list('pods', namespace), one));
    const recreate = asRecord(spec['strategy'])['type'] === 'Recreate';
    const ready = Number(asRecord(current?.['status'])['readyReplicas'] ?? 0);
    if (recreate || ready >= wanted) for (const one of old) this.#scale(one, 0);
    if (!(recreate && oldPods.length > 0)) {
      if (current === undefined) this.#makeReplicaSet(deployment, name, hash, wanted);
      else this.#scale(current, wanted);
    }
    this.#deploymentStatus(deployment, current, wanted);
  }

  #makeReplicaSet(deployment: KubeObject, name: string, hash: string, replicas: number): void {
    const { namespace = '' } = deployment.metadata;
    const spec = asRecord(deployment['spec']);
    const template = copyOf(asRecord(spec['template']));
    const label = { 'pod-template-hash': hash };
    const metadata = asRecord(template['metadata']);
    template['metadata'] = { ...metadata, labels: { ...asRecord(metadata['labels']), ...label } };
    const labels = asRecord(asRecord(template['metadata'])['labels']) as Record<string, string>;
    this.#cluster.objects.create({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name, namespace, labels, ownerReferences: [ownerOf(deployment)] },
      spec: { replicas, selector: { matchLabels: labels }, template },
      status: { replicas: 0 },
    } as KubeObject);
    const message = `Scaled up replica set ${name} to ${replicas}`;
    const component = 'deployment-controller';
    recordEvent(this.#cluster.objects, deployment, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message,
      component,
    });
  }

  #scale({ metadata: { namespace = '', name } }: KubeObject, replicas: number): void {
    this.#cluster.objects.modify('replicasets', namespace, name, (copy) => {
      copy['spec'] = { ...asRecord(copy['spec']), replicas };
    });
  }

  #deploymentStatus(deployment: KubeObject, replicaSet: KubeObject | undefined, wanted: number): void {
    const { namespace = '', name, generation } = deployment.metadata;
    const counts = asRecord(replicaSet?.['status']);
    const ready = Number(counts['readyReplicas'] ?? 0);
    const failure = asList(counts['conditions']).filter(({ type }) => type === 'ReplicaFailure');
    const before = asList(asRecord(deployment['status'])['conditions']);
    const available =
      ready >= wanted
        ? since(
            before,
            'Available',
            'True',
            'MinimumReplicasAvailable',
            'Deployment has minimum availability.',
          )
        : since(
            before,
            'Available',
            'False',
            'MinimumReplicasUnavailable',
            'Deployment does not have minimum availability.',
          );
    this.#cluster.objects.modify('deployments', namespace, name, (copy) => {
      const replicas = Number(counts['replicas'] ?? 0);
      copy['status'] = {
        observedGeneration: generation,
        ...(replicas > 0 ? { replicas, updatedReplicas: replicas } : {}),
        ...(ready > 0 ? { readyReplicas: ready, availableReplicas: ready } : {}),
        ...(wanted > ready ? { unavailableReplicas: wanted - ready } : {}),
        conditions: [available, ...failure],
      };
    });
  }

  #replicaSet(replicaSet: KubeObject): void {
    const { objects } = this.#cluster;
    const { namespace = '', name, generation } = replicaSet.metadata;
    const spec = asRecord(replicaSet['spec']);
    const wanted = Number(spec['replicas'] ?? 1);
    const pods = ownedBy(objects.list('pods', namespace), replicaSet).filter(isAlive);
    let refused: string | undefined;
    for (let count = pods.length; count < wanted && refused === undefined; count++) {
      refused = this.#makePod(replicaSet, spec['template'], {}, 'replicaset-controller');
    }
    for (const pod of pods.slice(wanted)) beginDeletion(objects, resourceNamed('pods'), pod);
    const ready = pods.filter(isReady).length;
    const before = asList(asRecord(replicaSet['status'])['conditions']);
    const failure =
      refused === undefined
        ? before.slice(0, pods.length < wanted ? 1 : 0)
        : [since(before, 'ReplicaFailure', 'True', 'FailedCreate', refused)];
    objects.modify('replicasets', namespace, name, (copy) => {
      copy['status'] = {
        replicas: pods.length,
        ...(pods.length > 0 ? { fullyLabeledReplicas: pods.length } : {}),
        ...(ready > 0 ? { readyReplicas: ready, availableReplicas: ready } : {}),
        observedGeneration: generation,
        ...(failure.length > 0 ? { conditions: failure } : {}),
      };
    });
  }

  #daemonSet(daemonSet: KubeObject): void {
    const { objects } = this.#cluster;
    const { namespace = '', name, generation } = daemonSet.metadata;
    const spec = asRecord(daemonSet['spec']);
    const hash = hashOf(spec['template']);
    const all = ownedBy(objects.list('pods', namespace), daemonSet);
    const nodes = objects.list('nodes').map((node) => node.metadata.name);
    const isNew = (pod: KubeObject) => pod.metadata.labels?.['controller-revision-hash'] === hash;
    for (const pod of all)
      if (!isNew(pod) && isAlive(pod)) beginDeletion(objects, resourceNamed('pods'), pod);
    for (const node of nodes) {
      if (all.some((pod) => nodeWanted(pod) === node)) continue;
      const pinned = { nodeName: node, hash };
      if (this.#makePod(daemonSet, spec['template'], pinned, 'daemonset-controller') !== undefined) break;
    }
    const pods = ownedBy(objects.list('pods', namespace), daemonSet).filter(isAlive);
    const ready = pods.filter(isReady).length;
    const updated = pods.filter(isNew).length;
    objects.modify('daemonsets', namespace, name, (copy) => {
      copy['status'] = {
        currentNumberScheduled: pods.length,
        numberMisscheduled: 0,
        desiredNumberScheduled: nodes.length,
        numberReady: ready,
        observedGeneration: generation,
        ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
        ...(ready > 0 ? { numberAvailable: ready } : {}),
        ...(nodes.length > ready ? { numberUnavailable: nodes.length - ready } : {}),
      };
    });
  }

  /** Makes a pod of a template; returns why it was refused. */
  #makePod(
    owner: KubeObject,
    template: unknown,
    pinned: { nodeName?: string; hash?: string },
    component: string,
  ): string | undefined {
    const { objects } = this.#cluster;
    const uid = owner.metadata.uid!;
    const waitsUntil = this.#waits.get(uid) ?? 0;
    if (Date.now() < waitsUntil)
      return asList(asRecord(owner['status'])['conditions'])[0]?.['message'] as string;
    const pod = podOf(owner, asRecord(template), pinned);
    try {
      this.#admit(pod);
      this.#waits.delete(uid);
      objects.create(pod);
      const message = `Created pod: ${pod.metadata.name}`;
      recordEvent(objects, owner, { type: 'Normal', reason: 'SuccessfulCreate', message, component });
      return undefined;
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      this.#waits.set(uid, Date.now() + RETRY_MS);
      const message = `Error creating: ${error.message}`;
      recordEvent(objects, owner, { type: 'Warning', reason: 'FailedCreate', message, component });
      return error.message;
    }
  }

  #admit(pod: KubeObject): void {
    const { objects } = this.#cluster;
    const pods = resourceNamed('pods');
    const { namespace = '', name } = pod.metadata;
    if (objects.get('namespaces', '', namespace)?.metadata.deletionTimestamp)
      throw forbidden(
        pods,
        name,
        `unable to create new content in namespace ${namespace} because it is being terminated`,
      );
    const account = String(asRecord(pod['spec'])['serviceAccountName'] ?? 'default');
    if (objects.get('serviceaccounts', namespace, account) === undefined)
      throw forbidden(
        pods,
        name,
        `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`,
      );
    podSecurity(objects, pods, pod);
  }
}

function podOf(
  owner: KubeObject,
  template: Json,
  { nodeName, hash }: { nodeName?: string; hash?: string },
): KubeObject {
  const { labels, annotations } = asRecord(template['metadata']);
  const generateName = `${owner.metadata.name}-`;
  const spec = copyOf(asRecord(template['spec']));
  spec['serviceAccountName'] ??= 'default';
  if (nodeName !== undefined) spec['affinity'] = affinityTo(nodeName);
  const pod = {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name: generateName + randomSuffix(),
      generateName,
      namespace: owner.metadata.namespace ?? 'default',
      labels: { ...asRecord(labels), ...(hash === undefined ? {} : { 'controller-revision-hash': hash }) },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [ownerOf(owner)],
    },
    spec,
  } as unknown as KubeObject;
  fillDefaults(pod);
  return pod;
}

function affinityTo(nodeName: string): Json {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [nodeName] }];
  return { nodeAffinity: { [REQUIRED]: { nodeSelectorTerms: [{ matchFields }] } } };
}

function nodeWanted(pod: KubeObject): unknown {
  const required = asRecord(asRecord(asRecord(asRecord(pod['spec'])['affinity'])['nodeAffinity'])[REQUIRED]);
  const field = asList(asList(required['nodeSelectorTerms'])[0]?.['matchFields'])[0];
  return (field?.['values'] as string[] | undefined)?.[0];
}

function since(before: Json[], type: string, status: string, reason: string, message: string): Json {
  const known = before.find(
    (one) => one['type'] === type && one['status'] === status && one['reason'] === reason,
  );
  return known ?? { type, status, lastUpdateTime: now(), lastTransitionTime: now(), reason, message };
}

function ownerOf({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  const { name, uid } = metadata;
  return { apiVersion, kind, name, uid: uid!, controller: true, blockOwnerDeletion: true };
}

function ownedBy(objects: KubeObject[], owner: KubeObject): KubeObject[] {
  const { uid } = owner.metadata;
  return objects.filter((one) => one.metadata.ownerReferences?.some((reference) => reference.uid === uid));
}

function isAlive({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp === undefined;
}

function hashOf(template: unknown): string {
  return createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 9);
}
