import { expect, test } from 'vitest';
import type { WorkerHealth } from '../../../flow/api.ts';
import { plainFlow } from '../../../test/flows.ts';
import { MemoryStore } from '../../api/testing/memory-store.ts';
import type { FlowQuery } from '../../store/store.ts';
import { ExportJob } from '../job.ts';
import { packetsOfFlows } from './selected.ts';

const RECORDED = 1.7e15;
const OLD = RECORDED - 60e6;

/** A store with one flow, from before the oldest packet that is recorded. */
class OldStore extends MemoryStore {
  override async fullFlows({ from = 0, to = Number.POSITIVE_INFINITY }: FlowQuery) {
    const flows = from <= OLD && OLD < to ? [plainFlow()] : [];
    return { flows, next: null, partial: false };
  }
}

test.each([
  ['no beginning', undefined],
  ['a beginning before that', OLD - 1],
])('that older flows are left out is said of a range with %s', async (_, from) => {
  const worker = { counters: { recordOldest: RECORDED } as Record<string, number> } as WorkerHealth;
  const exported = await packetsOfFlows(
    {
      store: new OldStore(),
      source: { packets: () => 'away' },
      ...{ workers: [worker], page: '', job: new ExportJob(new OldStore()) },
    },
    { filter: '', ...(from === undefined ? {} : { from }) },
  );
  expect(exported.wanted.flows).toBe(0);
  expect([...exported.missing.reasons]).toEqual(['overwritten']);
});
