/** `remora version`: this program's, and of what it finds in the cluster. */

import { type Component, selectorLabels } from '../../deploy/names.ts';
import { VERSION } from '../../flow/version.ts';
import { findInstallation } from '../cluster/find.ts';
import { askHealth, withHub } from '../cluster/hub-report.ts';
import { selectorText } from '../cluster/installation.ts';
import { Kube } from '../kube/client.ts';
import type { PodObject } from '../kube/objects.ts';
import { Terminal } from '../output/terminal.ts';
import { visibleLine } from '../output/visible.ts';
import { currentSettings } from '../settings/resolve.ts';
import type { SettingKey, Settings } from '../settings/table.ts';

export interface VersionFlags {
  client?: boolean;
  output: 'text' | 'json';
  verbose?: boolean;
}

export interface VersionReport {
  client: { version: string; node: string; platform: string };
  cluster?: { context: string; server: string; version: string };
  hub?: { namespace: string; version: string };
  /** How many of each version are connected. */
  workers?: Record<string, number>;
  /** Why there is no more: in a sentence. */
  missing?: string;
}

/** A version is asked in passing: nobody waits long for it. */
const CLUSTER_LIMIT_MS = 3000;
const HUB_LIMIT_MS = 4000;

/** Prints what can be found out. That no cluster answers is a failure only where one was named: rejects with CliError. */
export async function showVersion(
  flags: VersionFlags,
  given: Partial<Record<SettingKey, unknown>>,
): Promise<void> {
  const { values } = currentSettings(given);
  const terminal = new Terminal(process.stderr, process.env, flags.verbose === true);
  let report: VersionReport = { client: clientVersion() };
  if (!flags.client) {
    try {
      report = await readVersions(values, terminal);
    } catch (error) {
      // Whoever names a cluster wants that one.
      if (Object.keys(given).length > 0) throw error;
      const isLate = error instanceof DOMException && error.name === 'TimeoutError';
      report.missing = isLate ? 'the cluster does not answer in time' : (error as Error).message;
    }
  }
  const text = flags.output === 'json' ? `${JSON.stringify(report, undefined, 2)}\n` : formatVersions(report);
  process.stdout.write(text);
}

function clientVersion(): VersionReport['client'] {
  const platform = `${process.platform} ${process.arch}`;
  return { version: VERSION, node: process.versions.node, platform };
}

/** Rejects with CliError where there is no cluster, or where it may not be asked. */
export async function readVersions(settings: Settings, terminal: Terminal): Promise<VersionReport> {
  const report: VersionReport = { client: clientVersion() };
  await addCluster(report, settings, terminal);
  return report;
}

async function addCluster(report: VersionReport, settings: Settings, terminal: Terminal): Promise<void> {
  const kube = Kube.open(settings);
  try {
    const limit = AbortSignal.timeout(CLUSTER_LIMIT_MS);
    const { gitVersion } = await kube.version(limit);
    report.cluster = { context: kube.context, server: kube.server, version: gitVersion };
    const { installation, namespace, blind } = await findInstallation(kube, settings, limit);
    if (blind) report.missing = `you may not see whether Remora is in namespace ${namespace}`;
    else if (installation === undefined) report.missing = 'Remora is not in this cluster';
    else await addInstallation(report, kube, installation.namespace, terminal);
  } finally {
    kube.close();
  }
}

/** The hub knows best. Who may not reach it still sees what its pods are made of. */
async function addInstallation(
  report: VersionReport,
  kube: Kube,
  namespace: string,
  terminal: Terminal,
): Promise<void> {
  try {
    const { version, workers } = await withHub(kube, terminal, namespace, HUB_LIMIT_MS, askHealth);
    report.hub = { namespace, version };
    report.workers = tally(workers.filter(({ state }) => state !== 'done').map((worker) => worker.version));
  } catch (error) {
    report.missing = `the hub does not answer, these are its images: ${(error as Error).message}`;
    const signal = AbortSignal.timeout(CLUSTER_LIMIT_MS);
    const tags = async (component: Component) => {
      const labelSelector = selectorText(selectorLabels(component));
      const pods = await kube.list<PodObject>('Pod', { namespace, labelSelector, signal });
      return pods.map(({ spec }) => tagOf(spec?.containers?.[0]?.image ?? ''));
    };
    report.hub = { namespace, version: (await tags('hub'))[0] ?? 'none' };
    report.workers = tally(await tags('worker'));
  }
}

function tally(versions: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const version of versions) counts[version] = (counts[version] ?? 0) + 1;
  return counts;
}

/** `registry:5000/hub:0.1.0@sha256:…` → `0.1.0` */
function tagOf(image: string): string {
  return /:([^:/@]+)(?:@.*)?$/.exec(image.replace(/@.*$/, ''))?.[1] ?? 'unknown';
}

export function formatVersions({ client, cluster, hub, workers, missing }: VersionReport): string {
  const lines = [`client   remora ${client.version} (node ${client.node}, ${client.platform})`];
  if (cluster !== undefined) {
    lines.push(`cluster  Kubernetes ${cluster.version} at ${cluster.server} (context ${cluster.context})`);
  }
  if (hub !== undefined) lines.push(`hub      remora ${hub.version} in namespace ${hub.namespace}`);
  const counted = Object.entries(workers ?? {}).map(
    ([version, count]) => `remora ${version} on ${count === 1 ? '1 node' : `${count} nodes`}`,
  );
  if (workers !== undefined) lines.push(`workers  ${counted.join(', ') || 'none'}`);
  if (missing !== undefined) lines.push(`${cluster === undefined ? 'cluster  ' : '         '}${missing}`);
  return `${lines.map(visibleLine).join('\n')}\n`;
}
