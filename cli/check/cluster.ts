/** `remora check` on a cluster: from the API server to what was lost, as far as each step lets see the next. */

import { EVERY_POD } from '../../flow/targets.ts';
import { describeDeployment, NAMESPACE } from '../cluster/deployment.ts';
import { findInstallation } from '../cluster/find.ts';
import { decideIngress, type HubIngress } from '../cluster/hub-ingress.ts';
import { newMark } from '../cluster/mark.ts';
import { describeRights, missingRights, rightsToApply, rightsToReach } from '../kube/access.ts';
import { type AccessQuestion, Kube, question } from '../kube/client.ts';
import type { Terminal } from '../output/terminal.ts';
import { milliseconds } from '../output/units.ts';
import type { ResolvedSettings } from '../settings/resolve.ts';
import type { Settings } from '../settings/table.ts';
import { type Finding, type Findings, failed, failedBy, ok, skipped, warning } from './finding.ts';
import { checkHub } from './hub.ts';
import { checkNamespace } from './namespace.ts';
import { checkPolicy, tellIngress } from './network.ts';
import { checkNodes } from './nodes.ts';
import { checkPods } from './pods.ts';

/** Each request to the API server. */
const LIMIT_MS = 10_000;

/** Oldest minor version of Kubernetes 1 that has all that is used, and the oldest that Remora is tried with. */
const LEAST_MINOR = 22;
const TRIED_MINOR = 26;

export async function* checkCluster({ values, layers }: ResolvedSettings, terminal: Terminal): Findings {
  let kube: Kube;
  try {
    kube = Kube.open(values);
  } catch (error) {
    yield failedBy('KUBECONFIG', error);
    return;
  }
  try {
    const api = await checkApi(kube);
    yield* api;
    if (api.some(({ verdict }) => verdict === 'failed')) return;
    const namespaces = layers.namespace === 'default' ? [] : values.namespace;
    yield* guarded('RIGHTS', checkRights(kube, values, namespaces));
    yield* guarded('NODES', checkNodes(kube, limit()));
    yield* guarded('INSTALLATION', checkInstallation(kube, values, terminal));
  } finally {
    kube.close();
  }
}

function limit(): AbortSignal {
  return AbortSignal.timeout(LIMIT_MS);
}

/** What ends one check does not end the others. */
async function* guarded(code: string, findings: Findings): Findings {
  try {
    yield* findings;
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    yield isLate
      ? failed(code, `the API server did not answer within ${LIMIT_MS / 1000} s`)
      : failedBy(code, error);
  }
}

async function checkApi(kube: Kube): Promise<Finding[]> {
  const startedAt = performance.now();
  try {
    const { gitVersion, major, minor } = await kube.version(limit());
    const took = milliseconds(performance.now() - startedAt);
    const context = `context ${kube.context}`;
    const findings = [ok('API', `the API server at ${kube.server} answers in ${took} (${context})`)];
    // GKE and EKS write `26+`.
    const number = Number.parseInt(minor, 10);
    if (major === '1' && number < LEAST_MINOR) {
      const remedy = `Remora needs 1.${LEAST_MINOR} or later.`;
      findings.push(failed('API_VERSION', `Kubernetes ${gitVersion} is too old`, remedy));
    } else if (major === '1' && number < TRIED_MINOR) {
      const text = `Kubernetes ${gitVersion} is older than 1.${TRIED_MINOR}, the oldest that Remora is tried with`;
      findings.push(warning('API_VERSION', text));
    } else {
      findings.push(ok('API_VERSION', `Kubernetes ${gitVersion}`, { gitVersion }));
    }
    return findings;
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    return [
      isLate
        ? failed('API', `the API server at ${kube.server} did not answer within ${LIMIT_MS / 1000} s`)
        : failedBy('API', error),
    ];
  }
}

