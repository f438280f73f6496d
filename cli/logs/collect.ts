/** What goes into the archive: all that explains how hub and workers are, and nothing that they have seen. */

import { stringify } from 'yaml';
import { SECRET, selectorLabels } from '../../deploy/names.ts';
import { checkCluster } from '../check/cluster.ts';
import type { Finding } from '../check/finding.ts';
import { formatFinding } from '../check/report.ts';
import type { HubConnection } from '../cluster/connection.ts';
import { withHub } from '../cluster/hub-report.ts';
import { selectorText } from '../cluster/installation.ts';
import { describeError } from '../errors.ts';
import type { Kube } from '../kube/client.ts';
import { KINDS, type KindName } from '../kube/kinds.ts';
import type { EventObject, ObjectBase, PodObject, SecretObject } from '../kube/objects.ts';
import { servedKinds } from '../kube/served.ts';
import { colorsFor, type Terminal } from '../output/terminal.ts';
import type { ResolvedSettings } from '../settings/resolve.ts';
import { formatVersions, readVersions } from '../version/version.ts';
import type { Archive } from './archive.ts';
import { withoutSecrets } from './objects.ts';
import { Scrubber, type TextKind } from './scrub.ts';

export interface CollectOptions {
  kube: Kube;
  namespace: string;
  resolved: ResolvedSettings;
  terminal: Terminal;
  stop: AbortSignal;
}

/** Of both components. */
const { 'app.kubernetes.io/component': _, ...BOTH } = selectorLabels('hub');
const SELECTOR = selectorText(BOTH);

const IN_NAMESPACE: readonly KindName[] = [
  ...(['Deployment', 'DaemonSet', 'ReplicaSet', 'Pod', 'Service', 'EndpointSlice', 'ConfigMap'] as const),
  ...(['Secret', 'ServiceAccount', 'Role', 'RoleBinding', 'PersistentVolumeClaim'] as const),
  ...(['NetworkPolicy', 'CiliumNetworkPolicy'] as const),
];
const IN_CLUSTER: readonly KindName[] = ['ClusterRole', 'ClusterRoleBinding'];

/** Of one list, one log, one answer of the hub. */
const LIMIT_MS = 20_000;
const HUB_LIMIT_MS = 10_000;
const LOG_LINES = 20_000;
const LOG_BYTES = 32 * 1024 * 1024;
/** With thousands of nodes: the hub, the workers in trouble, and some of the others. */
const MAX_PODS = 60;

/** Containers that Remora put there. What others inject (mesh proxies) may log what it saw of the traffic. */
const OURS = ['hub', 'worker'];

export class Collector {
  private readonly options: CollectOptions;
  private scrubber = new Scrubber([]);
  private objects: ObjectBase[] = [];
  private readonly unread: string[] = [];

  constructor(options: CollectOptions) {
    this.options = options;
  }

  /** Reads the objects; resolves with how many there are. */
  async look(): Promise<number> {
    await this.learnSecrets();
    const { kube, namespace } = this.options;
    const served = await this.attempt('kinds of the cluster', (limit) =>
      servedKinds(kube, IN_NAMESPACE, limit),
    );
    const found = await Promise.all([
      ...(served ?? IN_NAMESPACE).map((kind) => this.list(kind, namespace)),
      ...IN_CLUSTER.map((kind) => this.list(kind, undefined)),
    ]);
    this.objects = found.flat();
    const own = await this.attempt(`namespace ${namespace}`, (limit) =>
      kube.get<ObjectBase>('Namespace', namespace, undefined, limit),
    );
    const count = this.objects.length;
    if (own !== undefined) this.objects.push({ ...own, kind: 'Namespace' });
    return count;
  }

