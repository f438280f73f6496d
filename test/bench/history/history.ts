/**
 * How soon a store full of flows answers: ten questions, one after the other, each until its first hundred flows or the end of what
 * there is; and how fast flows are taken in while they are asked.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from '../../../hub/store/sqlite/sqlite-store.ts';
import type { Arrival, Store } from '../../../hub/store/store.ts';
import { type Question, questions } from './questions.ts';
import { HistoryTraffic, START, STEP } from './traffic.ts';

export interface HistoryResult {
  flows: number;
  storedBytesPerFlow: number;
  segments: number;
  questions: Answered[];
  /** Flows a second that are committed, and the longest time that one commit took, ms: alone, and while questions are asked. */
  alone: IngestRate;
  whileAsked: IngestRate;
}

export interface Answered {
  name: string;
  filter: string;
  /** 100, or all there are if they are fewer; of a summary how many it counted. */
  found: number;
  /** Until they were found. */
  ms: number;
  scanned: number;
  scannedPerSecond: number;
  /** By CPU time of all threads: what a machine that does nothing else comes near to. */
  scannedPerCpuSecond: number;
}

export interface IngestRate {
  flowsPerSecond: number;
  longestCommitMs: number;
}

const WANTED = 100;
/** As the API gives a query. */
const BUDGET_MS = 2000;
const COMMIT = 2000;
const STORAGE_LIMIT = 32 * 2 ** 30;
/** For each of the two measurements of ingest. */
const INGESTED = 60_000;

export async function benchHistory(flows: number): Promise<HistoryResult> {
  const dir = mkdtempSync(join(tmpdir(), 'remora-bench-'));
  const store = await SqliteStore.open({ dir, storageLimit: STORAGE_LIMIT }, (warning) =>
    console.error(warning),
  );
  try {
    const traffic = new HistoryTraffic();
    for (let n = 0; n < flows; n += COMMIT) await commit(store, traffic.next(Math.min(COMMIT, flows - n)));
    const { bytes, segments } = await store.stats();
    const asked = questions(flows);
    const answered: Answered[] = [];
    for (const question of asked) answered.push(await ask(store, question, flows));
    const alone = await ingest(store, traffic);
    const whileAsked = await ingestWhileAsked(store, traffic, asked, flows);
    return {
      ...{ flows, storedBytesPerFlow: bytes / flows, segments, questions: answered },
      ...{ alone, whileAsked },
    };
  } finally {
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function ask(store: Store, question: Question, flows: number): Promise<Answered> {
  const { name, filter } = question;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const { found, scanned } = await (question.summary ? count(store, filter, flows) : list(store, filter));
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return {
    ...{ name, filter, found, ms, scanned },
    scannedPerSecond: scanned / (ms / 1000),
    scannedPerCpuSecond: scanned / ((user + system) / 1e6),
  };
}

async function list(store: Store, filter: string): Promise<{ found: number; scanned: number }> {
  let found = 0;
  let scanned = 0;
  let before: string | undefined;
  do {
    const page = await store.flows({
      ...{ filter, limit: WANTED - found, budgetMs: BUDGET_MS },
      ...(before === undefined ? {} : { before }),
    });
    found += page.rows.length;
    scanned += page.scanned;
    before = page.next ?? undefined;
  } while (found < WANTED && before !== undefined);
  return { found, scanned };
}

async function count(store: Store, filter: string, flows: number) {
  const { count, scanned } = await store.summary({
    ...{ filter, from: START, to: START + flows * STEP },
    budgetMs: 600_000,
  });
  return { found: count, scanned };
}

async function ingest(store: Store, traffic: HistoryTraffic): Promise<IngestRate> {
  const commits = Array.from({ length: INGESTED / COMMIT }, () => traffic.next(COMMIT));
  let longestCommitMs = 0;
  const start = performance.now();
  for (const arrivals of commits) {
    const began = performance.now();
    await commit(store, arrivals);
    longestCommitMs = Math.max(longestCommitMs, performance.now() - began);
  }
  return { flowsPerSecond: INGESTED / ((performance.now() - start) / 1000), longestCommitMs };
}

async function ingestWhileAsked(
  store: Store,
  traffic: HistoryTraffic,
  asked: readonly Question[],
  flows: number,
): Promise<IngestRate> {
  let done = false;
  const asking = (async () => {
    for (let n = 0; !done; n++) {
      const { filter } = asked[n % asked.length]!;
      await store.flows({ filter, limit: WANTED, budgetMs: BUDGET_MS });
      if (n % asked.length === 0)
        await store.map({ from: START, to: START + flows * STEP, level: 'workload' });
    }
  })();
  const rate = await ingest(store, traffic);
  done = true;
  await asking;
  return rate;
}

async function commit(store: Store, arrivals: Arrival[]): Promise<void> {
  await store.commit({ arrivals, sessions: [] });
}