/** As `remora tap` decides it: for the whole cluster where the rights are there, else for the namespaces alone. */
async function* checkRights(kube: Kube, settings: Settings, namespaces: readonly string[]): Findings {
  const wide = settings.remoraNamespace || NAMESPACE;
  const only = namespaces.length > 0 ? [...namespaces] : [kube.namespace];
  const narrow = settings.remoraNamespace || (only[0] as string);
  if (!settings.namespaceOnly) {
    const { rights, missing, ingress } = await askRights(kube, settings, wide, undefined);
    if (missing.length === 0) {
      yield ok('RIGHTS', 'you may do all that a tap of the whole cluster takes', details(rights, missing));
      yield tellIngress(ingress);
      yield* checkNamespace(kube, wide, true, limit());
      return;
    }
    if (namespaces.length === 0) {
      yield* tellRights(
        rights,
        missing,
        `Ask an administrator of the cluster, or tap one namespace: -n ${only[0]}.`,
      );
      return;
    }
    const text = `you may not tap the whole cluster: you lack ${describeRights(missing).join('; ')}`;
    yield { ...warning('RIGHTS', text), details: details(rights, missing) };
  }
  const { rights, missing, ingress } = await askRights(kube, settings, narrow, only);
  if (missing.length === 0) {
    const text = `you may do all that a tap of ${only.join(', ')} alone takes`;
    yield ok('RIGHTS', text, details(rights, missing));
    yield tellIngress(ingress);
    yield* checkNamespace(kube, narrow, false, limit());
  } else {
    yield* tellRights(rights, missing, 'Ask an administrator of the cluster.');
  }
}

interface Rights {
  rights: AccessQuestion[];
  missing: AccessQuestion[];
  /** Without rights that it could do without. */
  ingress: HubIngress;
}

async function askRights(
  kube: Kube,
  settings: Settings,
  namespace: string,
  namespaceOnly: string[] | undefined,
): Promise<Rights> {
  const request = { settings, targets: EVERY_POD, mark: newMark(false) };
  const ingress = await decideIngress(kube, settings, namespace, limit());
  const { objects } = await describeDeployment(
    request,
    ingress,
    namespace,
    namespaceOnly,
    namespaceOnly === undefined,
  );
  const tapped = namespaceOnly ?? [undefined];
  const rights = [
    ...rightsToApply(objects, true),
    ...rightsToReach(namespace),
    ...tapped.map((each) => question('list', 'Pod', each)),
  ];
  return { rights, missing: await missingRights(kube, rights, limit()), ingress };
}

/** What is there in one line, and what is not in a line for each place. */
function* tellRights(
  rights: readonly AccessQuestion[],
  missing: readonly AccessQuestion[],
  remedy: string,
): Generator<Finding> {
  const there = rights.filter((right) => !missing.includes(right));
  for (const line of describeRights(there)) yield ok('RIGHTS', `you may ${line}`);
  const lines = describeRights(missing);
  for (const [i, line] of lines.entries()) {
    yield {
      ...failed('RIGHTS', `you may not ${line}`, i === lines.length - 1 ? remedy : undefined),
      refused: true,
      ...(i === 0 ? { details: details(rights, missing) } : {}),
    };
  }
}

function details(rights: readonly AccessQuestion[], missing: readonly AccessQuestion[]): unknown {
  return rights.map((right) => ({ ...right, allowed: !missing.includes(right) }));
}

async function* checkInstallation(kube: Kube, settings: Settings, terminal: Terminal): Findings {
  const { installation, namespace, blind } = await findInstallation(kube, settings, limit());
  if (installation === undefined) {
    yield skipped(
      'INSTALLATION',
      blind
        ? `you may not see whether Remora is in namespace ${namespace}: --remora-namespace names another`
        : 'Remora is not in this cluster: `remora tap` puts it there',
    );
    return;
  }
  const { mark, managedBy } = installation;
  const by = mark === undefined ? `by ${managedBy}` : `by ${mark.by} since ${mark.since}`;
  yield ok('INSTALLATION', `Remora is in namespace ${installation.namespace}, put there ${by}`, installation);
  yield* guarded('PODS', checkPods(kube, installation.namespace, limit()));
  yield* guarded('NETWORK_POLICY', checkPolicy(kube, installation, limit()));
  yield* guarded('HUB', checkHub(kube, installation.namespace, terminal));
}
