import type { Flow } from '../../flow/flow.ts';
import type { FlowQuery, Store } from '../store/store.ts';

/** What is exported. Times are [from, to), µs since the epoch. */
export type Selection = Pick<FlowQuery, 'filter' | 'from' | 'to'>;

export interface Paging extends Pick<FlowQuery, 'limit' | 'budgetMs'> {
  /** Aborted when nobody reads the pages any more: then they end. */
  signal: AbortSignal;
}

/**
 * The flows of a selection, newest first, a page at a time: the next is read when it is asked for. A page is empty where the
 * store has looked for as long as it may and found none.
 */
export async function* flowPages(
  store: Pick<Store, 'fullFlows'>,
  selection: Selection,
  { limit, budgetMs, signal }: Paging,
): AsyncGenerator<readonly Flow[], void> {
  let before: string | null = null;
  do {
    const cursor: Pick<FlowQuery, 'before'> = before === null ? {} : { before };
    const query: FlowQuery = { ...selection, ...cursor, limit, budgetMs };
    const page: { flows: Flow[]; next: string | null } = await store.fullFlows(query, signal);
    yield page.flows;
    before = page.next;
  } while (before !== null && !signal.aborted);
}
