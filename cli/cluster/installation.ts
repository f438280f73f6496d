/** A Remora that is in the cluster already. */

import {
  HUB,
  MANAGED_BY,
  MANAGED_BY_LABEL,
  SECRET,
  SECRET_KEYS,
  selectorLabels,
} from '../../deploy/names.ts';
import { CliError, Exit } from '../errors.ts';
import type { Kube } from '../kube/client.ts';
import { KubeError } from '../kube/error.ts';
import type { DeploymentObject, SecretObject } from '../kube/objects.ts';
import { type Mark, readMark } from './mark.ts';

export interface Installation {
  namespace: string;
  mark: Mark | undefined;
  /** `remora`, or who else put it there: `Helm`. */
  managedBy: string;
}

/** Labels as the API takes them. */
export function selectorText(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

/** Where it can be seen: in the whole cluster, or for who may not look there, in `namespaces`. */
export async function findInstallations(
  kube: Kube,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<Installation[]> {
  const labelSelector = selectorText(selectorLabels('hub'));
  const list = (namespace: string | undefined) =>
    kube.list<DeploymentObject>('Deployment', { namespace, labelSelector, signal });
  try {
    return (await list(undefined)).map(read);
  } catch (error) {
    if (!isForbidden(error)) throw error;
  }
  const found = await Promise.all(
    [...new Set(namespaces)].map((namespace) =>
      list(namespace).catch((error: unknown) => {
        if (isForbidden(error)) return [];
        throw error;
      }),
    ),
  );
  return found.flat().map(read);
}

function read({ metadata }: DeploymentObject): Installation {
  return {
    namespace: metadata.namespace ?? 'default',
    mark: readMark(metadata),
    managedBy: metadata.labels?.[MANAGED_BY_LABEL] ?? MANAGED_BY,
  };
}

/** The one that is meant. `wanted` is --remora-namespace, '' where it was not said. */
export function chooseInstallation(found: readonly Installation[], wanted: string): Installation | undefined {
  if (wanted !== '') return found.find(({ namespace }) => namespace === wanted);
  if (found.length > 1) {
    const places = found.map(({ namespace }) => namespace).join(', ');
    throw new CliError('SEVERAL_INSTALLED', `Remora runs in several namespaces of this cluster: ${places}`, {
      remedy: 'Say which one: --remora-namespace NAMESPACE',
    });
  }
  return found[0];
}

/** What a client of the hub needs. */
export interface HubCredentials {
  ca: string;
  token: string;
}

/** Rejects with CliError where they are not there or may not be read. */
export async function readCredentials(
  kube: Kube,
  namespace: string,
  signal: AbortSignal,
): Promise<HubCredentials> {
  let secret: SecretObject | undefined;
  try {
    secret = await kube.get<SecretObject>('Secret', SECRET, namespace, signal);
  } catch (cause) {
    if (!isForbidden(cause)) throw cause;
    throw new CliError('NO_ACCESS', `you may not read Secret "${SECRET}" in namespace "${namespace}"`, {
      exit: Exit.refused,
      remedy: `It holds the token of this Remora's page: ask for the right to get it, and to get pods/portforward there.`,
      cause,
    });
  }
  const read = (key: string) => Buffer.from(secret?.data?.[key] ?? '', 'base64').toString('utf8');
  const credentials = { ca: read(SECRET_KEYS.caCertificate), token: read(SECRET_KEYS.token) };
  if (credentials.ca === '' || credentials.token === '') {
    throw new CliError(
      'NO_CREDENTIALS',
      `Secret "${SECRET}" of ${HUB} in namespace "${namespace}" is not there, or not whole`,
      { remedy: 'Install it anew: remora clean, then remora install.' },
    );
  }
  return credentials;
}

function isForbidden(error: unknown): boolean {
  return error instanceof KubeError && error.code === 'KUBE_FORBIDDEN';
}
