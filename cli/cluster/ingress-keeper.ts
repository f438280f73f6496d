/** Keeps the way from the workers to the hub open, whatever the network makes of the policy and however nodes change. */

import { setTimeout as sleep } from 'node:timers/promises';
import { HUB, selectorLabels, WORKER } from '../../deploy/names.ts';
import { ingressRule } from '../../deploy/network-policy.ts';
import type { Health } from '../../flow/api.ts';
import { describeError } from '../errors.ts';
import type { Kube } from '../kube/client.ts';
import type { DaemonSetObject, PodObject } from '../kube/objects.ts';
import type { Terminal } from '../output/terminal.ts';
import { GIVE_RANGE, type HubIngress, readNodeCidrs } from './hub-ingress.ts';
import { selectorText } from './installation.ts';

export interface IngressKeeperOptions {
  kube: Kube;
  terminal: Terminal;
  /** Of the hub. */
  namespace: string;
  /** As applied. */
  ingress: HubIngress;
  /** Whether the policy is still this session's to change. */
  isOurs: () => Promise<boolean>;
  /** Multiplies all times: tests have less patience. */
  pace?: number;
}

/** Longer than a worker that found no hub waits before it tries again. */
const PATIENCE_MS = 20_000;
const EVERY_MS = 1000;
/** Nodes are listed so often; less often where that takes long. */
const NODES_EVERY_MS = 30_000;
const NODES_SHARE = 20;
/** Nodes named in one line. */
const NAMED = 5;

export class IngressKeeper {
  private readonly options: Required<IngressKeeperOptions>;
  private nodeCidrs: readonly string[];

  constructor(options: IngressKeeperOptions) {
    this.options = { pace: 1, ...options };
    this.nodeCidrs = options.ingress.nodeCidrs;
  }

  /** Any address may try the hub's port. */
  get isOpen(): boolean {
    return this.nodeCidrs.length === 0;
  }

  /**
   * Resolves when every worker that runs has reached the hub; or when some have not although they had the time: then
   * the policy lets in any address, and that is told. Resolves too when `stop` is aborted. Never rejects.
   */
  async untilReached(askHealth: () => Promise<Health>, stop: AbortSignal): Promise<void> {
    let since = performance.now();
    let before = 0;
    while (!this.isOpen && !stop.aborted) {
      const seen = await this.look(askHealth, stop);
      if (seen !== undefined && seen.ready > 0 && seen.reached.size >= seen.ready) return;
      const ready = seen?.ready ?? 0;
      // Nothing is known while the hub does not answer, and who has just started has its time still before it.
      if (ready === 0 || ready > before) since = performance.now();
      before = ready;
      if (seen !== undefined && performance.now() - since > PATIENCE_MS * this.options.pace) {
        return await this.openFor(seen.reached, stop);
      }
      await this.pause(EVERY_MS, stop);
    }
  }

  /** Changes the policy as nodes come and go, until `stop`. What goes wrong is told once. Never rejects. */
  async follow(stop: AbortSignal): Promise<void> {
    const { kube, terminal, ingress } = this.options;
    let told = false;
    let took = 0;
    while (ingress.derived && !stop.aborted) {
      await this.pause(Math.max(NODES_EVERY_MS, took * NODES_SHARE), stop);
      // Opened meanwhile: then nodes tell too little.
      if (this.isOpen || stop.aborted) return;
      const startedAt = performance.now();
      try {
        const found = await readNodeCidrs(kube, stop);
        took = performance.now() - startedAt;
        if (found.cidrs === undefined) {
          if (!(await this.change([]))) return;
          terminal.warn(`the network policy lets in any address now: ${found.why}. ${GIVE_RANGE}`);
        } else if (!sameTexts(found.cidrs, this.nodeCidrs)) await this.change(found.cidrs);
        told = false;
      } catch (error) {
        if (!told && !stop.aborted) {
          terminal.warn(`workers on new nodes may not reach the hub: ${describeError(error)}`);
        }
        told = true;
      }
    }
  }

  /** undefined: the API server or the hub does not answer. */
  private async look(
    askHealth: () => Promise<Health>,
    stop: AbortSignal,
  ): Promise<{ ready: number; reached: Set<string> } | undefined> {
    const { kube, namespace } = this.options;
    try {
      const [health, workers] = await Promise.all([
        askHealth(),
        kube.get<DaemonSetObject>('DaemonSet', WORKER, namespace, stop),
      ]);
      const reached = new Set(health.workers.map(({ node }) => node));
      return { ready: workers?.status?.numberReady ?? 0, reached };
    } catch {
      return undefined;
    }
  }

  private async openFor(reached: ReadonlySet<string>, stop: AbortSignal): Promise<void> {
    const { kube, terminal, namespace } = this.options;
    try {
      const labelSelector = selectorText(selectorLabels('worker'));
      const pods = await kube.list<PodObject>('Pod', { namespace, labelSelector, signal: stop });
      const shut = pods.filter(isReady).flatMap(({ spec }) => spec?.nodeName ?? []);
      const away = shut.filter((node) => !reached.has(node)).toSorted();
      if (away.length === 0 || !(await this.change([]))) return;
      const workers = away.length === 1 ? 'the worker on' : 'the workers on';
      terminal.warn(
        `${workers} ${some(away)} did not reach the hub, so its network policy lets in any address now, behind TLS ` +
          'and a token. If that helped, their packets come from other addresses than nodes tell: give those with ' +
          '--node-cidr CIDR, or --node-cidr any.',
      );
    } catch (error) {
      if (!stop.aborted) terminal.warn(`the network policy may keep workers out: ${describeError(error)}`);
    }
  }

  /** false: somebody else's by now, and left as it is. A patch and no apply, which would make it anew where it was removed. */
  private async change(nodeCidrs: readonly string[]): Promise<boolean> {
    const { kube, terminal, namespace, isOurs } = this.options;
    if (!(await isOurs())) return false;
    const patch = { spec: { ingress: [ingressRule(nodeCidrs)] } };
    await kube.mergePatch('NetworkPolicy', HUB, namespace, patch);
    this.nodeCidrs = nodeCidrs;
    terminal.detail(`the network policy lets in ${nodeCidrs.join(', ') || 'any address'}`);
    return true;
  }

  private async pause(ms: number, stop: AbortSignal): Promise<void> {
    await sleep(ms * this.options.pace, undefined, { signal: stop }).catch(() => {});
  }
}

function isReady({ metadata, status }: PodObject): boolean {
  const ready = status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return ready === true && metadata.deletionTimestamp === undefined;
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}

function some(names: readonly string[]): string {
  const rest = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