  /** Fills the archive. Never rejects for what cannot be read: `missing` of the archive tells it. */
  async fill(archive: Archive, say: (text: string) => void): Promise<void> {
    for (const what of this.unread) archive.missing.push(what);
    this.unread.length = 0;
    for (const object of this.objects) this.addObject(archive, object);
    say('logs');
    await this.addLogs(archive, say);
    say('events');
    await this.addEvents(archive);
    say('health and checks');
    // Each waits for the hub where that does not answer: together that is one wait.
    await Promise.all([this.addHub(archive), this.addChecks(archive), this.addVersions(archive)]);
    for (const what of this.unread) archive.missing.push(what);
  }

  /** Whatever goes wrong later: what is known to be a secret is taken out wherever it turns up. */
  private async learnSecrets(): Promise<void> {
    const { kube, namespace } = this.options;
    const secret = await this.attempt(`Secret ${SECRET}`, (limit) =>
      kube.get<SecretObject>('Secret', SECRET, namespace, limit),
    );
    const values = Object.entries(secret?.data ?? {})
      // Certificates are public, and their text is in no log.
      .filter(([key]) => !key.endsWith('.crt'))
      .map(([, value]) => Buffer.from(value, 'base64').toString('utf8'));
    this.scrubber = new Scrubber(values);
  }

  private async list(kind: KindName, namespace: string | undefined): Promise<ObjectBase[]> {
    const { kube } = this.options;
    const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
    const found = await this.attempt(`${KINDS[kind].plural}${where}`, (signal) =>
      kube.list<ObjectBase>(kind, { namespace, labelSelector: SELECTOR, signal }),
    );
    // Lists leave out what all their items have in common.
    return (found ?? []).map((object) => ({ apiVersion: KINDS[kind].apiVersion, kind, ...object }));
  }

  private addObject(archive: Archive, object: ObjectBase): void {
    const { kind = '', metadata } = object;
    const text = stringify(withoutSecrets(object), { lineWidth: 0 });
    this.add(archive, `objects/${kind.toLowerCase()}-${metadata.name}.yaml`, text, 'facts');
  }

  private async addLogs(archive: Archive, say: (text: string) => void): Promise<void> {
    const pods = this.objects.filter(({ kind }) => kind === 'Pod') as PodObject[];
    const chosen = pods.toSorted((a, b) => rank(a) - rank(b)).slice(0, MAX_PODS);
    if (chosen.length < pods.length) {
      archive.missing.push(
        `logs of ${pods.length - chosen.length} of ${pods.length} pods: those that are well`,
      );
    }
    for (const [i, pod] of chosen.entries()) {
      say(`logs ${i + 1}/${chosen.length}`);
      for (const { name } of pod.spec?.containers ?? []) {
        if (OURS.includes(name)) await this.addContainer(archive, pod, name);
        else archive.missing.push(`logs of container ${name} of ${pod.metadata.name}: it is not Remora's`);
      }
    }
  }

  private async addContainer(archive: Archive, pod: PodObject, container: string): Promise<void> {
    const { name } = pod.metadata;
    const status = pod.status?.containerStatuses?.find((each) => each.name === container);
    await this.addLog(archive, name, container, false);
    if ((status?.restartCount ?? 0) > 0) await this.addLog(archive, name, container, true);
  }

  private async addLog(archive: Archive, pod: string, container: string, previous: boolean): Promise<void> {
    const { kube, namespace } = this.options;
    const path = `logs/${pod}/${container}${previous ? '.previous' : ''}.log`;
    const text = await this.attempt(path, (signal) =>
      kube.log(namespace, pod, {
        ...{ container, previous, timestamps: true, signal },
        ...{ tailLines: LOG_LINES, limitBytes: LOG_BYTES },
      }),
    );
    if (text !== undefined) this.add(archive, path, text, 'log');
  }

