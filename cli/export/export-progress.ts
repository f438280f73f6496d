/** How far an export is: the hub is asked while it searches and writes. Only where a terminal shows it. */

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExportProgress } from '../../flow/api.ts';
import { CliError } from '../errors.ts';
import { askHubJson } from '../hub/ask.ts';
import { count } from '../output/units.ts';
import type { HubAddress } from '../tap/hub-address.ts';

const EVERY_MS = 500;

/** A name for an export, under which the hub tells how far it is. */
export function exportName(): string {
  return randomBytes(9).toString('base64url');
}

/** Asks until `stop`; `heard` gets what is to be shown. Never rejects: what is not known is not shown. */
export async function watchExport(
  hub: HubAddress,
  name: string,
  stop: AbortSignal,
  heard: (text: string) => void,
): Promise<void> {
  while (!stop.aborted) {
    try {
      const progress = await askHubJson<ExportProgress>(hub, `api/v1/exports/${name}`, stop);
      if (progress.running && !stop.aborted) heard(progressText(progress));
    } catch (error) {
      // What is wrong with the hub, the export itself tells.
      if (!(error instanceof CliError) && !stop.aborted) return;
    }
    await sleep(EVERY_MS, undefined, { signal: stop }).catch(() => {});
  }
}

/** `34% of the time searched, back to 2026-11-21T14:02:11Z, 1,234 flows`; of packets, `12% of 40,000 packets`. */
export function progressText({ flows, since, searched, packets }: ExportProgress): string {
  if (packets !== null) {
    const share = packets.total === 0 ? 1 : Math.min(1, packets.written / packets.total);
    return `${percent(share)} of ${count(packets.total)} packets`;
  }
  const back = since === null ? '' : `, back to ${since.slice(0, 19)}Z`;
  return `${percent(searched)} of the time searched${back}, ${count(flows)} ${flows === 1 ? 'flow' : 'flows'}`;
}

function percent(share: number): string {
  return `${Math.floor(share * 100)}%`;
}
