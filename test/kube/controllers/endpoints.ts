/** EndpointSlices and Endpoints of Services with a selector. */

import { type ObjectStore, randomSuffix } from '../objects/store.ts';
import { asList, asRecord, type Json, type KubeObject } from '../types.ts';
import { isReady } from './pod-status.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';

export function settleEndpoints(store: ObjectStore): void {
  for (const service of store.list('services')) {
    const selector = asRecord(asRecord(service['spec'])['selector']);
    if (Object.keys(selector).length > 0 && !service.metadata.deletionTimestamp)
      settle(store, service, selector);
  }
}

function settle(store: ObjectStore, service: KubeObject, selector: Json): void {
  const { namespace = '', name, uid } = service.metadata;
  const pods = store.list('pods', namespace).filter((pod) => isEndpoint(pod, selector));
  const ports = asList(asRecord(service['spec'])['ports']).map((port) => endpointPort(port, pods[0]));
  const slice = {
    addressType: 'IPv4',
    endpoints: pods.map((pod) =>
      endpointOf(pod, asRecord(service['spec'])['publishNotReadyAddresses'] === true),
    ),
    ports,
  };
  const known = store
    .list('endpointslices', namespace)
    .find((one) => one.metadata.labels?.[SERVICE_NAME] === name);
  const owner = {
    apiVersion: 'v1',
    kind: 'Service',
    name,
    uid: uid!,
    controller: true,
    blockOwnerDeletion: true,
  };
  if (known !== undefined)
    store.modify('endpointslices', namespace, known.metadata.name, (copy) => Object.assign(copy, slice));
  else
    store.create({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `${name}-${randomSuffix()}`,
        generateName: `${name}-`,
        namespace,
        labels: {
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
          [SERVICE_NAME]: name,
        },
        ownerReferences: [owner],
      },
      ...slice,
    } as KubeObject);
  settleOld(store, namespace, name, pods, ports);
}

/** The older kind, of the same name as the Service. */
function settleOld(
  store: ObjectStore,
  namespace: string,
  name: string,
  pods: KubeObject[],
  ports: Json[],
): void {
  const address = (pod: KubeObject) => ({
    ip: asRecord(pod['status'])['podIP'],
    nodeName: asRecord(pod['spec'])['nodeName'],
    targetRef: refTo(pod),
  });
  const ready = pods.filter(isReady).map(address);
  const notReady = pods.filter((pod) => !isReady(pod)).map(address);
  const subsets =
    pods.length === 0
      ? []
      : [
          {
            ...(ready.length > 0 ? { addresses: ready } : {}),
            ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
            ports,
          },
        ];
  const content = subsets.length > 0 ? { subsets } : {};
  if (store.get('endpoints', namespace, name) === undefined)
    store.create({
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name, namespace },
      ...content,
    } as KubeObject);
  else
    store.modify('endpoints', namespace, name, (copy) => {
      delete copy['subsets'];
      Object.assign(copy, content);
    });
}

function isEndpoint(pod: KubeObject, selector: Json): boolean {
  const { podIP, phase } = asRecord(pod['status']);
  const fits = Object.entries(selector).every(([key, value]) => pod.metadata.labels?.[key] === value);
  return fits && podIP !== undefined && phase !== 'Succeeded' && phase !== 'Failed';
}

function endpointOf(pod: KubeObject, publishNotReady: boolean): Json {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isReady(pod);
  return {
    addresses: [asRecord(pod['status'])['podIP']],
    conditions: { ready: publishNotReady || (serving && !terminating), serving, terminating },
    targetRef: refTo(pod),
    nodeName: asRecord(pod['spec'])['nodeName'],
  };
}

function endpointPort(port: Json, pod: KubeObject | undefined): Json {
  return {
    ...(port['name'] === undefined ? {} : { name: port['name'] }),
    protocol: port['protocol'] ?? 'TCP',
    port: targetPort(port, pod),
  };
}

/** The number behind a target port, which may be the name of a container's port. */
export function targetPort(port: Json, pod: KubeObject | undefined): number {
  const target = port['targetPort'] ?? port['port'];
  if (typeof target === 'number') return target;
  const ports = asList(asRecord(pod?.['spec'])['containers']).flatMap((container) =>
    asList(container['ports']),
  );
  return Number(ports.find(({ name }) => name === target)?.['containerPort'] ?? port['port']);
}

function refTo({ metadata }: KubeObject): Json {
  return { kind: 'Pod', namespace: metadata.namespace, name: metadata.name, uid: metadata.uid };
}
