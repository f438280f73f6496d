/** A Store that keeps everything in memory: enough of one to test what stands on it. */
import type { FlowRow, LatencyHistory, ServiceMap, Summary } from '../../../flow/api.ts';
import { compileFilter } from '../../../flow/filter.ts';
import type { Connection, Flow } from '../../../flow/flow.ts';
import { Common, RecordKind, RecordView, toConnection, toFlow, toRow } from '../../../flow/record.ts';
import { refusedAsFlow } from '../../../flow/refused.ts';
import { formatTime } from '../../../flow/time.ts';
import { StoreError } from '../../store/error.ts';
import { parseFlowId } from '../../store/flow-id.ts';
import type {
  Arrival,
  Commit,
  FlowQuery,
  FlowResult,
  LatencyQuery,
  MapQuery,
  RefusedQuery,
  Store,
  StoreStats,
  SummaryQuery,
} from '../../store/store.ts';
import { SummaryBuilder } from '../../store/summary/summary-builder.ts';

export class MemoryStore implements Store {
  /** Throw this from every call: a store that has failed. */
  failure: StoreError | undefined;
  /** Queries it was asked, in order. */
  readonly queries: FlowQuery[] = [];
  readonly maps: MapQuery[] = [];
  readonly latencyQueries: LatencyQuery[] = [];
  closed = false;
  readonly #flows = new Map<string, Arrival>();
  readonly #connections = new Map<string, Arrival>();
  readonly #sessions = new Map<string, number>();

  async commit({ arrivals, sessions }: Commit): Promise<void> {
    this.#mayFail();
    for (const arrival of arrivals) {
      const exchange = arrival.record[Common.kind] === RecordKind.exchange;
      (exchange ? this.#flows : this.#connections).set(arrival.id, arrival);
    }
    for (const { session, lastBatch } of sessions) this.#sessions.set(session, lastBatch);
  }

  async lastBatch(session: string): Promise<number> {
    return this.#sessions.get(session) ?? 0;
  }

  async flows(query: FlowQuery, _signal?: AbortSignal): Promise<FlowResult> {
    const { arrivals, next } = this.#search(query);
    const rows: FlowRow[] = arrivals.map((arrival) => toRow(view(arrival), arrival));
    const since = next === null ? null : parseFlowId(next)!.time;
    return { rows, next, scanned: this.#flows.size, partial: false, since };
  }

  async fullFlows(
    query: FlowQuery,
    _signal?: AbortSignal,
  ): Promise<{ flows: Flow[]; next: string | null; partial: boolean }> {
    const { arrivals, next } = this.#search(query);
    return { flows: arrivals.map((arrival) => toFlow(view(arrival), arrival)), next, partial: false };
  }

  async flow(id: string): Promise<Flow | undefined> {
    this.#mayFail();
    const arrival = this.#flows.get(id);
    return arrival && toFlow(view(arrival), arrival);
  }

  async connection(id: string): Promise<Connection | undefined> {
    const arrival = this.#connections.get(id);
    return arrival && toConnection(view(arrival), arrival);
  }

  async refused({ filter: source, from = 0, to = Number.POSITIVE_INFINITY, limit }: RefusedQuery) {
    this.#mayFail();
    const filter = compileFilter(source);
    const found = [...this.#connections.values()]
      .filter((arrival) => view(arrival).isRefused)
      .filter((arrival) => view(arrival).time >= from && view(arrival).time < to)
      .sort((a, b) => view(b).time - view(a).time)
      .map((arrival) => toConnection(view(arrival), arrival))
      .filter((connection) => filter.matches(refusedAsFlow(connection)));
    return { connections: found.slice(0, limit), more: found.length > limit };
  }

  async summary({ filter, from, to }: SummaryQuery): Promise<Summary> {
    const { arrivals } = this.#search({ filter, from, to, limit: Number.POSITIVE_INFINITY, budgetMs: 0 });
    const builder = new SummaryBuilder(from, to);
    for (const arrival of arrivals) {
      const { time, protocol, status, method, host, pathComponent, elapsed, completeness } = view(arrival);
      const { src, dst, node } = arrival;
      const told = { time, protocol, status, method, host, path: pathComponent, elapsed, completeness };
      builder.add({ ...told, src, dst, node });
    }
    return builder.build({ scanned: this.#flows.size, since: from });
  }

  async map({ from, to, level }: MapQuery): Promise<ServiceMap> {
    this.#mayFail();
    this.maps.push({ from, to, level });
    const seconds = (to - from) / 1e6;
    return { from: formatTime(from), to: formatTime(to), level, seconds, nodes: [], edges: [] };
  }

  async latencies(query: LatencyQuery): Promise<LatencyHistory> {
    this.#mayFail();
    this.latencyQueries.push(query);
    return { to: formatTime(query.to), bands: [1], stretches: [] };
  }

  async stats(): Promise<StoreStats> {
    this.#mayFail();
    const times = [...this.#flows.values()].map((arrival) => view(arrival).time);
    return {
      flows: this.#flows.size,
      bytes: 4096,
      oldest: times.length === 0 ? null : Math.min(...times),
      newest: times.length === 0 ? null : Math.max(...times),
      segments: 1,
      schemaVersion: 1,
      counters: { retiredFlows: 0 },
      limits: { storageLimit: 1e9 },
    };
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  #search(query: FlowQuery): { arrivals: Arrival[]; next: string | null } {
    this.#mayFail();
    this.queries.push(query);
    if (query.before !== undefined && parseFlowId(query.before) === undefined) {
      throw new StoreError('STORE_INVALID', `${query.before} is no cursor.`);
    }
    const filter = compileFilter(query.filter);
    const found = [...this.#flows.values()]
      .filter((arrival) => query.before === undefined || arrival.id < query.before)
      .filter((arrival) => view(arrival).time >= (query.from ?? 0))
      .filter((arrival) => view(arrival).time < (query.to ?? Number.POSITIVE_INFINITY))
      .filter((arrival) => filter.matches(toFlow(view(arrival), arrival)))
      .sort((a, b) => (a.id < b.id ? 1 : -1));
    const arrivals = found.slice(0, query.limit);
    return { arrivals, next: found.length > arrivals.length ? arrivals.at(-1)!.id : null };
  }

  #mayFail(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}

function view(arrival: Arrival): RecordView {
  return new RecordView().at(arrival.record, 0);
}
