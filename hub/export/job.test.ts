import { expect, test } from 'vitest';
import { formatTime } from '../../flow/time.ts';
import { formatFlowId } from '../store/flow-id.ts';
import type { StoreStats } from '../store/store.ts';
import { ExportJob } from './job.ts';

const T = 1_700_000_000_000_000;
const store = (oldest: number | null, newest: number | null) => ({
  stats: async () => ({ oldest, newest }) as StoreStats,
});
const cursor = (time: number) => formatFlowId(time, 1, 2);

test('before the search nothing is claimed', () => {
  const { progress } = new ExportJob(store(T, T + 100));
  expect(progress).toEqual({ running: true, flows: 0, since: null, searched: 0, packets: null });
});

test('how much of the stored time has been searched, from the newest back', async () => {
  const job = new ExportJob(store(T, T + 100e6));
  await job.search({ filter: '' });
  expect(job.progress).toMatchObject({ searched: 0, since: formatTime(T + 100e6) });
  job.found(2, cursor(T + 75e6));
  job.found(0, cursor(T + 50e6));
  expect(job.progress).toMatchObject({ flows: 2, since: formatTime(T + 50e6), searched: 0.5, packets: null });
  job.found(1, null);
  expect(job.progress).toMatchObject({ flows: 3, searched: 1 });
});

test('of a range that is asked for, only as far as there is something stored', async () => {
  const job = new ExportJob(store(T, T + 100e6));
  await job.search({ filter: '', from: T - 900e6, to: T + 50e6 });
  job.found(0, cursor(T + 25e6));
  expect(job.progress.searched).toBe(0.5);
});

test('of nothing, and of flows that come meanwhile, the share stays one', async () => {
  const empty = new ExportJob(store(null, null));
  await empty.search({ filter: '' });
  empty.found(0, null);
  expect(empty.progress).toEqual({ running: true, flows: 0, since: null, searched: 0, packets: null });
  const job = new ExportJob(store(T, T + 100));
  await job.search({ filter: '' });
  job.found(1, cursor(T + 500));
  expect(job.progress.searched).toBe(0);
});

test('packets are told as they are written', () => {
  const job = new ExportJob(store(T, T));
  const writing = { given: 0, packets: 40 };
  job.write(writing);
  writing.given = 10;
  expect(job.progress.packets).toEqual({ written: 10, total: 40 });
});
