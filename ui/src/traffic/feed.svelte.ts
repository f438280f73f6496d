import type { ApiError, FlowPage, FlowRow, LiveFrame } from '../../../flow/api.ts';
import { ApiFailure, api } from '../lib/api.ts';
import { connection } from '../lib/connection.svelte.ts';
import { LiveSocket, type LiveState } from '../lib/live-socket.ts';
import { ArrivalRate } from './arrival-rate.ts';
import { FlowBuffer } from './flow-buffer.ts';
import type { SearchProgress } from './search-progress.ts';

const PAGE_SIZE = 200;
/** A search tells how far it has got, and what it has found, so often; ms. */
const STEP_MS = 700;
const PART = 'traffic';

export interface Selection {
  filter: string;
  /** RFC 3339, or back from now. Without `to` it is live. */
  from: string;
  to: string;
}

/**
 * The flows of the list: a page of history, then what comes live, then older pages as they are scrolled to.
 * While the list is held (paused, scrolled away from the top, or a flow is open) new flows wait beside it,
 * so that no row moves under the reader's eyes.
 */
export class TrafficFeed {
  readonly buffer = new FlowBuffer();
  readonly #waiting = new FlowBuffer();
  readonly #rate = new ArrivalRate();

  /** Changes whenever the buffer does. */
  version = $state(0);
  /** The selection that is shown; the one asked for may have been refused. */
  selection = $state.raw<Selection>({ filter: '', from: '', to: '' });
  filterError = $state.raw<ApiError | undefined>();
  failure = $state.raw<ApiFailure | undefined>();
  /** `first`: nothing to show yet; `older`: more history is on its way. */
  loading = $state<'first' | 'older' | 'no'>('first');
  held = $state(false);
  waitingCount = $state(0);
  /** Flows that matched and are not in the list because this page or its connection was too slow. */
  missed = $state(0);
  /** Some unknown number of flows was missed while the connection was down. */
  hole = $state(false);
  perSecond = $state(0);
  /** Of a search in history that is not done yet. */
  progress = $state.raw<SearchProgress | undefined>();
  /** It was stopped by hand. */
  stopped = $state(false);
  complete = $state(false);

  #cursor: string | null = null;
  #trimmedAtCursor = 0;
  #socket: LiveSocket | undefined;
  #abort = new AbortController();
  #search = new AbortController();
  #opened = false;

  get isLive(): boolean {
    return this.selection.to === '';
  }

  /** No flow is listed. */
  get isEmpty(): boolean {
    void this.version;
    return this.buffer.length === 0;
  }

