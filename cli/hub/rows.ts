/** The stored flows of a hub that runs already, page by page. */

import type { FlowPage, FlowRow } from '../../flow/api.ts';
import type { HubAddress } from '../tap/hub-address.ts';
import { askHubJson } from './ask.ts';
import type { SearchProgress } from './search-progress.ts';

export interface RowsQuery {
  filter: string;
  /** RFC 3339; `to` is exclusive. */
  from: string;
  to: string;
}

/** The most that the API gives at once. */
const PAGE = 1000;
/** Of a search that finds little, a page comes so soon: it tells how far that is. */
const STEP_MS = 700;

/** Newest first. Rejects with CliError. */
export async function* hubRows(
  hub: HubAddress,
  { filter, from, to }: RowsQuery,
  progress: SearchProgress,
  stop: AbortSignal,
): AsyncGenerator<readonly FlowRow[], void> {
  for (let before: string | null | undefined; before !== null; ) {
    const query = new URLSearchParams({ filter, from, to, limit: String(PAGE), budget: String(STEP_MS) });
    if (before !== undefined) query.set('before', before);
    const page: FlowPage = await askHubJson(hub, `api/v1/flows?${query}`, stop);
    progress.looked(page.scanned, page.since);
    if (page.flows.length > 0) yield page.flows;
    before = page.next;
  }
}
