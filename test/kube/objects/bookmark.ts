/** A bookmark carries an empty object of the kind: only its version means something. */

import { apiVersionOf, type Resource } from '../resources.ts';

const NODE_STATUS = {
  daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
  nodeInfo: {
    machineID: '',
    systemUUID: '',
    bootID: '',
    kernelVersion: '',
    osImage: '',
    containerRuntimeVersion: '',
    kubeletVersion: '',
    kubeProxyVersion: '',
    operatingSystem: '',
    architecture: '',
  },
};

const TEMPLATE = { metadata: { creationTimestamp: null }, spec: { containers: null } };

/** What Go writes of an empty object of the kind, past its metadata. */
const BODIES: Record<string, object> = {
  pods: { spec: { containers: null }, status: {} },
  nodes: { spec: {}, status: NODE_STATUS },
  services: { spec: {}, status: { loadBalancer: {} } },
  namespaces: { spec: {}, status: {} },
  endpointslices: { addressType: '', endpoints: null, ports: null },
  deployments: { spec: { replicas: 0, selector: null, template: TEMPLATE, strategy: {} }, status: {} },
  replicasets: { spec: { replicas: 0, selector: null, template: TEMPLATE }, status: { replicas: 0 } },
};

export function emptyOf(resource: Resource, revision: number): object {
  const metadata = { resourceVersion: String(revision), creationTimestamp: null };
  return {
    kind: resource.kind,
    apiVersion: apiVersionOf(resource),
    metadata,
    ...(BODIES[resource.plural] ?? {}),
  };
}
