import { expect, test } from 'vitest';
import type { Flow } from '../../flow/flow.ts';
import { plainFlow } from '../../test/flows.ts';
import { MemoryStore } from '../api/testing/memory-store.ts';
import type { FlowQuery } from '../store/store.ts';
import { ExportJob } from './job.ts';
import { flowPages } from './pages.ts';

/** Pages of so many flows, of a store that has no others. */
class Pages {
  readonly asked: (string | undefined)[] = [];
  readonly signals = new Set<AbortSignal | undefined>();
  readonly #sizes: number[];

  constructor(sizes: number[]) {
    this.#sizes = sizes;
  }

  async fullFlows({ before }: FlowQuery, signal?: AbortSignal) {
    this.asked.push(before);
    this.signals.add(signal);
    const n = this.asked.length;
    const flows: Flow[] = Array.from({ length: this.#sizes[n - 1] ?? 0 }, () => plainFlow());
    return { flows, next: n < this.#sizes.length ? `after-${n}` : null, partial: false };
  }
}

const newJob = () => new ExportJob(new MemoryStore());

async function sizes(
  store: Pages,
  job: ExportJob,
  found: number[] = [],
  leaveAfter = Number.POSITIVE_INFINITY,
) {
  const paging = { limit: 2, budgetMs: 5, job };
  for await (const flows of flowPages(store, { filter: 'x' }, paging)) {
    if (found.push(flows.length) === leaveAfter) job.cancel();
  }
  return found;
}

test('page after page, those in which nothing was found too: whoever reads them looks at the clock', async () => {
  const store = new Pages([2, 0, 0, 1]);
  expect(await sizes(store, newJob())).toEqual([2, 0, 0, 1]);
  expect(store.asked).toEqual([undefined, 'after-1', 'after-2', 'after-3']);
});

test('nothing more is looked for once nobody waits for it, and the store is told', async () => {
  const store = new Pages([0, 0, 0, 0]);
  const job = newJob();
  const found: number[] = [];
  await expect(sizes(store, job, found, 2)).rejects.toMatchObject({ code: 'EXPORT_CANCELLED' });
  expect(found).toEqual([0, 0]);
  expect([...store.signals]).toEqual([job.signal]);
});

test('what is cancelled in the last search does not look as if it were all', async () => {
  const job = newJob();
  const store = new Pages([1]);
  const search = store.fullFlows.bind(store);
  store.fullFlows = async (...asked) => {
    job.cancel();
    return search(...asked);
  };
  await expect(sizes(store, job)).rejects.toMatchObject({ code: 'EXPORT_CANCELLED' });
});