  /** Shows another selection. If the hub refuses its filter, the list stays and `filterError` says why. */
  async open(selection: Selection): Promise<void> {
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    if (!this.#opened) this.loading = 'first';
    try {
      const page = await api.flows({ ...selection, limit: PAGE_SIZE, budget: STEP_MS }, abort.signal);
      if (abort.signal.aborted) return;
      this.#opened = true;
      this.selection = selection;
      this.filterError = undefined;
      this.failure = undefined;
      this.#startOver(page);
      this.#subscribe();
    } catch (error) {
      if (abort.signal.aborted || !(error instanceof ApiFailure)) return;
      this.loading = 'no';
      if (error.unauthorized) connection.refuse();
      else if (error.detail.code.startsWith('FILTER_')) this.filterError = error.detail;
      else if (error.unreachable) this.#retryOpen(selection);
      else this.failure = error;
    }
  }

  /** The list is no longer on the page: its rows stay, the stream ends. */
  suspend(): void {
    this.#abort.abort();
    this.#socket?.close();
    this.#socket = undefined;
    connection.forget(PART);
  }

  reload(): void {
    void this.open(this.selection);
  }

  hold(held: boolean): void {
    if (this.held === held) return;
    this.held = held;
    if (!held) this.release();
  }

  /** Takes the waiting flows into the list. */
  release(): void {
    if (this.#waiting.length === 0) return;
    this.missed += this.#waiting.trimmed;
    const rows = Array.from({ length: this.#waiting.length }, (_, n) => this.#waiting.fromNewest(n)!);
    this.#waiting.clear();
    this.waitingCount = 0;
    this.#take(rows);
  }

  async loadOlder(): Promise<void> {
    const full = this.buffer.length >= this.buffer.limit;
    if (this.loading !== 'no' || this.complete || this.stopped || full || this.failure !== undefined) return;
    this.loading = 'older';
    this.#search = new AbortController();
    const signal = AbortSignal.any([this.#abort.signal, this.#search.signal]);
    const { filter, from } = this.selection;
    // Where rows were dropped at the old end since, the cursor points past a hole: go on from the oldest that is left.
    const place =
      this.buffer.trimmed !== this.#trimmedAtCursor
        ? { to: this.#afterOldest() }
        : { before: this.#cursor ?? undefined };
    try {
      const page = await api.flows({ filter, from, ...place, limit: PAGE_SIZE, budget: STEP_MS }, signal);
      if (signal.aborted) return;
      this.#cursor = page.next;
      this.#trimmedAtCursor = this.buffer.trimmed;
      this.complete = page.next === null;
      this.#follow(page);
      this.buffer.addOlder(page.flows);
      this.version++;
      this.loading = 'no';
    } catch (error) {
      if (signal.aborted) return;
      this.loading = 'no';
      if (error instanceof ApiFailure && !error.unreachable) this.failure = error;
    }
  }

  /** Ends the search that goes on, in the hub too. */
  stop(): void {
    this.#search.abort();
    this.stopped = true;
    if (this.loading === 'older') this.loading = 'no';
  }

  /** Goes on with a search that was stopped, from where it was. */
  goOn(): void {
    this.stopped = false;
    void this.loadOlder();
  }

  #follow({ partial, scanned, since }: FlowPage): void {
    this.progress =
      partial && since !== null ? { scanned: (this.progress?.scanned ?? 0) + scanned, since } : undefined;
  }

  #startOver(page: FlowPage): void {
    this.buffer.clear();
    this.#waiting.clear();
    this.waitingCount = 0;
    this.missed = 0;
    this.hole = false;
    this.#rate.reset();
    this.perSecond = 0;
    this.buffer.add(page.flows);
    this.#cursor = page.next;
    this.#trimmedAtCursor = this.buffer.trimmed;
    this.complete = page.next === null;
    this.progress = undefined;
    this.stopped = false;
    this.#follow(page);
    this.loading = 'no';
    this.version++;
  }

  #subscribe(): void {
    this.#socket?.close();
    this.#socket = undefined;
    connection.forget(PART);
    if (!this.isLive) return;
    const { filter } = this.selection;
    this.#socket = new LiveSocket(
      { type: 'subscribe', stream: 'flows', ...(filter === '' ? {} : { filter }) },
      { frame: (frame) => this.#receive(frame), state: (state) => this.#connectionIs(state) },
    );
  }

  #receive(frame: LiveFrame): void {
    if (frame.type === 'flows') {
      this.missed += frame.skipped;
      this.#arrive(frame.rows);
      this.perSecond = this.#rate.count(frame.rows.length + frame.skipped, performance.now());
    } else if (frame.type === 'error') {
      if (frame.error.code.startsWith('FILTER_')) this.filterError = frame.error;
      else this.failure = new ApiFailure(500, frame.error);
    }
  }

  #connectionIs(state: LiveState): void {
    if (state.kind === 'waiting') {
      this.perSecond = 0;
      connection.lost(PART, { retryAt: state.retryAt, retry: () => this.#socket?.retryNow() });
    } else if (state.kind === 'open') {
      connection.found(PART);
      void this.#catchUp();
    }
  }

  /** What came between the last page and the opening of the stream, or while the connection was down. */
  async #catchUp(): Promise<void> {
    const signal = this.#abort.signal;
    const { filter, from } = this.selection;
    const page = await api
      .flows({ filter, from, limit: PAGE_SIZE }, signal)
      // What failed here is told by the outage banner, or comes again with the next try.
      .catch(() => undefined);
    if (page === undefined || signal.aborted) return;
    const newest = this.buffer.newest;
    const oldestOfPage = page.flows.at(-1);
    const overlaps = oldestOfPage === undefined || (newest !== undefined && oldestOfPage.id <= newest.id);
    if (overlaps || page.next === null) this.#arrive(page.flows);
    else if (this.held && newest !== undefined) {
      this.hole = true;
      this.#arrive(page.flows);
    } else this.#startOver(page);
  }

  #arrive(rows: readonly FlowRow[]): void {
    if (rows.length === 0) return;
    if (!this.held) {
      this.#take(rows);
      return;
    }
    const known = rows.filter((row) => this.buffer.has(row.id));
    if (known.length > 0) this.#take(known);
    this.#waiting.add(known.length === 0 ? rows : rows.filter((row) => !this.buffer.has(row.id)));
    this.waitingCount = this.#waiting.length + this.#waiting.trimmed;
  }

  #take(rows: readonly FlowRow[]): void {
    const trimmed = this.buffer.trimmed;
    this.buffer.add(rows);
    if (this.buffer.trimmed > trimmed) this.complete = false;
    this.version++;
  }

  #afterOldest(): string {
    const oldest = new Date(this.buffer.oldest?.time ?? Date.now()).getTime();
    return new Date(oldest + 1).toISOString();
  }

  #retryOpen(selection: Selection): void {
    const retry = (): void => {
      clearTimeout(timer);
      connection.forget(PART);
      void this.open(selection);
    };
    const timer = setTimeout(retry, 2_000);
    this.#abort.signal.addEventListener('abort', () => clearTimeout(timer));
    connection.lost(PART, { retryAt: Date.now() + 2_000, retry });
  }
}

export const feed = new TrafficFeed();
