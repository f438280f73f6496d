/** Applying manifests in their order. */

import { type Kube, kindOf } from './client.ts';
import type { KindName } from './kinds.ts';
import type { Manifest, ObjectBase } from './objects.ts';

/**
 * Resolves when all are applied. Rejects with the first KubeError, and with the signal's reason between two objects:
 * a request that is on its way is waited for, so that what was made is known.
 */
export async function applyAll(
  kube: Kube,
  objects: readonly Manifest[],
  stop: AbortSignal,
  onApplied: (kind: KindName, name: string) => void,
): Promise<void> {
  for (const object of objects) {
    stop.throwIfAborted();
    const { metadata } = await kube.apply<ObjectBase>(object);
    onApplied(kindOf(object), metadata.name);
  }
}
