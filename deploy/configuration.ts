/** The Secret, the ConfigMap, and the checksums of both that replace pods when these change. */

import { createHash } from 'node:crypto';
import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';
import type { TargetSpec } from '../flow/targets.ts';
import { CONFIG_MAP, metadata, SECRET, SECRET_KEYS, TARGETS_KEY } from './names.ts';
import type { Credentials } from './options.ts';

export function secret(namespace: string, credentials: Credentials): V1Secret {
  const names = Object.keys(SECRET_KEYS) as (keyof Credentials)[];
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: metadata(namespace, SECRET),
    data: Object.fromEntries(
      names.map((name) => [SECRET_KEYS[name], Buffer.from(credentials[name]).toString('base64')]),
    ),
  };
}

export function configMap(namespace: string, targets: TargetSpec): V1ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata(namespace, CONFIG_MAP),
    data: { [TARGETS_KEY]: targetsJson(targets) },
  };
}

/** What the hub's pod must be replaced for. */
export function hubChecksums({ credentials, targets }: { credentials: Credentials; targets: TargetSpec }) {
  const { caCertificate, serverCertificate, serverKey, token, workerToken } = credentials;
  return {
    'checksum/credentials': checksum(caCertificate, serverCertificate, serverKey, token, workerToken),
    'checksum/targets': checksum(targetsJson(targets)),
  };
}

/** What a worker must be replaced for. Which pods are tapped it learns from the hub while it runs. */
export function workerChecksums({ caCertificate, workerToken }: Credentials) {
  return { 'checksum/credentials': checksum(caCertificate, workerToken) };
}

/** Nothing can be learnt of a token from its checksum: each holds 256 random bits. */
function checksum(...values: string[]): string {
  return createHash('sha256').update(values.join('\n')).digest('hex');
}

/** Keys in the order of the alphabet, so that equal targets are equal text, in the Helm chart too. */
function targetsJson({ excludeNamespaces, namespaces, pods, refs, selector }: TargetSpec): string {
  return JSON.stringify({ excludeNamespaces, namespaces, pods, refs, selector });
}
