import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { ClusterError } from './error.ts';
import type { ContainerPort, EndpointSlice, KubeObject, Node, Pod, Service, ServicePort } from './objects.ts';

/** Addresses that a network plugin gives a node among its pods, where the plugin writes them down. */
const ADDRESS_ANNOTATIONS = [
  'projectcalico.org/IPv4IPIPTunnelAddr',
  'projectcalico.org/IPv4VXLANTunnelAddr',
  'projectcalico.org/IPv6VXLANTunnelAddr',
  'projectcalico.org/IPv4WireguardInterfaceAddr',
  'projectcalico.org/IPv6WireguardInterfaceAddr',
  'network.cilium.io/ipv4-cilium-host',
  'network.cilium.io/ipv6-cilium-host',
  'io.cilium.network.ipv4-cilium-host',
  'io.cilium.network.ipv6-cilium-host',
  'flannel.alpha.coreos.com/public-ip',
];

/**
 * The objects of a `kubectl get … -o json` answer: a List of mixed kinds, a list of one kind (PodList), or an
 * array of such. Kinds that Remora does not read are passed over. Throws ClusterError OBJECTS_INVALID.
 */
export function parseObjects(text: string): KubeObject[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new ClusterError('OBJECTS_INVALID', `it is not JSON (${(cause as Error).message})`, cause);
  }
  const found: KubeObject[] = [];
  const open: { value: unknown; kind: string }[] = [{ value: document, kind: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, kind } = next;
    if (Array.isArray(value)) {
      for (let i = value.length - 1; i >= 0; i--) open.push({ value: value[i], kind });
      continue;
    }
    const object = fieldsOf(value);
    const ownKind = textOf(object['kind']) || kind;
    if (Array.isArray(object['items'])) {
      // The items of a PodList carry no kind of their own.
      open.push({ value: object['items'], kind: ownKind.replace(/List$/, '') });
    } else {
      const read = readObject(ownKind, object);
      if (read !== undefined) found.push(read);
    }
  }
  if (found.every(({ kind }) => kind === 'Namespace'))
    throw new ClusterError('OBJECTS_INVALID', 'it has no pods, services, endpoint slices or nodes');
  return found;
}

/**
 * What Remora keeps of an object as the API server gives it; undefined for other kinds and for what has no name.
 * Nothing in it is taken for granted: what is missing or of another type reads as not there.
 */
export function readObject(kind: string, value: unknown): KubeObject | undefined {
  const object = fieldsOf(value);
  const metadata = fieldsOf(object['metadata']);
  const name = textOf(metadata['name']);
  if (name === '') return undefined;
  const namespace = textOf(metadata['namespace']) || 'default';
  const spec = fieldsOf(object['spec']);
  const status = fieldsOf(object['status']);
  if (kind === 'Pod') return readPod(name, namespace, metadata, spec, status);
  if (kind === 'Service') return readService(name, namespace, spec, status);
  if (kind === 'EndpointSlice') return readEndpointSlice(name, namespace, metadata, object);
  if (kind === 'Node') return readNode(name, metadata, spec, status);
  if (kind === 'Namespace') return { kind, name, labels: textsOf(metadata['labels']) };
  return undefined;
}

function readPod(name: string, namespace: string, metadata: Fields, spec: Fields, status: Fields): Pod {
  const phase = textOf(status['phase']);
  const pod: Pod = {
    kind: 'Pod',
    name,
    namespace,
    uid: textOf(metadata['uid']),
    labels: textsOf(metadata['labels']),
    node: textOf(spec['nodeName']),
    hostNetwork: spec['hostNetwork'] === true,
    ports: listOf(spec['containers']).flatMap((container) =>
      listOf(fieldsOf(container)['ports']).flatMap(readContainerPort),
    ),
    ips: addresses([status['podIP'], ...listOf(status['podIPs']).map((entry) => fieldsOf(entry)['ip'])]),
    hostIp: textOf(status['hostIP']),
    finished: phase === 'Succeeded' || phase === 'Failed',
  };
  const owner = listOf(metadata['ownerReferences'])
    .map(fieldsOf)
    .find((reference) => reference['controller'] !== false);
  if (owner !== undefined) pod.owner = { kind: textOf(owner['kind']), name: textOf(owner['name']) };
  const startTime = timeOf(status['startTime']);
  if (startTime !== undefined) pod.startTime = startTime;
  const ends = listOf(status['containerStatuses']).map((container) => {
    const { terminated } = fieldsOf(fieldsOf(container)['state']);
    return timeOf(fieldsOf(terminated)['finishedAt']) ?? Number.NaN;
  });
  const finishTime = Math.max(...ends);
  if (pod.finished && Number.isFinite(finishTime)) pod.finishTime = finishTime;
  return pod;
}

