import type { Logger } from 'pino';
import { RecordError, RecordView } from '../../flow/record.ts';
import type { Arrival, Commit, Store } from '../store/store.ts';
import { isSound } from './check.ts';
import type { Held } from './held.ts';
import { INGEST_LIMITS } from './limits.ts';
import type { Marks } from './marks.ts';
import type { Merger } from './merge.ts';
import { joinWays } from './mesh/join.ts';
import { joinMarked } from './mesh/join-marked.ts';
import type { Namer } from './namer.ts';
import { observe } from './observation.ts';

export interface IntakeOptions {
  store: Store;
  namer: Namer;
  merger: Merger;
  /** Exchanges over sidecars become one: where it is known which pods there are. */
  joinsWays?: boolean;
  /** What capture files say of exchanges: those that they say are ways of one become one. */
  marks?: Marks | undefined;
  /** Gets what has just been committed. Must not throw. */
  onCommitted: (arrivals: readonly Arrival[]) => void;
  log: Pick<Logger, 'error' | 'info'>;
}

/** Who sent a batch, and is told when it is committed. */
export interface Sender {
  readonly session: string;
  readonly node: string;
  /** Batches up to this one are committed; `flows` of them are new arrivals of this sender. */
  committed(batch: number, flows: number): void;
}

interface Batch {
  sender: Sender;
  number: number;
  held: Held[];
  bytes: number;
  /** Of performance.now(): when it may be committed. */
  due: number;
}

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5000;

/**
 * Records on their way into the store: checked, named, merged, and committed together with how far each session has got. One commit
 * at a time, and a commit that fails is tried again until it succeeds: a later batch is never committed before an earlier
 * one, and nothing is acknowledged that is not committed.
 */
export class Intake {
  readonly counters = { records: 0, badRecords: 0, commitFailures: 0 };
  /** Why nothing can be committed at the moment. */
  problem: string | undefined;
  readonly #options: IntakeOptions;
  readonly #view = new RecordView();
  readonly #queue: Batch[] = [];
  #queuedBytes = 0;
  #pumping: Promise<void> | undefined;
  #closing = false;
  #wake: (() => void) | undefined;
  readonly #drained = new Set<() => void>();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }
  /** Time to stop reading; `onDrained` tells when to go on. */
  get full(): boolean {
    return this.#queuedBytes >= INGEST_LIMITS.ingestQueueBytes;
  }
  onDrained(resume: () => void): void {
    this.#drained.add(resume);
  }

  /** Takes the records of a batch. Those that are none are counted and left out. Returns how many. */
  take(sender: Sender, number: number, records: Uint8Array, count: number): number {
    const held: Held[] = [];
    const bad = this.#read(sender, records, count, held);
    this.counters.badRecords += bad;
    this.#queue.push({
      sender,
      number,
      held,
      bytes: records.length,
      due: performance.now() + this.#options.merger.holdMs,
    });
    this.#queuedBytes += records.length;
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined;
    });
    return bad;
  }

  /** Commits what was taken. A commit that fails now is not tried again: its batches stay unacknowledged. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#wake?.();
    await this.#pumping;
  }

  #read(sender: Sender, records: Uint8Array, count: number, held: Held[]): number {
    const { namer, merger } = this.#options;
    const view = this.#view;
    let bad = 0;
    let seen = 0;
    for (let at = 0; at < records.length; seen++) {
      let length: number;
      try {
        length = RecordView.lengthAt(records, at);
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        // Where one ends the next begins: nothing after it can be found.
        return bad + Math.max(1, count - seen);
      }
      if (isRecord(view, records, at)) {
        this.counters.records++;
        const added = merger.add(observe(view, records.subarray(at, at + length), sender, namer));
        if (added !== undefined) held.push(added);
      } else {
        bad++;
      }
      at += length;
    }
    return bad + Math.max(0, count - seen);
  }

  async #pump(): Promise<void> {
    // What arrived in the same turn goes together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) {
      await this.#untilDue(this.#queue[0]);
      const batches = this.#nextBatches();
      this.#join(heldOf(batches), heldOf(this.#queue));
      const arrivals = seal(batches);
      if (!(await this.#commit({ arrivals, sessions: progressOf(batches) }))) return;
      for (const { sender, number, held, bytes } of batches) {
        this.#queuedBytes -= bytes;
        sender.committed(number, held.length);
      }
      this.#options.onCommitted(arrivals);
      if (this.#drained.size > 0 && this.#queuedBytes <= INGEST_LIMITS.ingestQueueBytes / 2) {
        const waiting = [...this.#drained];
        this.#drained.clear();
        for (const resume of waiting) resume();
      }
    }
  }

  #join(due: readonly Held[], waiting: readonly Held[]): void {
    const { marks, joinsWays = false } = this.#options;
    if (marks !== undefined) joinMarked(marks, due, waiting);
    if (joinsWays) joinWays(due, waiting);
  }

  /** Takes due batches off the queue, at least one, until a commit is large enough. */
  #nextBatches(): Batch[] {
    const now = this.full || this.#closing ? Number.POSITIVE_INFINITY : performance.now();
    let taken = 0;
    let flows = 0;
    let bytes = 0;
    for (const batch of this.#queue) {
      const enough = flows >= INGEST_LIMITS.ingestCommitFlows || bytes >= INGEST_LIMITS.ingestCommitBytes;
      if (taken > 0 && (enough || batch.due > now)) break;
      taken++;
      flows += batch.held.length;
      bytes += batch.bytes;
    }
    return this.#queue.splice(0, taken);
  }

  async #untilDue(batch: Batch): Promise<void> {
    const wait = batch.due - performance.now();
    if (wait > 0 && !this.full && !this.#closing) await this.#sleep(wait);
  }

  async #commit(commit: Commit): Promise<boolean> {
    for (let delay = FIRST_RETRY_MS; ; delay = Math.min(LAST_RETRY_MS, delay * 2)) {
      try {
        await this.#options.store.commit(commit);
        if (this.problem !== undefined) this.#options.log.info('Flows are committed again.');
        this.problem = undefined;
        return true;
      } catch (error) {
        this.counters.commitFailures++;
        this.problem = (error as Error).message;
        this.#options.log.error({ err: error }, 'Flows could not be committed; trying again.');
        if (this.#closing) return false;
        await this.#sleep(delay);
      }
    }
  }

  /** Waits, but not when it is time to close. */
  async #sleep(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    this.#wake = undefined;
  }
}

function isRecord(view: RecordView, records: Uint8Array, at: number): boolean {
  try {
    return isSound(view.at(records, at));
  } catch (error) {
    if (error instanceof RecordError) return false;
    throw error;
  }
}

function heldOf(batches: readonly Batch[]): Held[] {
  return batches.flatMap(({ held }) => held);
}

/** What comes of batches, sealed. */
function seal(batches: readonly Batch[]): Arrival[] {
  const arrivals: Arrival[] = [];
  for (const { held } of batches) {
    for (const one of held) {
      const arrival = one.seal();
      if (arrival !== undefined) arrivals.push(arrival);
    }
  }
  return arrivals;
}

function progressOf(batches: Batch[]): Commit['sessions'] {
  const last = new Map<string, number>();
  for (const { sender, number } of batches) last.set(sender.session, number);
  return Array.from(last, ([session, lastBatch]) => ({ session, lastBatch }));
}
