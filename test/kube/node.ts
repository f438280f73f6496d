/** A node as its kubelet registers it: ready, Linux, amd64. */

import { now as currentTime } from './objects/store.ts';
import type { ObjectInput } from './types.ts';

export function nodeObject(name: string, address: string): ObjectInput & Record<string, unknown> {
  const now = currentTime();
  const condition = (type: string, status: string, reason: string) => ({
    type,
    status,
    lastHeartbeatTime: now,
    lastTransitionTime: now,
    reason,
    message: '',
  });
  const capacity = { cpu: '2', memory: '24684092Ki', pods: '60', 'ephemeral-storage': '264212084Ki' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/arch': 'amd64', 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': name },
    } as ObjectInput['metadata'] & object,
    spec: {},
    status: {
      capacity,
      allocatable: capacity,
      conditions: [
        condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory'),
        condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure'),
        condition('PIDPressure', 'False', 'KubeletHasSufficientPID'),
        condition('Ready', 'True', 'KubeletReady'),
      ],
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        machineID: name,
        systemUUID: name,
        bootID: name,
        kernelVersion: '6.1.0-18-amd64',
        osImage: 'Debian GNU/Linux 12 (bookworm)',
        containerRuntimeVersion: 'containerd://1.6.20',
        kubeletVersion: 'v1.26.4',
        kubeProxyVersion: 'v1.26.4',
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
    },
  };
}
