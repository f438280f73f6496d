/** The workers: one pod on each node. */

import type { V1Container, V1DaemonSet, V1Volume } from '@kubernetes/client-node';
import { workerChecksums } from './configuration.ts';
import { HUB_PORT, hubHost, labels, metadata, SECRET, SECRET_KEYS, selectorLabels, WORKER } from './names.ts';
import type { DeployOptions, WorkerDeployOptions } from './options.ts';
import { imageReference, LINUX_NODES, LOCKED_CONTAINER, pullSecrets, tokenVariable } from './pod.ts';

const CA_DIR = '/etc/remora/ca';
const PACKETS_DIR = '/packets';
const PACKET_KEY_DIR = '/packet-key';
const MiB = 2 ** 20;

export function workerDaemonSet(options: DeployOptions): V1DaemonSet {
  const { namespace, image, credentials } = options;
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: metadata(namespace, WORKER, 'worker'),
    spec: {
      revisionHistoryLimit: 1,
      selector: { matchLabels: selectorLabels('worker') },
      // Workers do not stand in for each other: waiting in line would only make holes longer.
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%' } },
      template: {
        metadata: { labels: labels('worker'), annotations: workerChecksums(credentials) },
        spec: {
          serviceAccountName: WORKER,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 5,
          // The node's network is what there is to see; names are still the cluster's.
          hostNetwork: true,
          dnsPolicy: 'ClusterFirstWithHostNet',
          tolerations: [{ operator: 'Exists' }],
          affinity: LINUX_NODES,
          securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
          ...pullSecrets(image),
          containers: [workerContainer(options)],
          volumes: volumes(options),
        },
      },
    },
  };
}

function volumes({ worker }: DeployOptions): V1Volume[] {
  const items = [{ key: SECRET_KEYS.caCertificate, path: SECRET_KEYS.caCertificate }];
  const ca: V1Volume = { name: 'ca', secret: { secretName: SECRET, items } };
  if (!recordsOnDisk(worker)) return [ca];
  return [
    ca,
    { name: 'packets', emptyDir: { sizeLimit: packetsSize(worker.recordLimit) } },
    // Both stay when the container is started again, and go with the pod.
    { name: 'packet-key', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
  ];
}

function recordsOnDisk({ recordOn, recordLimit }: WorkerDeployOptions): boolean {
  return recordOn === 'disk' && recordLimit > 0;
}

/** With room to spare: a pod over its size is evicted. */
function packetsSize(recordLimit: number): string {
  return `${Math.ceil(recordLimit / MiB) + 64}Mi`;
}

function workerContainer({ namespace, allowRawExport, image, worker }: DeployOptions): V1Container {
  return {
    name: 'worker',
    image: imageReference(image, image.repositoryWorker),
    imagePullPolicy: image.pullPolicy,
    args: [
      `--hub=wss://${hubHost(namespace)}:${HUB_PORT}/worker`,
      `--ca=${CA_DIR}/${SECRET_KEYS.caCertificate}`,
      '--node=$(NODE_NAME)',
      '--interface=any',
      '--targets=hub',
      '--keep-trying',
      `--snaplen=${worker.snaplen}`,
      `--buffer-size=${worker.bufferSize}`,
      `--max-body=${worker.maxBody}`,
      `--record-limit=${worker.recordLimit}`,
      ...(recordsOnDisk(worker) ? [`--record-dir=${PACKETS_DIR}`, `--record-key-dir=${PACKET_KEY_DIR}`] : []),
      ...(allowRawExport ? ['--allow-raw-export'] : []),
      ...worker.redactField.map((name) => `--redact-field=${name}`),
      ...worker.redactKeep.map((name) => `--redact-keep=${name}`),
    ],
    env: [
      { name: 'NODE_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } },
      tokenVariable('REMORA_WORKER_TOKEN', SECRET_KEYS.workerToken),
    ],
    resources: worker.resources,
    securityContext: {
      ...LOCKED_CONTAINER,
      capabilities: { drop: ['ALL'], add: ['NET_RAW'] },
      // A capability that is added takes effect only for root. Without all others this root owns nothing.
      runAsUser: 0,
    },
    volumeMounts: [
      { name: 'ca', mountPath: CA_DIR, readOnly: true },
      ...(recordsOnDisk(worker)
        ? [
            { name: 'packets', mountPath: PACKETS_DIR },
            { name: 'packet-key', mountPath: PACKET_KEY_DIR },
          ]
        : []),
    ],
  };
}
