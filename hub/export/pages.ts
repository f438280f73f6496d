import type { Flow } from '../../flow/flow.ts';
import type { FlowQuery, Store } from '../store/store.ts';

import type { ExportJob } from './job.ts';

/** What is exported. Times are [from, to), µs since the epoch. */
export type Selection = Pick<FlowQuery, 'filter' | 'from' | 'to'>;

export interface Paging extends Pick<FlowQuery, 'limit' | 'budgetMs'> {
  /** Aborted when nobody reads the pages any more: then they end. */
  signal: AbortSignal;
  /** Hears how far it is. */
  job?: ExportJob | undefined;
}

/**
 * The flows of a selection, newest first, a page at a time: the next is read when it is asked for. A page is empty where the
 * store has looked for as long as it may and found none.
 */
export async function* flowPages(
  store: Pick<Store, 'fullFlows'>,
  selection: Selection,
  { limit, budgetMs, signal, job }: Paging,
): AsyncGenerator<readonly Flow[], void> {
  await job?.search(selection);
  let before: string | null = null;
  do {
    const cursor: Pick<FlowQuery, 'before'> = before === null ? {} : { before };
    const query: FlowQuery = { ...selection, ...cursor, limit, budgetMs };
    const page: { flows: Flow[]; next: string | null } = await store.fullFlows(query, signal);
    job?.found(page.flows.length, page.next);
    yield page.flows;
    before = page.next;
  } while (before !== null && !signal.aborted);
}
