/** Taking Remora out of a cluster again, and saying what could not be. */

import { MANAGED_BY, MANAGED_BY_LABEL } from '../../deploy/names.ts';
import { CliError, describeError, Exit } from '../errors.ts';
import { type Kube, kindOf } from '../kube/client.ts';
import { KubeError } from '../kube/error.ts';
import { KINDS, type KindName } from '../kube/kinds.ts';
import type { Manifest, ObjectBase } from '../kube/objects.ts';
import { type Found, type Removal, removeAll } from '../kube/remove.ts';
import type { Terminal } from '../output/terminal.ts';
import { selectorText } from './installation.ts';

const NAME_LABEL = 'app.kubernetes.io/name';
const NAME = 'remora';

/** What the command line put there, and not Helm or another. */
export const OURS = selectorText({ [NAME_LABEL]: NAME, [MANAGED_BY_LABEL]: MANAGED_BY });
const PODS = selectorText({ [NAME_LABEL]: NAME });

/** `deployment remora/remora-hub` */
export function nameOf({ kind, name, namespace }: Found): string {
  return `${kind.toLowerCase()} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** The objects of a deployment, to be removed by their names. */
export function objectsOf(manifests: readonly Manifest[]): Found[] {
  return manifests.map((manifest) => {
    const kind = kindOf(manifest);
    const { name = '', namespace } = manifest.metadata ?? {};
    return { kind, name, namespace: KINDS[kind].namespaced ? namespace : undefined, uid: undefined };
  });
}

export interface Outcome extends Removal {
  /** Namespaces that Remora made and that hold things of others now: they stay. */
  shared: { namespace: string; with: string }[];
}

/** Never rejects for what cannot be removed. */
export async function takeAway(
  kube: Kube,
  objects: readonly Found[],
  limitMs: number,
  stop: AbortSignal | undefined,
  onRemoved: (object: Found) => void = () => {},
): Promise<Outcome> {
  const shared: Outcome['shared'] = [];
  const removable: Found[] = [];
  for (const object of objects) {
    const stranger = object.kind === 'Namespace' ? await strangerIn(kube, object.name) : undefined;
    if (stranger === undefined) removable.push(object);
    else shared.push({ namespace: object.name, with: stranger });
  }
  const removal = await removeAll(kube, removable, PODS, {
    limitMs,
    onRemoved,
    ...(stop === undefined ? {} : { stop }),
  });
  return { ...removal, shared };
}

/** Kinds that somebody would miss. */
const MISSED: readonly KindName[] = ['Deployment', 'DaemonSet', 'Pod', 'PersistentVolumeClaim', 'Service'];

/** Something in the namespace that is not Remora's: with the namespace it would go too. */
async function strangerIn(kube: Kube, namespace: string): Promise<string | undefined> {
  for (const kind of MISSED) {
    try {
      const labelSelector = `${NAME_LABEL}!=${NAME}`;
      const [first] = await kube.list<ObjectBase>(kind, { namespace, labelSelector });
      if (first !== undefined) return `${kind.toLowerCase()} ${first.metadata.name}`;
    } catch (error) {
      // Who may delete the namespace and not look into it has to go by its label.
      if (!(error instanceof KubeError)) throw error;
    }
  }
  return undefined;
}

/** Tells what stays behind, and throws CliError if something could not be removed. `again` is the command for that. */
export function reportLeftovers(
  { failed, pending, shared }: Outcome,
  terminal: Terminal,
  again: string,
): void {
  for (const { namespace, with: stranger } of shared) {
    terminal.warn(`namespace ${namespace} stays: it holds ${stranger}, which is not Remora's`);
  }
  if (pending.length > 0) {
    terminal.note(`The cluster is still removing ${pending.join(', ')}; nothing more is needed.`);
  }
  if (failed.length === 0) return;
  for (const { object, error } of failed) terminal.error(`${nameOf(object)} stays: ${describeError(error)}`);
  const refused = failed.every(({ error }) => error instanceof KubeError && error.status === 403);
  const count = failed.length === 1 ? 'one object' : `${failed.length} objects`;
  throw new CliError('NOT_REMOVED', `${count} could not be removed`, {
    exit: refused ? Exit.refused : Exit.failed,
    remedy: `Try again: \`${again}\`.`,
  });
}
