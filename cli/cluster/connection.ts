/** The way to a hub in the cluster: a port of this machine that leads to it, and the token it wants. */

import { setTimeout as sleep } from 'node:timers/promises';
import { HUB, HUB_PORT, selectorLabels } from '../../deploy/names.ts';
import { CliError } from '../errors.ts';
import type { Kube } from '../kube/client.ts';
import { Forward } from '../kube/forward.ts';
import type { Terminal } from '../output/terminal.ts';
import type { HubAddress } from '../tap/hub-address.ts';
import { portError } from '../tap/port.ts';
import { readCredentials, selectorText } from './installation.ts';

const READY_TIMEOUT_MS = 60_000;
const EVERY_MS = 300;
/** How often the hub is asked whether it is there: nobody else may be asking it anything. */
const WATCH_MS = 3_000;

export class HubConnection implements HubAddress {
  token = '';
  /** Rejects when Remora was taken out of the cluster; never resolves. */
  readonly removed: Promise<never>;
  private readonly kube: Kube;
  private readonly terminal: Terminal;
  private readonly forward: Forward;
  private readonly tellRemoved: (error: CliError) => void;
  private namespace = '';
  private reached = false;
  private isLost = false;
  private readonly closing = new AbortController();

  /** Takes the port, so that one that is in use is told before anything is made. Rejects with CliError. */
  static async open(kube: Kube, terminal: Terminal, port: number): Promise<HubConnection> {
    const connection = new HubConnection(kube, terminal);
    await connection.forward.open(port).catch((cause) => {
      throw portError(port, cause as NodeJS.ErrnoException);
    });
    return connection;
  }

  private constructor(kube: Kube, terminal: Terminal) {
    this.kube = kube;
    this.terminal = terminal;
    let tellRemoved: (error: CliError) => void = () => {};
    this.removed = new Promise((_, reject) => {
      tellRemoved = reject;
    });
    this.removed.catch(() => {});
    this.tellRemoved = tellRemoved;
    this.forward = new Forward(kube, {
      lost: (error) => this.lost(error),
      restored: () => this.restored(),
    });
  }

  get url(): string {
    return this.forward.url;
  }

  /** Resolves when the hub of this namespace answers. Rejects with CliError. */
  async reach(namespace: string, stop: AbortSignal): Promise<void> {
    const { ca, token } = await readCredentials(this.kube, namespace, stop);
    this.token = token;
    this.namespace = namespace;
    this.forward.lead({
      namespace,
      labelSelector: selectorText(selectorLabels('hub')),
      port: HUB_PORT,
      ca,
      serverName: HUB,
    });
    const deadline = performance.now() + READY_TIMEOUT_MS;
    for (;;) {
      const problem = await this.ask(stop);
      stop.throwIfAborted();
      if (problem === undefined) break;
      if (performance.now() > deadline) {
        throw new CliError(
          'HUB_UNREACHABLE',
          `the hub in namespace "${namespace}" cannot be reached: ${problem}`,
          {
            remedy: 'See what it says: remora check, remora logs.',
          },
        );
      }
      await sleep(EVERY_MS, undefined, { signal: stop });
    }
    this.reached = true;
    void this.watch();
  }

  /** GET of the hub's API, or `method` with a JSON body. Rejects with CliError where it is refused. */
  async call<T>(path: string, init: { method?: string; body?: unknown; stop: AbortSignal }): Promise<T> {
    const { method = 'GET', body, stop } = init;
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: stop,
    });
    if (answer.ok) return (await answer.json()) as T;
    const said = (await answer.json().catch(() => ({}))) as { message?: string; remedy?: string };
    throw new CliError('HUB_REFUSED', `the hub refused it: ${said.message ?? `status ${answer.status}`}`, {
      remedy: said.remedy,
    });
  }

  close(): void {
    this.closing.abort();
    this.forward.close();
  }

  /** Why it does not answer; undefined: it does. */
  private async ask(stop: AbortSignal): Promise<string | undefined> {
    try {
      const answer = await fetch(`${this.url}/readyz`, { signal: stop });
      const text = await answer.text();
      return answer.ok ? undefined : text.trim() || `status ${answer.status}`;
    } catch (error) {
      return (error as Error).message;
    }
  }

  private async watch(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      await sleep(WATCH_MS, undefined, { signal }).catch(() => {});
      await this.ask(signal);
    }
  }

  private lost(error: Error): void {
    if (this.closing.signal.aborted || !this.reached) return;
    this.isLost = true;
    this.terminal.warn(`the connection to the hub is lost (${error.message}); trying again`);
    void this.checkRemoved();
  }

  private restored(): void {
    if (this.isLost) this.terminal.note('The connection to the hub is back.');
    this.isLost = false;
  }

  /** The hub's pod may be replaced at any time; without its Deployment there will be no other. */
  private async checkRemoved(): Promise<void> {
    const { signal } = this.closing;
    while (this.isLost && !signal.aborted) {
      // Without an answer nothing is known; the forward goes on trying.
      const found = await this.kube.get('Deployment', HUB, this.namespace, signal).catch(() => 'unknown');
      if (found === undefined) {
        this.tellRemoved(
          new CliError('REMORA_REMOVED', `Remora was taken out of namespace "${this.namespace}"`, {
            remedy: 'Whoever started it has ended it: `remora tap` starts another.',
          }),
        );
        return;
      }
      await sleep(WATCH_MS, undefined, { signal }).catch(() => {});
    }
  }
}
