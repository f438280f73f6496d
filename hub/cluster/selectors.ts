import type { EndpointSlice, KubeObject, Pod, Service } from './objects.ts';

/**
 * The endpoints of services that have a selector and no endpoint slice among the objects: what the cluster's own
 * controller makes of the pods. Finished pods are no endpoints.
 */
export function slicesFromSelectors(objects: readonly KubeObject[]): EndpointSlice[] {
  const sliced = new Set<string>();
  const pods = new Map<string, Pod[]>();
  for (const object of objects) {
    if (object.kind === 'EndpointSlice') sliced.add(`${object.namespace}/${object.service}`);
    if (object.kind !== 'Pod' || object.finished) continue;
    const neighbours = pods.get(object.namespace);
    if (neighbours === undefined) pods.set(object.namespace, [object]);
    else neighbours.push(object);
  }
  return objects.flatMap((object) => {
    if (object.kind !== 'Service' || sliced.has(`${object.namespace}/${object.name}`)) return [];
    return slicesOf(object, pods.get(object.namespace) ?? []);
  });
}

/** One slice a pod: a port's name may be another number in another pod. */
function slicesOf({ name, namespace, selector, ports }: Service, pods: readonly Pod[]): EndpointSlice[] {
  const labels = Object.entries(selector);
  if (labels.length === 0) return [];
  return pods
    .filter((pod) => labels.every(([label, value]) => pod.labels[label] === value))
    .map((pod) => ({
      kind: 'EndpointSlice',
      name: `${name}-${pod.name}`,
      namespace,
      service: name,
      addresses: pod.ips,
      ports: ports.flatMap(({ targetPort }) =>
        typeof targetPort === 'number'
          ? targetPort
          : (pod.ports.find((port) => port.name === targetPort)?.port ?? []),
      ),
    }));
}
