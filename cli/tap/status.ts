/** The one calm line under everything else while a tap runs: how much was seen, and whether anything was lost. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Health } from '../../flow/api.ts';
import type { Terminal } from '../output/terminal.ts';
import { bytes, count } from '../output/units.ts';
import type { HubAddress } from './hub-address.ts';

const EVERY_MS = 1000;

/** Counters of workers for packets that were not read: by the kernel, the interface, the worker itself. */
export const PACKET_DROPS = ['kernelDrops', 'interfaceDrops', 'overloadDrops'];

/** Asks the hub each second until `stop`. Does nothing where nobody would see it. `progress`: of files, 0 to 1. */
export async function showStatus(
  hub: HubAddress,
  terminal: Terminal,
  stop: AbortSignal,
  progress: () => number | undefined = () => undefined,
): Promise<void> {
  if (!terminal.interactive) return;
  while (!stop.aborted) {
    const health = await askHealth(hub, stop);
    if (stop.aborted) break;
    terminal.status(health === undefined ? 'the hub does not answer' : statusLine(health, progress()));
    await sleep(EVERY_MS, undefined, { signal: stop }).catch(() => {});
  }
  terminal.clearStatus();
}

/** `1,234 flows · 45/s · 0 packets dropped · 12 MiB stored`; for files how far they are read. */
export function statusLine({ hub, workers }: Health, progress: number | undefined): string {
  const parts = [`${count(hub.flows)} flows`, `${count(hub.flowsPerSecond)}/s`];
  if (progress !== undefined && progress < 1) parts.push(`${Math.floor(progress * 100)}% read`);
  const total = (name: string) => workers.reduce((sum, { counters }) => sum + (counters[name] ?? 0), 0);
  parts.push(`${count(PACKET_DROPS.reduce((sum, name) => sum + total(name), 0))} packets dropped`);
  const spoolDrops = total('spoolDroppedFlows');
  if (spoolDrops > 0) parts.push(`${count(spoolDrops)} flows dropped`);
  parts.push(`${bytes(hub.storeBytes)} stored`);
  return parts.join(' · ');
}

export async function askHealth(hub: HubAddress, stop: AbortSignal): Promise<Health | undefined> {
  try {
    const answer = await fetch(`${hub.url}/api/v1/health`, {
      headers: { authorization: `Bearer ${hub.token}` },
      signal: AbortSignal.any([stop, AbortSignal.timeout(EVERY_MS)]),
    });
    return answer.ok ? ((await answer.json()) as Health) : undefined;
  } catch {
    // It may be starting again; the supervisor tells that.
    return undefined;
  }
}
