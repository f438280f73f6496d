/** Whole flows of a hub that runs, newest first. */

import type { Flow } from '../../flow/flow.ts';
import type { HubAddress } from '../tap/hub-address.ts';
import { askHub, cutOff } from './ask.ts';

/** `query` selects them, as the API takes it. At most `limit`; `found` hears of the oldest so far. Rejects with CliError. */
export async function hubFlows(
  hub: HubAddress,
  query: URLSearchParams,
  limit: number,
  stop: AbortSignal,
  found: (count: number, oldest: Flow) => void,
): Promise<{ flows: Flow[]; more: boolean }> {
  const answer = await askHub(hub, `api/v1/flows.ndjson?${query}`, stop);
  const flows: Flow[] = [];
  let rest = '';
  try {
    for await (const chunk of answer.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (flows.length >= limit) return { flows, more: true };
        flows.push(JSON.parse(line) as Flow);
      }
      const oldest = flows.at(-1);
      if (oldest !== undefined) found(flows.length, oldest);
    }
  } catch (cause) {
    throw stop.aborted ? cause : cutOff(hub, cause);
  } finally {
    answer.destroy();
  }
  return { flows, more: false };
}