  private async addEvents(archive: Archive): Promise<void> {
    const { kube, namespace } = this.options;
    const events = await this.attempt('events', (signal) =>
      kube.list<EventObject>('Event', { namespace, signal }),
    );
    if (events === undefined) return;
    const about = new Set(this.objects.map(({ metadata }) => metadata.name));
    const lines = events
      // Another's events may be in the same namespace.
      .filter(
        ({ involvedObject: object }) => about.has(object?.name ?? '') || /^remora-/.test(object?.name ?? ''),
      )
      .map(eventLine)
      .toSorted();
    this.add(archive, 'events.txt', lines.join(''), 'facts');
  }

  private async addHub(archive: Archive): Promise<void> {
    const { kube, namespace, terminal } = this.options;
    await this.attempt('health, metrics and targets of the hub', () =>
      withHub(kube, terminal, namespace, HUB_LIMIT_MS, async (hub, limit) => {
        for (const [path, file] of HUB_PAGES) {
          const text = await this.attempt(file, () => read(hub, path, limit));
          if (text !== undefined) this.add(archive, file, text, 'facts');
        }
      }),
    );
  }

  private async addChecks(archive: Archive): Promise<void> {
    const { resolved, terminal } = this.options;
    const findings: Finding[] = [];
    for await (const finding of checkCluster(resolved, terminal)) findings.push(finding);
    const colors = colorsFor({}, {});
    const lines = findings.map((finding) => formatFinding(finding, colors, undefined));
    this.add(archive, 'check.txt', lines.join(''), 'facts');
  }

  private async addVersions(archive: Archive): Promise<void> {
    const { resolved, terminal } = this.options;
    const report = await this.attempt('versions', () => readVersions(resolved.values, terminal));
    if (report !== undefined) this.add(archive, 'versions.txt', formatVersions(report), 'facts');
  }

  private add(archive: Archive, path: string, text: string, kind: TextKind): void {
    archive.add(path, this.scrubber.text(text, kind));
  }

  /** undefined where it fails, and a note why. Rejects only when interrupted. */
  private async attempt<T>(what: string, read: (limit: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const { stop } = this.options;
    const late = AbortSignal.timeout(LIMIT_MS);
    try {
      return await read(AbortSignal.any([stop, late]));
    } catch (error) {
      stop.throwIfAborted();
      const why = late.aborted ? `no answer within ${LIMIT_MS / 1000} s` : describeError(error);
      this.unread.push(this.scrubber.text(`${what}: ${why}`, 'facts'));
      return undefined;
    }
  }
}

/** Of the hub's API: what it says of itself. Flows are not among it. */
const HUB_PAGES = [
  ['/api/v1/health', 'hub/health.json'],
  ['/metrics', 'hub/metrics.txt'],
  ['/api/v1/targets', 'hub/targets.json'],
] as const;

async function read(hub: HubConnection, path: string, limit: AbortSignal): Promise<string> {
  const answer = await fetch(`${hub.url}${path}`, {
    headers: { authorization: `Bearer ${hub.token}` },
    signal: limit,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the hub answered with status ${answer.status}`);
  return path === '/metrics' ? text : `${JSON.stringify(JSON.parse(text), undefined, 2)}\n`;
}

/** Whose log is read first. */
function rank({ metadata, status }: PodObject): number {
  if (metadata.labels?.['app.kubernetes.io/component'] === 'hub') return 0;
  const containers = status?.containerStatuses ?? [];
  const isWell =
    containers.length > 0 && containers.every(({ ready, restartCount }) => ready && restartCount === 0);
  return isWell ? 2 : 1;
}

function eventLine({ type, reason, message, involvedObject, count, ...times }: EventObject): string {
  const time = times.lastTimestamp ?? times.eventTime ?? times.firstTimestamp ?? '';
  const object = `${involvedObject?.kind?.toLowerCase()}/${involvedObject?.name}`;
  const often = count !== undefined && count > 1 ? ` (${count} times)` : '';
  return `${time}  ${type}  ${reason}  ${object}  ${(message ?? '').replace(/\s+/g, ' ')}${often}\n`;
}
