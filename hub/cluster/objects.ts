/** What Remora keeps of Kubernetes objects. Where one of them says nothing there is '', [] or {}. */

export interface Pod {
  kind: 'Pod';
  name: string;
  namespace: string;
  uid: string;
  labels: Record<string, string>;
  /** The controller that owns it. */
  owner?: { kind: string; name: string };
  /** '' until it is scheduled. */
  node: string;
  hostNetwork: boolean;
  ports: ContainerPort[];
  ips: string[];
  /** Of the node; a hostPort is there. */
  hostIp: string;
  /** Succeeded or Failed: the address that it still shows may be another pod's by now. */
  finished: boolean;
  /** µs since the epoch, as far as known: when the node took it, and when its last container ended. */
  startTime?: number;
  finishTime?: number;
}

export interface ContainerPort {
  name: string;
  port: number;
  hostPort?: number;
}

export interface Service {
  kind: 'Service';
  name: string;
  namespace: string;
  /** Cluster addresses, where all its ports are its own. */
  clusterIps: string[];
  /** External and load balancer addresses: other services may have other ports there. */
  externalIps: string[];
  ports: ServicePort[];
  selector: Record<string, string>;
}

export interface ServicePort {
  port: number;
  nodePort?: number;
  /** Number or name of the container's port. */
  targetPort: number | string;
}

export interface EndpointSlice {
  kind: 'EndpointSlice';
  name: string;
  namespace: string;
  service: string;
  addresses: string[];
  ports: number[];
}

export interface Node {
  kind: 'Node';
  name: string;
  addresses: string[];
  podCidrs: string[];
}

export interface Namespace {
  kind: 'Namespace';
  name: string;
  labels: Record<string, string>;
}

export type KubeObject = Pod | Service | EndpointSlice | Node | Namespace;