function readContainerPort(value: unknown): ContainerPort[] {
  const { name, containerPort, hostPort, protocol } = fieldsOf(value);
  const port = portOf(containerPort);
  if (port === undefined || !isTcp(protocol)) return [];
  const onHost = portOf(hostPort);
  return [{ name: textOf(name), port, ...(onHost === undefined ? {} : { hostPort: onHost }) }];
}

function readService(name: string, namespace: string, spec: Fields, status: Fields): Service {
  const ingress = listOf(fieldsOf(status['loadBalancer'])['ingress']);
  return {
    kind: 'Service',
    name,
    namespace,
    clusterIps: addresses([spec['clusterIP'], ...listOf(spec['clusterIPs'])]),
    externalIps: addresses([
      ...listOf(spec['externalIPs']),
      spec['loadBalancerIP'],
      ...ingress.map((entry) => fieldsOf(entry)['ip']),
    ]),
    ports: listOf(spec['ports']).flatMap(readServicePort),
    selector: textsOf(spec['selector']),
  };
}

function readServicePort(value: unknown): ServicePort[] {
  const { port: number, nodePort, targetPort, protocol } = fieldsOf(value);
  const port = portOf(number);
  if (port === undefined || !isTcp(protocol)) return [];
  const onNodes = portOf(nodePort);
  return [
    {
      port,
      targetPort: portOf(targetPort) ?? (textOf(targetPort) || port),
      ...(onNodes === undefined ? {} : { nodePort: onNodes }),
    },
  ];
}

function readEndpointSlice(
  name: string,
  namespace: string,
  metadata: Fields,
  slice: Fields,
): EndpointSlice | undefined {
  const service = textsOf(metadata['labels'])['kubernetes.io/service-name'];
  if (service === undefined) return undefined;
  return {
    kind: 'EndpointSlice',
    name,
    namespace,
    service,
    addresses: addresses(
      listOf(slice['endpoints']).flatMap((endpoint) => listOf(fieldsOf(endpoint)['addresses'])),
    ),
    ports: listOf(slice['ports']).flatMap((entry) => {
      const { port, protocol } = fieldsOf(entry);
      return isTcp(protocol) ? (portOf(port) ?? []) : [];
    }),
  };
}

function readNode(name: string, metadata: Fields, spec: Fields, status: Fields): Node {
  const annotations = textsOf(metadata['annotations']);
  return {
    kind: 'Node',
    name,
    addresses: addresses([
      ...listOf(status['addresses']).map((entry) => fieldsOf(entry)['address']),
      ...ADDRESS_ANNOTATIONS.map((annotation) => annotations[annotation]),
    ]),
    podCidrs: texts([...listOf(spec['podCIDRs']), spec['podCIDR']]),
  };
}

type Fields = Record<string, unknown>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Labels and the like: of each name a text. */
function textsOf(value: unknown): Record<string, string> {
  const entries = Object.entries(fieldsOf(value)).filter(([, text]) => typeof text === 'string');
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Each text once. */
function texts(values: unknown[]): string[] {
  return [...new Set(values.map(textOf))].filter((text) => text !== '');
}

/** IP addresses as flows have them (RFC 5952), each once: 'None' and host names are none. */
function addresses(values: unknown[]): string[] {
  const found = texts(values).filter((text) => isIP(text) !== 0);
  return found.map((ip) => (ip.includes(':') ? ipaddr.process(ip).toString() : ip));
}

function portOf(value: unknown): number | undefined {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536
    ? (value as number)
    : undefined;
}

/** TCP is what is meant where nothing is said. */
function isTcp(protocol: unknown): boolean {
  return protocol === undefined || protocol === null || protocol === 'TCP';
}

/** RFC 3339, in µs since the epoch. */
function timeOf(value: unknown): number | undefined {
  const ms = Date.parse(textOf(value));
  return Number.isNaN(ms) ? undefined : ms * 1000;
}
