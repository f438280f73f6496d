/** A tap's stay in the cluster: what it put there, kept together so that it can be taken away again at any time. */

import { HUB, selectorLabels, WORKER } from '../../deploy/names.ts';
import type { Health } from '../../flow/api.ts';
import { describeError } from '../errors.ts';
import { applyAll } from '../kube/apply.ts';
import type { Kube } from '../kube/client.ts';
import type { DeploymentObject } from '../kube/objects.ts';
import { waitUntilStarted } from '../kube/wait.ts';
import type { Terminal } from '../output/terminal.ts';
import type { Deployment } from './deployment.ts';
import { askHealth, withHub } from './hub-report.ts';
import { IngressKeeper } from './ingress-keeper.ts';
import { selectorText } from './installation.ts';
import { type Mark, readMark } from './mark.ts';
import { objectsOf, reportLeftovers, takeAway } from './removal.ts';
import { StartReport } from './start-report.ts';

/** Objects are deleted within moments; pods and namespaces take their time, and then go by themselves. */
const CLEAN_UP_MS = 15_000;
/** Connecting takes workers moments; those that are kept out are noticed before this is over. */
const ADMIT_MS = 60_000;

export class Presence {
  private readonly kube: Kube;
  private readonly terminal: Terminal;
  private readonly deployment: Deployment;
  private readonly mark: Mark;
  private readonly keeper: IngressKeeper;
  private applied = false;

  constructor(kube: Kube, terminal: Terminal, deployment: Deployment, mark: Mark) {
    this.kube = kube;
    this.terminal = terminal;
    this.deployment = deployment;
    this.mark = mark;
    const { namespace, ingress } = deployment;
    const isOurs = async () => !(await this.isTakenOver());
    this.keeper = new IngressKeeper({ kube, terminal, namespace, ingress, isOurs });
  }

  get namespace(): string {
    return this.deployment.namespace;
  }

  /** Applies and waits until hub and workers run. Rejects with CliError, or the reason of `stop`. */
  async begin(timeoutMs: number, stop: AbortSignal): Promise<void> {
    const { kube, terminal, namespace } = this;
    const report = new StartReport(terminal);
    try {
      this.applied = true;
      await applyAll(kube, this.deployment.objects, stop, (kind, name) => {
        report.step(`applied ${kind.toLowerCase()} ${name}`);
        terminal.detail(`applied ${kind.toLowerCase()} ${name}`);
      });
      report.done(`Remora is in namespace ${namespace}`);
      const { workers, troubles } = await waitUntilStarted(kube, {
        namespace,
        deployment: HUB,
        daemonSet: WORKER,
        labels: { hub: selectorText(selectorLabels('hub')), worker: selectorText(selectorLabels('worker')) },
        timeoutMs,
        stop,
        onProgress: (progress) => report.progress(progress),
        onLog: (lines) => report.log(lines),
      });
      const on = `${workers.ready} ${workers.ready === 1 ? 'node' : 'nodes'}`;
      report.done(`The hub and the workers on ${on} run`);
      const idle = workers.wanted - workers.ready;
      if (idle > 0) {
        const remedy = troubles[0]?.remedy ?? '';
        terminal.warn(`${idle} of ${workers.wanted} workers do not run: their nodes are not seen. ${remedy}`);
      }
    } finally {
      report.close();
    }
  }

  /**
   * Waits until the workers that run have reached the hub, and opens the network policy for them where they do not.
   * Never rejects: without it Remora runs too.
   */
  async admitWorkers(stop: AbortSignal): Promise<void> {
    const { kube, terminal, namespace } = this;
    if (this.keeper.isOpen) return;
    const report = new StartReport(terminal);
    report.step('waiting until the workers reach the hub');
    try {
      await withHub(kube, terminal, namespace, ADMIT_MS, async (hub, limit) => {
        const over = AbortSignal.any([limit, stop]);
        await this.keeper.untilReached(() => askHealth(hub, over), over);
      });
    } catch (error) {
      if (!stop.aborted) terminal.warn(`whether workers reach the hub is not known: ${describeError(error)}`);
    } finally {
      report.close();
    }
  }

  /** The same without waiting, and then for as long as `stop` is not aborted, as nodes come and go. Never rejects. */
  async keepAdmitting(askHealth: () => Promise<Health>, stop: AbortSignal): Promise<void> {
    await Promise.all([this.keeper.untilReached(askHealth, stop), this.keeper.follow(stop)]);
  }

  /** What becomes of nodes that come when nobody follows them any more; undefined: nothing to know. */
  laterNodes(): string | undefined {
    return this.deployment.ingress.derived && !this.keeper.isOpen
      ? 'Its network policy lets in the nodes there are now. Where nodes come and go, give their range: remora install --node-cidr CIDR.'
      : undefined;
  }

  /** Takes away what was applied. Throws CliError with the rest if something could not be. */
  async end(): Promise<void> {
    if (!this.applied) return;
    const { kube, terminal, namespace } = this;
    if (await this.isTakenOver()) {
      terminal.note(`Remora in namespace ${namespace} was taken over by another and stays.`);
      return;
    }
    const report = new StartReport(terminal);
    report.step('taking Remora out of the cluster (Ctrl-C again leaves it there)');
    try {
      const outcome = await takeAway(kube, objectsOf(this.deployment.objects), CLEAN_UP_MS, undefined);
      report.close();
      reportLeftovers(outcome, terminal, this.cleanCommand());
      if (outcome.pending.length === 0) terminal.done('Remora is out of the cluster again');
    } finally {
      report.close();
    }
  }

  /** The command that takes away what this left. */
  cleanCommand(): string {
    return `remora clean --context ${this.kube.context}`;
  }

  private async isTakenOver(): Promise<boolean> {
    try {
      const found = await this.kube.get<DeploymentObject>('Deployment', HUB, this.namespace);
      const mark = found === undefined ? undefined : readMark(found.metadata);
      return found !== undefined && mark?.session !== this.mark.session;
    } catch {
      // Then the removal will say what is wrong.
      return false;
    }
  }
}

/** What workers say they cannot do, each kind once. */
export function captureTroubles({ workers }: Health): string[] {
  const nodesOf = new Map<string, string[]>();
  for (const { node, problem } of workers) {
    if (problem === undefined) continue;
    const text = `${problem.message}${problem.remedy === undefined ? '' : ` ${problem.remedy}`}`;
    nodesOf.set(text, [...(nodesOf.get(text) ?? []), node]);
  }
  return [...nodesOf].map(([text, nodes]) => `no capture on ${nodes.join(', ')}: ${text}`);
}
