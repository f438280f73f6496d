import { hostPort } from '../../../flow/address.ts';
import type { ConnectionPage, LatencyHistory, ServiceMap, Summary } from '../../../flow/api.ts';
import { compileFilter } from '../../../flow/filter.ts';
import type { Connection, Flow } from '../../../flow/flow.ts';
import {
  lazyFlow,
  type Naming,
  RecordError,
  RecordView,
  toConnection,
  toFlow,
  toRow,
} from '../../../flow/record.ts';
import { StoreError } from '../error.ts';
import { type FlowId, formatFlowId, MAX_TIME, parseFlowId } from '../flow-id.ts';
import { HistoryBuilder } from '../rollup/history-builder.ts';
import { MapBuilder } from '../rollup/map-builder.ts';
import type { Stretch } from '../rollup/plan.ts';
import type { FlowQuery, FlowResult, LatencyQuery, MapQuery, RefusedQuery, SummaryQuery } from '../store.ts';
import { type Looked, type SummarisedFlow, SummaryBuilder } from '../summary/summary-builder.ts';
import type { SegmentRange } from './catalogue.ts';
import { ReadAhead } from './read-ahead.ts';
import { listRefused } from './refused.ts';
import type { RollupReader } from './rollup-reader.ts';
import { type Found, Search } from './search.ts';
import { SegmentPool } from './segment-pool.ts';
import type { SegmentReader } from './segment-reader.ts';
import { Time, Turns } from './turns.ts';
import type { Where } from './where.ts';

/**
 * The one that reads. A query looks at flows newest first, segment by segment, and gives way to other queries every few
 * milliseconds. A damaged segment is left out and reported by `takeDamaged`; a record that cannot be read is left out and counted.
 */
export class Reader {
  /** Looked at and left out; one that is looked at again counts again. */
  readonly counters = { unreadableRecords: 0 };
  readonly #segments: SegmentPool;

  constructor(dir: string) {
    this.#segments = new SegmentPool(dir);
  }

  async flows(query: FlowQuery, signal?: AbortSignal): Promise<FlowResult> {
    const { found: rows, next, ...rest } = await this.#page(query, signal, toRow);
    return { rows, ...rest, ...placeOf(next) };
  }

  async fullFlows(
    query: FlowQuery,
    signal?: AbortSignal,
  ): Promise<{ flows: Flow[]; next: string | null; partial: boolean }> {
    const { found: flows, next, partial } = await this.#page(query, signal, toFlow);
    return { flows, next: placeOf(next).next, partial };
  }

