import { StoreError } from '../hub/store/error.ts';
import type { Commit, Store } from '../hub/store/store.ts';

/** A store in memory that fails when it is told to. It answers no queries. */
export class FakeStore implements Store {
  readonly commits: Commit[] = [];
  readonly sessions = new Map<string, number>();
  readonly ids = new Set<string>();
  /** While this is set, commits fail. */
  failure: StoreError | undefined;
  /** While this is set, commits wait for it. */
  gate: Promise<void> | undefined;

  async commit(commit: Commit): Promise<void> {
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
    this.commits.push(commit);
    for (const { id } of commit.arrivals) this.ids.add(id);
    for (const { session, lastBatch } of commit.sessions) this.sessions.set(session, lastBatch);
  }
  async lastBatch(session: string): Promise<number> {
    return this.sessions.get(session) ?? 0;
  }
  flows = () => unanswered();
  fullFlows = () => unanswered();
  flow = () => unanswered();
  connection = () => unanswered();
  refused = () => unanswered();
  summary = () => unanswered();
  map = () => unanswered();
  latencies = () => unanswered();
  stats = () => unanswered();
  async close(): Promise<void> {}
}

function unanswered(): Promise<never> {
  return Promise.reject(new StoreError('STORE_INVALID', 'The fake store answers no queries.'));
}
