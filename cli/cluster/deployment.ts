/** What is to be put into a cluster, and whether this person may: decided before anything is made. */

import { setTimeout as sleep } from 'node:timers/promises';
import { DeployError } from '../../deploy/errors.ts';
import { manifests } from '../../deploy/manifests.ts';
import { MANAGED_BY, MANAGED_BY_LABEL } from '../../deploy/names.ts';
import { type DeployOptions, defaultOptions } from '../../deploy/options.ts';
import type { TargetSpec } from '../../flow/targets.ts';
import { CliError, Exit, usageError } from '../errors.ts';
import { describeRights, missingRights, rightsToApply, rightsToReach } from '../kube/access.ts';
import type { AccessQuestion, Kube } from '../kube/client.ts';
import { KubeError } from '../kube/error.ts';
import type { Manifest, NamespaceObject } from '../kube/objects.ts';
import type { Settings } from '../settings/table.ts';
import { decideIngress, describeOpen, type HubIngress } from './hub-ingress.ts';
import { type Mark, toAnnotations } from './mark.ts';

/** Where Remora runs if nothing else is said. */
export const NAMESPACE = 'remora';

export interface Deployment {
  namespace: string;
  /** The hub sees these alone, and nothing is made outside of namespaces. undefined: the whole cluster. */
  namespaceOnly: string[] | undefined;
  /** Whom the objects let in to the hub. */
  ingress: HubIngress;
  /** In the order of applying. */
  objects: Manifest[];
}

export interface DeploymentRequest {
  settings: Settings;
  targets: TargetSpec;
  /** undefined: for manifests that another applies. */
  mark: Mark | undefined;
}

/** Without asking the cluster. Throws usage errors. */
export async function describeDeployment(
  { settings, targets, mark }: DeploymentRequest,
  ingress: HubIngress,
  namespace: string,
  namespaceOnly: string[] | undefined,
  createNamespace: boolean,
): Promise<Deployment> {
  // What signs certificates takes long to load, and most commands make none.
  const { createCredentials } = await import('../../deploy/credentials.ts');
  const options: DeployOptions = {
    ...deployOptions(settings, ingress),
    namespace,
    createNamespace,
    targets,
    namespaceOnly,
    credentials: await createCredentials(namespace),
  };
  try {
    const objects = manifests(options) as Manifest[];
    return { namespace, namespaceOnly, ingress, objects: objects.map((object) => marked(object, mark)) };
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    throw usageError(error.message, error.remedy);
  }
}

function marked(object: Manifest, mark: Mark | undefined): Manifest {
  if (object.kind !== 'Deployment' || mark === undefined) return object;
  const { metadata } = object;
  const annotations = { ...metadata?.annotations, ...toAnnotations(mark) };
  return { ...object, metadata: { ...metadata, annotations } };
}

function deployOptions(
  settings: Settings,
  { nodeCidrs, cilium }: HubIngress,
): Omit<DeployOptions, 'credentials'> {
  const standard = defaultOptions();
  const { volumeSize, storageClass } = settings;
  return {
    ...standard,
    image: {
      ...standard.image,
      registry: settings.imageRegistry.replace(/\/+$/, ''),
      tag: settings.imageTag,
      pullPolicy: settings.imagePullPolicy,
      pullSecrets: [...settings.imagePullSecret],
    },
    allowRawExport: settings.allowRawExport,
    hub: {
      ...standard.hub,
      storageLimit: settings.storageLimit,
      volumeClaim:
        volumeSize === '' ? undefined : { size: volumeSize, storageClass: storageClass || undefined },
      nodeCidrs,
      cilium,
    },
    worker: {
      ...standard.worker,
      snaplen: settings.snaplen,
      bufferSize: settings.bufferSize,
      maxBody: settings.maxBody,
      recordLimit: settings.recordLimit,
      recordOn: settings.recordOn,
      redactField: [...settings.redactField],
      redactKeep: [...settings.redactKeep],
    },
  };
}

/**
 * For the whole cluster where the person may, for the namespaces of the targets alone where not. `where` is the
 * namespace of a Remora to be replaced. Rejects with CliError: with exit status 3 if rights are missing.
 */