  async summary(
    { filter: source, from, to, budgetMs }: SummaryQuery,
    signal?: AbortSignal,
  ): Promise<Summary> {
    const filter = compileFilter(source);
    const time = new Time(budgetMs, signal);
    const builder = new SummaryBuilder(from, to);
    const query = { filter: source, from, to, limit: 0, budgetMs };
    if (filter.condition.exact) {
      // Counting is much faster than looking at each flow: it gets its half first, and so reaches far back.
      const counted = this.#stretches(query, new Search(filter), (segment, low, high, where) => {
        for (const tally of segment.tally(low, high, where, builder.scale)) builder.tally(tally);
      });
      const { scanned, since } = await lookThrough(counted, from, new Time(budgetMs / 2, signal));
      const detailed = this.#stretches(query, new Search(filter), (segment, low, high, where) => {
        for (const flow of segment.columns(low, high, where)) builder.detail(flow);
      });
      const { since: detailedSince } = await lookThrough(detailed, from, time);
      return builder.build({ scanned, since, detailedSince });
    }
    const view = new RecordView();
    const looked = await lookThrough(this.#steps(query, new Search(filter)), from, time, ({ rows }) => {
      for (const { id, record, naming } of rows) {
        const readable = this.#view(view, record);
        if (readable === undefined || !filter.matches(lazyFlow(readable, naming))) continue;
        builder.add(summarised(readable, id.time, naming));
      }
    });
    return builder.build(looked);
  }

  flow(id: string): Flow | undefined {
    const parsed = parseFlowId(id);
    if (parsed === undefined) return undefined;
    const range = this.#segments.ranges().findLast((one, n) => n === 0 || one.start <= parsed.time);
    const stored = range && this.#segments.read(range.id, (segment) => segment.flow(parsed));
    const view = stored && this.#view(new RecordView(), stored.record);
    return view && toFlow(view, stored.naming);
  }

  connection(id: string): Connection | undefined {
    for (const { id: segmentId } of this.#segments.ranges().reverse()) {
      const stored = this.#segments.read(segmentId, (segment) => segment.connection(id));
      const view = stored && this.#view(new RecordView(), stored.record);
      if (view) return toConnection(view, stored.naming);
    }
    return undefined;
  }

  refused(query: RefusedQuery, signal?: AbortSignal): Promise<ConnectionPage> {
    const view = new RecordView();
    return listRefused(this.#segments, query, signal, (record) => this.#view(view, record));
  }

  async map({ from, to, level }: MapQuery): Promise<ServiceMap> {
    const [first] = this.#segments.ranges();
    const since = first && this.#segments.read(first.id, (segment) => segment.oldest());
    const builder = new MapBuilder(level, from, to, since);
    await this.#rollups(builder.plan, (rollups, end) => rollups.addToMap(builder, end));
    return builder.build();
  }

  async latencies({ from, to, level, src, dst }: LatencyQuery): Promise<LatencyHistory> {
    const builder = new HistoryBuilder(
      from,
      to,
      (a, b) => (src === undefined || a === src) && (dst === undefined || b === dst),
    );
    await this.#rollups(builder.plan, (rollups, end) => rollups.addToHistory(builder, level, end));
    return builder.build();
  }

  /** Ids of the segments that were found damaged since the last call. */
  takeDamaged(): number[] {
    return this.#segments.takeDamaged();
  }

  close(): void {
    this.#segments.close();
  }

  /** Visits the segments that have roll-ups of some stretches. */
  async #rollups(
    stretches: readonly Stretch[],
    visit: (rollups: RollupReader, end: number) => void,
  ): Promise<void> {
    const turns = new Turns();
    for (const [n, range] of this.#segments.ranges().entries()) {
      if (range.end <= stretches[0]?.from || (n > 0 && range.start >= stretches.at(-1)!.to)) continue;
      this.#segments.read(range.id, (segment) => visit(segment.rollups, range.end));
      await turns.next();
    }
  }

  async #page<T>(
    query: FlowQuery,
    signal: AbortSignal | undefined,
    make: (view: RecordView, naming: Naming) => T,
  ) {
    const filter = compileFilter(query.filter);
    const search = new Search(filter);
    const time = new Time(query.budgetMs, signal);
    const view = new RecordView();
    const found: T[] = [];
    let scanned = 0;
    for await (const { rows, scanned: looked, next } of this.#steps(query, search)) {
      for (const [n, { id, record, naming }] of rows.entries()) {
        const readable = this.#view(view, record);
        if (readable !== undefined && (search.exact || filter.matches(lazyFlow(readable, naming)))) {
          found.push(make(readable, naming));
        }
        const full = found.length >= query.limit;
        if (!full && !time.isUp) continue;
        if (full && n === rows.length - 1 && next === undefined)
          return { found, next: undefined, scanned, partial: false };
        return { found, next: id, scanned: scanned + n + 1, partial: !full };
      }
      scanned += looked;
      if (next !== undefined && time.isUp) {
        return { found, next, scanned, partial: true };
      }
    }
    return { found, next: undefined, scanned, partial: false };
  }

  #steps(query: FlowQuery, search: Search): AsyncGenerator<Found> {
    const ofColumns = search.exact && search.where !== undefined;
    return this.#newestFirst(query, search, ofColumns, (segment, before, from) =>
      search.step(segment, before, from),
    );
  }

  /** The same for a filter that is exact: `read` reads the flows in [low, high), µs, that meet `where`. */
  #stretches(
    query: FlowQuery,
    search: Search,
    read: (segment: SegmentReader, low: number, high: number, where: Where | undefined) => void,
  ): AsyncGenerator<Found> {
    return this.#newestFirst(query, search, true, (segment, before, from) => {
      const { scanned, next } = search.stretch(segment, before.time, from, (low, high) =>
        read(segment, low, high, search.where),
      );
      return { rows: [], scanned, next: next === undefined ? undefined : { time: next, high: 0, low: 0 } };
    });
  }

  /** Steps newest first, segment by segment; the last one has no `next`. `ofColumns`: they look at columns alone. */
  async *#newestFirst(
    query: FlowQuery,
    search: Search,
    ofColumns: boolean,
    take: (segment: SegmentReader, before: FlowId, from: number) => Found,
  ): AsyncGenerator<Found> {
    const from = Math.max(Math.ceil(query.from ?? 0), search.from);
    let before = startOf(query, search.to);
    const turns = new Turns();
    const ahead = new ReadAhead();
    const ranges = this.#segments.ranges();
    try {
      for (let n = ranges.length - 1; n >= 0; n--) {
        const range = ranges[n];
        if (range.start > before.time && n > 0) continue;
        if (range.end <= from) return;
        // A split that a crash cut short may have left rows beyond the segment's end.
        if (range.end < before.time) before = { time: range.end, high: 0, low: 0 };
        const oldest = n === 0 || ranges[n - 1].end <= from;
        for (;;) {
          const step = this.#segments.read(range.id, (segment) => take(segment, before, from));
          const next = step?.next;
          const rest = next ?? (oldest ? undefined : { time: range.start, high: 0, low: 0 });
          yield { rows: step?.rows ?? [], scanned: step?.scanned ?? 0, next: rest };
          if (next === undefined) break;
          before = next;
          const placeOf = ({ id }: SegmentRange) => this.#segments.placeOf(id, ofColumns);
          ahead.follow(placeOf(range), oldest ? undefined : placeOf(ranges[n - 1]));
          await turns.next();
        }
      }
    } finally {
      ahead.stop();
    }
  }

  #view(view: RecordView, record: Uint8Array): RecordView | undefined {
    try {
      return view.at(record, 0);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      this.counters.unreadableRecords++;
      return undefined;
    }
  }
}

