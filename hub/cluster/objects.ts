/** The parts of Kubernetes objects that Remora reads, and nothing else of them. Field names are the API's. */

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  labels?: Record<string, string>;
  ownerReferences?: { kind: string; name: string; controller?: boolean }[];
  creationTimestamp?: string;
  deletionTimestamp?: string;
}

export interface Pod {
  kind?: 'Pod';
  metadata: ObjectMeta;
  spec?: {
    nodeName?: string;
    hostNetwork?: boolean;
    containers?: { ports?: { containerPort: number; protocol?: string }[] }[];
  };
  status?: { phase?: string; podIP?: string; podIPs?: { ip: string }[]; startTime?: string };
}

export interface Service {
  kind?: 'Service';
  metadata: ObjectMeta;
  spec?: {
    type?: string;
    clusterIP?: string;
    clusterIPs?: string[];
    externalIPs?: string[];
    ports?: { port: number; nodePort?: number; protocol?: string }[];
  };
  status?: { loadBalancer?: { ingress?: { ip?: string }[] } };
}

export interface EndpointSlice {
  kind?: 'EndpointSlice';
  metadata: ObjectMeta;
  endpoints?: { addresses?: string[]; targetRef?: { kind?: string; name?: string; namespace?: string } }[];
  ports?: { port?: number }[];
}

export interface Node {
  kind?: 'Node';
  metadata: ObjectMeta;
  spec?: { podCIDR?: string; podCIDRs?: string[] };
  status?: { addresses?: { type: string; address: string }[] };
}

export type KubeObject = Pod | Service | EndpointSlice | Node;

/** An `--objects` file that cannot be used. */
export class ObjectsError extends Error {
  readonly code = 'OBJECTS_INVALID';
  constructor(what: string, options?: ErrorOptions) {
    super(
      `${what}. Make it with: kubectl get pods,svc,endpointslices,nodes -A -o json > objects.json`,
      options,
    );
    this.name = 'ObjectsError';
  }
}

/**
 * The objects of a `kubectl get … -o json` answer: a List of mixed kinds, one list of a kind (PodList), or an
 * array of such. Kinds that Remora does not read are passed over. Throws ObjectsError.
 */
export function parseObjects(text: string): KubeObject[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new ObjectsError('The objects file is not JSON', { cause });
  }
  const found: KubeObject[] = [];
  collect(document, undefined, found);
  if (found.length === 0)
    throw new ObjectsError('The objects file has no pods, services, endpoint slices or nodes');
  return found;
}

const KINDS = new Set(['Pod', 'Service', 'EndpointSlice', 'Node']);

function collect(value: unknown, listKind: string | undefined, found: KubeObject[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, listKind, found);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const { kind, items, metadata } = value as {
    kind?: unknown;
    items?: unknown;
    metadata?: { name?: unknown };
  };
  if (Array.isArray(items)) {
    // Items of a PodList carry no kind of their own.
    collect(items, typeof kind === 'string' ? kind.replace(/List$/, '') : undefined, found);
    return;
  }
  const ownKind = typeof kind === 'string' ? kind : listKind;
  if (ownKind !== undefined && KINDS.has(ownKind) && typeof metadata?.name === 'string') {
    found.push({ ...value, kind: ownKind } as KubeObject);
  }
}
