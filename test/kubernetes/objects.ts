/** What `kubectl get pods,svc,endpointslices,nodes -A -o json` prints for the cluster of a capture set. */
import type { TruePod, TrueService, Truth } from './captures.ts';

/** `full`: with owners, endpoint slices and pod address ranges; otherwise with none of them, as some clusters and users have it. */
export function kubectlObjects({ pods, services, nodes }: Truth, full: boolean): string {
  const hostIps = new Map(nodes.map(({ name, ip }) => [name, ip]));
  const items = [
    ...pods.map((pod) => podObject(pod, hostIps.get(pod.node) ?? '', full)),
    ...services.map(serviceObject),
    ...(full ? services.map(endpointSlice) : []),
    ...nodes.map(({ name, ip, podCIDR }) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name },
      spec: full ? { podCIDR: podCIDR.split(' ')[0], podCIDRs: [podCIDR.split(' ')[0]] } : {},
      status: {
        addresses: [
          { type: 'InternalIP', address: ip },
          { type: 'Hostname', address: name },
        ],
      },
    })),
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items, metadata: { resourceVersion: '' } });
}

function podObject(pod: TruePod, hostIP: string, full: boolean): object {
  const { name, namespace, uid, labels, node, ip, containerPorts, hostNetwork, workload } = pod;
  const owner =
    workload.kind === 'Deployment'
      ? { kind: 'ReplicaSet', name: `${workload.name}-${labels['pod-template-hash']}` }
      : workload;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...{ name, namespace, uid, labels },
      ...(full && workload.kind !== 'Pod' ? { ownerReferences: [{ ...owner, controller: true }] } : {}),
    },
    spec: {
      nodeName: node,
      ...(hostNetwork ? { hostNetwork: true } : {}),
      containers: [
        {
          name: 'main',
          ports: containerPorts.map(({ name, port, protocol }) => ({ name, containerPort: port, protocol })),
        },
      ],
    },
    status: { phase: 'Running', hostIP, podIP: ip, podIPs: [{ ip }] },
  };
}

function serviceObject({ name, namespace, type, clusterIP, selector, ports }: TrueService): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { type, clusterIP, clusterIPs: [clusterIP], selector, ports },
    status: { loadBalancer: {} },
  };
}

function endpointSlice({ name, namespace, endpoints, ports = [] }: TrueService): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-x7k2p`, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: endpoints.map((endpoint) => ({
      addresses: [endpoint.split(':')[0]],
      conditions: { ready: true },
    })),
    ports: ports.map(({ name, targetPort, protocol }) => ({ name, port: targetPort, protocol })),
  };
}