/** Takes steps until there are no more or time is up. `since`, µs: from here on all was looked at. */
async function lookThrough(
  steps: AsyncIterable<Found>,
  from: number,
  time: Time,
  take: (found: Found) => void = () => {},
): Promise<Looked> {
  let scanned = 0;
  for await (const found of steps) {
    take(found);
    scanned += found.scanned;
    if (found.next !== undefined && time.isUp) return { scanned, since: found.next.time };
  }
  return { scanned, since: from };
}

function summarised(view: RecordView, time: number, { src, dst, node }: Naming): SummarisedFlow {
  return {
    time,
    ...{ src, dst, node },
    protocol: view.protocol,
    method: view.hasRequest ? view.method : '',
    host: view.hasRequest ? view.host || hostPort(dst.ip, dst.port) : '',
    path: view.pathComponent,
    status: view.status,
    elapsed: Number.isNaN(view.elapsed) ? null : view.elapsed,
    completeness: view.completeness,
  };
}

/** How a query goes on before `next`, and from where on it is done. */
function placeOf(next: FlowId | undefined): { next: string | null; since: number | null } {
  if (next === undefined) return { next: null, since: null };
  return { next: formatFlowId(next.time, next.high, next.low), since: next.time };
}

/** Everything before this is wanted: the cursor, or `to`, the query's or what the filter leaves (µs). */
function startOf(query: FlowQuery, latest: number): FlowId {
  const to = Math.min(query.to ?? MAX_TIME, latest);
  const end = { time: Math.ceil(Math.max(0, to)), high: 0, low: 0 };
  if (query.before === undefined) return end;
  const before = parseFlowId(query.before);
  if (before === undefined) {
    throw new StoreError('STORE_INVALID', `"${query.before}" is not the \`next\` of a page.`);
  }
  return before.time < end.time ? before : end;
}