export async function decideDeployment(
  kube: Kube,
  request: DeploymentRequest,
  where: string | undefined,
  say: (line: string) => void,
  stop: AbortSignal,
): Promise<Deployment> {
  const { settings, targets } = request;
  const namespaces = targets.namespaces;
  const wide = where ?? (settings.remoraNamespace || NAMESPACE);
  const whole = settings.namespaceOnly
    ? undefined
    : await describeDeployment(
        request,
        await decideIngress(kube, settings, wide, stop),
        wide,
        undefined,
        await isToBeMade(kube, wide, say, stop),
      );
  const missing = whole === undefined ? [] : await missingFor(kube, whole, settings, stop);
  if (whole !== undefined && missing.length === 0) return tellOpen(whole, say);
  if (namespaces.length === 0) {
    if (whole === undefined) throw usageError('--namespace-only needs namespaces', 'Name them with -n.');
    throw refused(missing, say, 'Or tap namespaces where you have rights: -n NAMESPACE.');
  }

  const narrow = where ?? (settings.remoraNamespace || (namespaces[0] as string));
  const ingress = await decideIngress(kube, settings, narrow, stop);
  const only = await describeDeployment(request, ingress, narrow, namespaces, false);
  const missingThere = await missingFor(kube, only, settings, stop);
  if (missingThere.length > 0) throw refused(missingThere, say);
  if (!settings.namespaceOnly) {
    say(
      `You have no rights in the whole cluster: Remora will run in namespace ${narrow} and see only ${namespaces.join(', ')}.`,
    );
  }
  return tellOpen(only, say);
}

function tellOpen(deployment: Deployment, say: (line: string) => void): Deployment {
  const line = describeOpen(deployment.ingress);
  if (line !== undefined) say(line);
  return deployment;
}

async function missingFor(
  kube: Kube,
  { objects, namespace }: Deployment,
  { keep }: Settings,
  stop: AbortSignal,
): Promise<AccessQuestion[]> {
  const rights = [...rightsToApply(objects, !keep), ...rightsToReach(namespace)];
  return await missingRights(kube, rights, stop);
}

function refused(missing: readonly AccessQuestion[], say: (line: string) => void, otherwise = ''): CliError {
  say(['Rights you do not have:', ...describeRights(missing)].join('\n  '));
  return new CliError('NO_RIGHTS', 'you lack rights that this takes: those listed above', {
    exit: Exit.refused,
    remedy: `Ask an administrator of the cluster for them. ${otherwise}`.trim(),
  });
}

/** One that is there already and is not Remora's own is left as it is. */
async function isToBeMade(
  kube: Kube,
  name: string,
  say: (line: string) => void,
  stop: AbortSignal,
): Promise<boolean> {
  let found = await readNamespace(kube, name, stop);
  if (found?.metadata.deletionTimestamp !== undefined) {
    say(`Waiting until the cluster has removed the old namespace ${name}.`);
    found = await waitUntilGone(kube, name, stop);
  }
  return found === undefined || found.metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY;
}

async function readNamespace(
  kube: Kube,
  name: string,
  stop: AbortSignal,
): Promise<NamespaceObject | undefined> {
  try {
    return await kube.get<NamespaceObject>('Namespace', name, undefined, stop);
  } catch (error) {
    // Who may not even look may not make one either, and that is told with the other missing rights.
    if (error instanceof KubeError && error.code === 'KUBE_FORBIDDEN') return undefined;
    throw error;
  }
}

const GONE_LIMIT_MS = 120_000;
const GONE_EVERY_MS = 500;

/** Another of the same name may be there then. */
async function waitUntilGone(
  kube: Kube,
  name: string,
  stop: AbortSignal,
): Promise<NamespaceObject | undefined> {
  const deadline = performance.now() + GONE_LIMIT_MS;
  for (;;) {
    const found = await readNamespace(kube, name, stop);
    if (found?.metadata.deletionTimestamp === undefined) return found;
    if (performance.now() > deadline) {
      throw new CliError('NAMESPACE_STUCK', `namespace "${name}" is being removed and does not go`, {
        remedy: `See what holds it: kubectl describe namespace ${name}. Or use another: --remora-namespace NAME.`,
      });
    }
    await sleep(GONE_EVERY_MS, undefined, { signal: stop });
  }
}
