/** The hub: one pod behind one Service. */

import type {
  V1Container,
  V1Deployment,
  V1PersistentVolumeClaim,
  V1Probe,
  V1Service,
  V1Volume,
} from '@kubernetes/client-node';
import { hubChecksums } from './configuration.ts';
import {
  CONFIG_MAP,
  HUB,
  HUB_PORT,
  hubHost,
  labels,
  metadata,
  SECRET,
  SECRET_KEYS,
  selectorLabels,
  TARGETS_KEY,
} from './names.ts';
import type { DeployOptions } from './options.ts';
import { imageReference, LINUX_NODES, LOCKED_CONTAINER, pullSecrets, tokenVariable } from './pod.ts';

const DATA_DIR = '/data';
const TLS_DIR = '/etc/remora/tls';
const TARGETS_DIR = '/etc/remora/targets';
/** The user `nonroot` of the image; its group owns the data. */
const USER = 65532;
const MiB = 2 ** 20;

export function hubDeployment(options: DeployOptions): V1Deployment {
  const { namespace, image } = options;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(namespace, HUB, 'hub'),
    spec: {
      replicas: 1,
      revisionHistoryLimit: 1,
      // One at a time: two hubs would write to one volume.
      strategy: { type: 'Recreate' },
      selector: { matchLabels: selectorLabels('hub') },
      template: {
        metadata: {
          // A sidecar would take over TLS, which is ours from end to end.
          labels: { ...labels('hub'), 'sidecar.istio.io/inject': 'false' },
          annotations: { ...hubChecksums(options), 'linkerd.io/inject': 'disabled' },
        },
        spec: {
          serviceAccountName: HUB,
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 10,
          affinity: LINUX_NODES,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: USER,
            runAsGroup: USER,
            fsGroup: USER,
            fsGroupChangePolicy: 'OnRootMismatch',
            seccompProfile: { type: 'RuntimeDefault' },
          },
          ...pullSecrets(image),
          containers: [hubContainer(options)],
          volumes: volumes(options),
        },
      },
    },
  };
}

function hubContainer({ namespace, namespaceOnly, allowRawExport, image, hub }: DeployOptions): V1Container {
  return {
    name: 'hub',
    image: imageReference(image, image.repositoryHub),
    imagePullPolicy: image.pullPolicy,
    args: [
      '--mode=cluster',
      `--data-dir=${DATA_DIR}`,
      `--listen=[::]:${HUB_PORT}`,
      `--allowed-host=${hubHost(namespace)}`,
      `--storage-limit=${hub.storageLimit}`,
      `--tls-cert=${TLS_DIR}/${SECRET_KEYS.serverCertificate}`,
      `--tls-key=${TLS_DIR}/${SECRET_KEYS.serverKey}`,
      `--targets=${TARGETS_DIR}/${TARGETS_KEY}`,
      ...(namespaceOnly === undefined ? [] : [`--namespaces=${namespaceOnly.join(',')}`]),
      ...(allowRawExport ? ['--allow-raw-export'] : []),
    ],
    env: [
      tokenVariable('REMORA_TOKEN', SECRET_KEYS.token),
      tokenVariable('REMORA_WORKER_TOKEN', SECRET_KEYS.workerToken),
      // SQLite sorts what does not fit into memory in files, and nothing else here can be written to.
      { name: 'SQLITE_TMPDIR', value: DATA_DIR },
    ],
    ports: [{ name: 'https', containerPort: HUB_PORT, protocol: 'TCP' }],
    // Opening a large store takes a while; nobody else may take that long.
    startupProbe: { ...probe('/healthz'), periodSeconds: 1, failureThreshold: 120 },
    livenessProbe: { ...probe('/healthz'), periodSeconds: 10, failureThreshold: 6 },
    readinessProbe: { ...probe('/readyz'), periodSeconds: 2, failureThreshold: 3 },
    resources: hub.resources,
    securityContext: LOCKED_CONTAINER,
    volumeMounts: [
      { name: 'data', mountPath: DATA_DIR },
      { name: 'tls', mountPath: TLS_DIR, readOnly: true },
      { name: 'targets', mountPath: TARGETS_DIR, readOnly: true },
    ],
  };
}

function probe(path: string): V1Probe {
  return { httpGet: { path, port: 'https', scheme: 'HTTPS' }, timeoutSeconds: 5 };
}

function volumes({ hub }: DeployOptions): V1Volume[] {
  return [
    hub.volumeClaim === undefined
      ? { name: 'data', emptyDir: { sizeLimit: volumeSize(hub.storageLimit) } }
      : { name: 'data', persistentVolumeClaim: { claimName: HUB } },
    {
      name: 'tls',
      secret: {
        secretName: SECRET,
        // Read by the pod's group.
        defaultMode: 0o440,
        items: [SECRET_KEYS.serverCertificate, SECRET_KEYS.serverKey].map((key) => ({ key, path: key })),
      },
    },
    { name: 'targets', configMap: { name: CONFIG_MAP } },
  ];
}

/** With room for what the limit does not count: a pod over its size is evicted, and its data with it. */
function volumeSize(storageLimit: number): string {
  return `${Math.ceil((storageLimit * 1.25) / MiB) + 256}Mi`;
}

export function hubVolumeClaim({ namespace, hub }: DeployOptions): V1PersistentVolumeClaim[] {
  if (hub.volumeClaim === undefined) return [];
  const { size, storageClass } = hub.volumeClaim;
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: metadata(namespace, HUB, 'hub'),
      spec: {
        accessModes: ['ReadWriteOnce'],
        ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
        resources: { requests: { storage: size } },
      },
    },
  ];
}

export function hubService(namespace: string): V1Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(namespace, HUB, 'hub'),
    spec: {
      selector: selectorLabels('hub'),
      // A hub that waits for the API server can already take what workers have.
      publishNotReadyAddresses: true,
      ports: [{ name: 'https', port: HUB_PORT, targetPort: 'https', protocol: 'TCP', appProtocol: 'https' }],
    },
  };
}
