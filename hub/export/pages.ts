import type { Flow } from '../../flow/flow.ts';
import type { FlowQuery, Store } from '../store/store.ts';

/** What is exported. Times are [from, to), µs since the epoch. */
export type Selection = Pick<FlowQuery, 'filter' | 'from' | 'to'>;

/** The flows of a selection, newest first, a page at a time: the next is read when it is asked for. */
export async function* flowPages(
  store: Store,
  selection: Selection,
  { limit, budgetMs }: Pick<FlowQuery, 'limit' | 'budgetMs'>,
): AsyncGenerator<readonly Flow[], void> {
  let before: string | null = null;
  do {
    const cursor: Pick<FlowQuery, 'before'> = before === null ? {} : { before };
    const page: { flows: Flow[]; next: string | null } = await store.fullFlows({
      ...{ ...selection, ...cursor, limit, budgetMs },
    });
    if (page.flows.length > 0) yield page.flows;
    before = page.next;
  } while (before !== null);
}
