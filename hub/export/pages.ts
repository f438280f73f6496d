import type { Flow } from '../../flow/flow.ts';
import type { FlowQuery, Store } from '../store/store.ts';
import type { ExportJob } from './job.ts';

/** What is exported. Times are [from, to), µs since the epoch. */
export type Selection = Pick<FlowQuery, 'filter' | 'from' | 'to'>;

export interface Paging extends Pick<FlowQuery, 'limit' | 'budgetMs'> {
  /** Hears how far it is. */
  job: ExportJob;
}

/**
 * The flows of a selection, newest first, a page at a time: the next is read when it is asked for. A page is empty where the
 * store has looked for as long as it may and found none. Rejects with HubError once the job is cancelled: what was read until
 * then is not all of them.
 */
export async function* flowPages(
  store: Pick<Store, 'fullFlows'>,
  selection: Selection,
  { limit, budgetMs, job }: Paging,
): AsyncGenerator<readonly Flow[], void> {
  await job.search(selection);
  let before: string | null = null;
  do {
    const cursor: Pick<FlowQuery, 'before'> = before === null ? {} : { before };
    const query: FlowQuery = { ...selection, ...cursor, limit, budgetMs };
    const page: { flows: Flow[]; next: string | null } = await store.fullFlows(query, job.signal);
    job.signal.throwIfAborted();
    job.found(page.flows.length, page.next);
    yield page.flows;
    before = page.next;
  } while (before !== null);
}
