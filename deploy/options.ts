/** What is put into a cluster, in one value: the command line fills it, `manifests` makes Kubernetes objects of it. */

import type { TargetSpec } from '../flow/targets.ts';
import { VERSION } from '../flow/version.ts';

export interface DeployOptions {
  /** Where the hub and the workers are. */
  namespace: string;
  /** Whether the namespace is among the objects. Not for one that is there already and is not Remora's. */
  createNamespace: boolean;
  image: ImageOptions;
  targets: TargetSpec;
  /** The hub sees these namespaces alone, and no object is cluster-scoped. undefined: it sees the cluster. */
  namespaceOnly: string[] | undefined;
  /** Packets may be exported with the secrets in them, each time on record. */
  allowRawExport: boolean;
  hub: HubDeployOptions;
  worker: WorkerDeployOptions;
  credentials: Credentials;
}

export interface ImageOptions {
  /** With the path, without a slash at the end: `ghcr.io/remora-dev`. */
  registry: string;
  repositoryHub: string;
  repositoryWorker: string;
  tag: string;
  pullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** Names of Secrets in the same namespace. */
  pullSecrets: string[];
}

export interface HubDeployOptions {
  /** Bytes: the oldest flows go first. */
  storageLimit: number;
  /** undefined: an emptyDir, whose data ends with the pod. */
  volumeClaim: VolumeClaim | undefined;
  /** CIDRs that workers come from, at most MAX_NODE_CIDRS. []: any address may try the hub's port (network-policy.ts). */
  nodeCidrs: string[];
  /** The cluster's network is Cilium's, which names nodes in its own way (cilium-policy.ts). */
  cilium: boolean;
  resources: Resources;
}

export interface VolumeClaim {
  /** Kubernetes quantity. Should exceed storageLimit by a quarter. */
  size: string;
  /** undefined: the cluster's default. */
  storageClass: string | undefined;
}

export interface WorkerDeployOptions {
  resources: Resources;
  /** Bytes of each packet. */
  snaplen: number;
  /** The kernel's capture buffer, bytes. */
  bufferSize: number;
  /** Bytes kept of each body. */
  maxBody: number;
  /** Room for packets, bytes; in memory part of `resources`. 0: none are kept. */
  recordLimit: number;
  /** `disk`: encrypted, in an emptyDir, with the key in one that is in memory. */
  recordOn: 'memory' | 'disk';
  redactField: string[];
  redactKeep: string[];
}

/** As in a Pod: quantities by resource name. */
export interface Resources {
  requests: Record<string, string>;
  limits: Record<string, string>;
}

/** All in PEM or plain text. The authority's own key is not kept: nothing else can be signed with it. */
export interface Credentials {
  caCertificate: string;
  serverCertificate: string;
  serverKey: string;
  /** Of browsers and scripts. */
  token: string;
  workerToken: string;
}

const KiB = 2 ** 10;
const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** All but the credentials, for the whole cluster. A new value at each call: change it as you like. */
export function defaultOptions(): Omit<DeployOptions, 'credentials'> {
  return {
    namespace: 'remora',
    createNamespace: true,
    image: {
      registry: 'ghcr.io/remora-dev',
      repositoryHub: 'hub',
      repositoryWorker: 'worker',
      tag: VERSION,
      pullPolicy: 'IfNotPresent',
      pullSecrets: [],
    },
    targets: { pods: '', namespaces: [], excludeNamespaces: [], selector: '', refs: [] },
    namespaceOnly: undefined,
    allowRawExport: false,
    hub: {
      storageLimit: 2 * GiB,
      volumeClaim: undefined,
      nodeCidrs: [],
      cilium: false,
      resources: {
        requests: { cpu: '100m', memory: '256Mi' },
        limits: { cpu: '2', memory: '2Gi' },
      },
    },
    worker: {
      resources: {
        requests: { cpu: '50m', memory: '128Mi' },
        limits: { cpu: '1', memory: '512Mi' },
      },
      snaplen: 256 * KiB,
      bufferSize: 64 * MiB,
      maxBody: 64 * KiB,
      recordLimit: 512 * MiB,
      recordOn: 'disk',
      redactField: [],
      redactKeep: [],
    },
  };
}
