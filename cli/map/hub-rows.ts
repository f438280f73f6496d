/** The stored flows of a hub that runs already, page by page. */

import type { ApiError, FlowPage, FlowRow } from '../../flow/api.ts';
import { CliError, Exit } from '../errors.ts';
import type { HubAddress } from '../tap/hub-address.ts';

export interface RowsQuery {
  filter: string;
  /** RFC 3339; `to` is exclusive. */
  from: string;
  to: string;
}

/** The most that the API gives at once. */
const PAGE = 1000;
const TIMEOUT_MS = 30_000;

/** Newest first. Rejects with CliError. */
export async function* hubRows(
  hub: HubAddress,
  { filter, from, to }: RowsQuery,
  stop: AbortSignal,
): AsyncGenerator<readonly FlowRow[], void> {
  for (let before: string | null | undefined; before !== null; ) {
    const query = new URLSearchParams({ filter, from, to, limit: String(PAGE) });
    if (before !== undefined) query.set('before', before);
    const page = await ask<FlowPage>(hub, `api/v1/flows?${query}`, stop);
    if (page.flows.length > 0) yield page.flows;
    before = page.next;
  }
}

async function ask<T>(hub: HubAddress, path: string, stop: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(new URL(path, hub.url), {
      headers: { accept: 'application/json', authorization: `Bearer ${hub.token}` },
      redirect: 'error',
      signal: AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  } catch (cause) {
    if (stop.aborted) throw cause;
    throw new CliError('HUB_UNREACHABLE', `no hub answers at ${hub.url}`, {
      remedy: 'Is `remora tap` or `remora view` running? --url says where.',
      cause,
    });
  }
  if (response.ok) return (await response.json()) as T;
  if (response.status === 401) {
    throw new CliError('HUB_TOKEN', `the hub at ${hub.url} does not take this token`, {
      remedy: 'Put the token of the page’s address (?token=...) into REMORA_TOKEN.',
    });
  }
  const error = (await response.json().catch(() => undefined)) as Partial<ApiError> | undefined;
  throw new CliError(
    error?.code ?? 'HUB_ANSWER',
    error?.message ?? `the hub at ${hub.url} answered ${response.status}`,
    { remedy: error?.remedy, exit: response.status === 400 ? Exit.usage : Exit.failed },
  );
}
