import type { ConnectionPage, LatencyHistory, ServiceMap, Summary } from '../../../flow/api.ts';
import { compileFilter } from '../../../flow/filter.ts';
import type { Connection, Flow } from '../../../flow/flow.ts';
import { StoreError } from '../error.ts';
import type {
  Commit,
  FlowQuery,
  FlowResult,
  LatencyQuery,
  MapQuery,
  RefusedQuery,
  Store,
  StoreStats,
  SummaryQuery,
} from '../store.ts';
import { packCommit, transferList } from './commit-frame.ts';
import type { StoreOptions } from './options.ts';
import type { ReaderCalls } from './reader-thread.ts';
import { StoreThread } from './thread.ts';
import type { WriterCalls } from './writer-thread.ts';

/**
 * The store on SQLite: a thread that writes and one that reads.
 *
 * What `commit` resolved for survives the death of the process at any moment. A power failure may take the last
 * seconds of it (nothing is waited for to reach the disk's platters), never the consistency of the files.
 */
export class SqliteStore implements Store {
  readonly #writer: StoreThread<WriterCalls>;
  readonly #reader: StoreThread<ReaderCalls>;

  /**
   * Opens the data directory, making it if it is not there. Rejects with StoreError: STORE_LOCKED, STORE_TOO_NEW,
   * STORE_READ_ONLY, STORE_FULL, STORE_IO. `warn` gets sentences about what was repaired or failed in the background.
   */
  static async open(options: StoreOptions, warn: (message: string) => void): Promise<SqliteStore> {
    const writer = new StoreThread<WriterCalls>('writer-thread', options, warn);
    try {
      await writer.call('open', undefined);
    } catch (error) {
      await writer.terminate();
      throw error;
    }
    return new SqliteStore(writer, new StoreThread<ReaderCalls>('reader-thread', options.dir, warn));
  }

  private constructor(writer: StoreThread<WriterCalls>, reader: StoreThread<ReaderCalls>) {
    this.#writer = writer;
    this.#reader = reader;
  }

  async commit(commit: Commit): Promise<void> {
    const frame = packCommit(commit);
    await this.#writer.call('commit', frame, { transfer: transferList(frame) });
  }

  lastBatch(session: string): Promise<number> {
    return this.#writer.call('lastBatch', session);
  }

  async flows(query: FlowQuery, signal?: AbortSignal): Promise<FlowResult> {
    compileFilter(query.filter); // here, so that the caller gets the FilterError itself
    return this.#read(this.#reader.call('flows', query, { signal }));
  }

  async fullFlows(
    query: FlowQuery,
    signal?: AbortSignal,
  ): Promise<{ flows: Flow[]; next: string | null; partial: boolean }> {
    compileFilter(query.filter);
    return this.#read(this.#reader.call('fullFlows', query, { signal }));
  }

  flow(id: string): Promise<Flow | undefined> {
    return this.#read(this.#reader.call('flow', id));
  }

  connection(id: string): Promise<Connection | undefined> {
    return this.#read(this.#reader.call('connection', id));
  }

  async refused(query: RefusedQuery, signal?: AbortSignal): Promise<ConnectionPage> {
    compileFilter(query.filter);
    return this.#read(this.#reader.call('refused', query, { signal }));
  }

  async summary(query: SummaryQuery, signal?: AbortSignal): Promise<Summary> {
    compileFilter(query.filter);
    if (!(query.to > query.from))
      throw new StoreError('STORE_INVALID', 'A summary needs a range of time that is not empty.');
    return this.#read(this.#reader.call('summary', query, { signal }));
  }

  async map(query: MapQuery): Promise<ServiceMap> {
    await this.#bringRollups(query);
    return this.#read(this.#reader.call('map', query));
  }

  async latencies(query: LatencyQuery): Promise<LatencyHistory> {
    await this.#bringRollups(query);
    return this.#read(this.#reader.call('latencies', query));
  }

  async stats(): Promise<StoreStats> {
    const [stats, read] = await Promise.all([
      this.#writer.call('stats', undefined),
      this.#reader.call('counters', undefined),
    ]);
    return { ...stats, counters: { ...stats.counters, ...read } };
  }

  async close(): Promise<void> {
    await this.#reader.call('close', undefined).catch(() => undefined);
    try {
      await this.#writer.call('close', undefined);
    } finally {
      await Promise.all([this.#reader.terminate(), this.#writer.terminate()]);
    }
  }

  /** Roll-ups have all that is committed after this. */
  async #bringRollups({ from, to }: MapQuery): Promise<void> {
    if (!(to > from)) throw new StoreError('STORE_INVALID', 'A map needs a range of time that is not empty.');
    await this.#writer.call('flushRollups', undefined);
  }

  /** What a reader leaves out because it is damaged, the writer sets aside. */
  async #read<T>(answer: Promise<T>): Promise<T> {
    const result = await answer;
    const damaged = await this.#reader.call('damaged', undefined);
    if (damaged.length > 0) await this.#writer.call('setAside', damaged);
    return result;
  }
}
