/** Kubernetes objects as the API server gives them, as short as they can be, for tests. */

interface PodSpec {
  namespace?: string;
  uid?: string;
  labels?: Record<string, string>;
  owner?: [kind: string, name: string];
  node?: string;
  hostNetwork?: boolean;
  ports?: ({ name?: string; containerPort: number; hostPort?: number; protocol?: string } | number)[];
  hostIP?: string;
  phase?: string;
  startTime?: string;
  finishedAt?: string;
}

export function pod(name: string, ip: string, spec: PodSpec = {}): Record<string, unknown> {
  const {
    namespace = 'shop',
    uid = name,
    labels = {},
    owner,
    node = 'node-a',
    hostNetwork,
    ports = [8080],
  } = spec;
  const { hostIP, phase = 'Running', startTime, finishedAt } = spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...{ name, namespace, uid, labels },
      ...(owner && { ownerReferences: [{ kind: owner[0], name: owner[1], controller: true }] }),
    },
    spec: {
      nodeName: node,
      hostNetwork,
      containers: [
        { ports: ports.map((port) => (typeof port === 'number' ? { containerPort: port } : port)) },
      ],
    },
    status: {
      ...{ phase, hostIP, startTime },
      ...(ip === '' ? {} : { podIP: ip, podIPs: [{ ip }] }),
      ...(finishedAt && { containerStatuses: [{ state: { terminated: { finishedAt } } }] }),
    },
  };
}

interface ServiceSpec {
  namespace?: string;
  selector?: Record<string, string>;
  ports?: { port: number; targetPort?: number | string; nodePort?: number; protocol?: string }[];
  externalIPs?: string[];
  ingress?: string[];
}

export function service(name: string, clusterIP: string, spec: ServiceSpec = {}): Record<string, unknown> {
  const {
    namespace = 'shop',
    selector,
    ports = [{ port: 80, targetPort: 8080 }],
    externalIPs,
    ingress = [],
  } = spec;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { clusterIP, clusterIPs: [clusterIP], externalIPs, selector, ports },
    status: { loadBalancer: { ingress: ingress.map((ip) => ({ ip })) } },
  };
}

export function slice(
  service: string,
  addresses: string[],
  { namespace = 'shop', port = 8080, name = `${service}-abcde` } = {},
): Record<string, unknown> {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': service } },
    endpoints: addresses.map((ip) => ({ addresses: [ip] })),
    ports: [{ name: '', port, protocol: 'TCP' }],
  };
}

export function node(
  name: string,
  ip: string,
  { podCIDR, annotations }: { podCIDR?: string; annotations?: Record<string, string> } = {},
): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, annotations },
    spec: { podCIDR },
    status: {
      addresses: [
        { type: 'InternalIP', address: ip },
        { type: 'Hostname', address: name },
      ],
    },
  };
}

export function list(...items: object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
