import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { FlowQuery, LatencyQuery, MapQuery, RefusedQuery, SummaryQuery } from '../store.ts';
import { Reader } from './reader.ts';
import { serveCalls } from './thread.ts';

export type ReaderCalls = ReturnType<typeof readerCalls>;

/** Of the thread, as nice(1) has it. */
const NICENESS = 3;

function readerCalls(dir: string) {
  yieldToOthers();
  const reader = new Reader(dir);
  return {
    flows: (query: FlowQuery, signal: AbortSignal) => reader.flows(query, signal),
    fullFlows: (query: FlowQuery, signal: AbortSignal) => reader.fullFlows(query, signal),
    summary: (query: SummaryQuery, signal: AbortSignal) => reader.summary(query, signal),
    flow: (id: string) => reader.flow(id),
    connection: (id: string) => reader.connection(id),
    refused: (query: RefusedQuery, signal: AbortSignal) => reader.refused(query, signal),
    map: (query: MapQuery) => reader.map(query),
    latencies: (query: LatencyQuery) => reader.latencies(query),
    /** Segments found damaged since the last call. */
    damaged: () => reader.takeDamaged(),
    counters: () => reader.counters,
    close: () => reader.close(),
  };
}

/** Where there is not enough CPU for both, taking flows in comes before looking for them. Linux has a priority for each thread. */
function yieldToOthers(): void {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').pop()), NICENESS);
  } catch {
    // Elsewhere they are equals.
  }
}

serveCalls(readerCalls);
