/** Kubernetes objects as they may be shown to others: whole, but for values that may be secrets. */

import type { ObjectBase } from '../kube/objects.ts';

/** kubectl keeps a copy of the whole object there, secrets and all. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

interface Container {
  env?: { name: string; value?: string }[];
}

interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
  ephemeralContainers?: Container[];
}

/** What may have secrets in it, of the kinds that Remora is made of. */
interface Shown extends ObjectBase {
  data?: Record<string, string>;
  stringData?: Record<string, string>;
  spec?: PodSpec & { template?: { spec?: PodSpec } };
}

/** A copy without the values of Secrets and of variables that are not Remora's own, and without noise. */
export function withoutSecrets(object: ObjectBase): ObjectBase {
  const shown = structuredClone(object) as Shown;
  delete (shown.metadata as { managedFields?: unknown }).managedFields;
  const { annotations } = shown.metadata;
  if (annotations?.[LAST_APPLIED] !== undefined) delete annotations[LAST_APPLIED];
  if (shown.kind === 'Secret') {
    if (shown.data !== undefined) shown.data = withheld(shown.data, 'base64');
    if (shown.stringData !== undefined) shown.stringData = withheld(shown.stringData, 'utf8');
  }
  for (const spec of [shown.spec, shown.spec?.template?.spec]) {
    const { containers = [], initContainers = [], ephemeralContainers = [] } = spec ?? {};
    for (const container of [...containers, ...initContainers, ...ephemeralContainers])
      blankVariables(container);
  }
  return shown;
}

function withheld(data: Record<string, string>, encoding: BufferEncoding): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      `(withheld, ${Buffer.from(value, encoding).length} bytes)`,
    ]),
  );
}

/** Others put variables into pods too (injected proxies, agents): what is in them is not for an archive. */
function blankVariables({ env = [] }: Container): void {
  for (const variable of env) {
    const isOurs =
      /^(REMORA_|NODE_|SQLITE_)/.test(variable.name) && !/TOKEN|SECRET|PASSWORD/i.test(variable.name);
    if (variable.value !== undefined && !isOurs) variable.value = '(withheld)';
  }
}
