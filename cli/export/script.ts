/** Flows as a script that sends their requests again. */

import type { Flow } from '../../flow/flow.ts';
import { type ReplayRequest, replayRequest } from '../../flow/replay/request.ts';
import { curlScript, k6Script } from '../../flow/replay/scripts.ts';
import { usageError } from '../errors.ts';
import { hubFlows } from '../hub/flows.ts';
import type { Terminal } from '../output/terminal.ts';
import { count } from '../output/units.ts';
import type { HubAddress } from '../tap/hub-address.ts';
import { flowQuery, type Selection } from './plan.ts';

/** Requests of one script or one replay; the newest. */
export const MAX_REQUESTS = 1000;

export const SCRIPTS = { curl: curlScript, k6: k6Script } as const;

/** In the order in which they were sent; warns of those that cannot be sent again. `tell`: how far it is. Rejects with CliError. */
export async function readRequests(
  hub: HubAddress,
  selection: Selection,
  terminal: Terminal,
  stop: AbortSignal,
  tell: (text: string) => void,
): Promise<ReplayRequest[]> {
  const { flows, more } = await hubFlows(hub, flowQuery(selection), MAX_REQUESTS, stop, (found, { time }) =>
    tell(`${count(found)} requests found, back to ${time.slice(0, 19)}Z`),
  );
  if (flows.length === 0)
    throw usageError('no flow matched', 'See what there is: remora export --format csv.');
  if (more) terminal.warn(`only the newest ${count(MAX_REQUESTS)} requests; a --filter or --since has fewer`);
  const requests: ReplayRequest[] = [];
  for (const flow of flows.toReversed()) {
    const request = replayRequest(flow);
    if (typeof request === 'string') terminal.warn(`left out: ${nameOf(flow)}: ${request}`);
    else requests.push(request);
  }
  if (requests.length === 0) throw usageError('there is no request that can be sent again');
  return requests;
}

export function nameOf({ id, request }: Flow): string {
  return request === undefined ? id : `${request.method} ${request.path}`;
}
