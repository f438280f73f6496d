import type { FlowQuery, SummaryQuery } from '../store.ts';
import { Reader } from './reader.ts';
import { serveCalls } from './thread.ts';

export type ReaderCalls = ReturnType<typeof readerCalls>;

function readerCalls(dir: string) {
  const reader = new Reader(dir);
  return {
    flows: (query: FlowQuery) => reader.flows(query),
    fullFlows: (query: FlowQuery) => reader.fullFlows(query),
    summary: (query: SummaryQuery) => reader.summary(query),
    flow: (id: string) => reader.flow(id),
    connection: (id: string) => reader.connection(id),
    map: (range: { from: number; to: number }) => reader.map(range.from, range.to),
    /** Segments found damaged since the last call. */
    damaged: () => reader.takeDamaged(),
    counters: () => reader.counters,
    close: () => reader.close(),
  };
}

serveCalls(readerCalls);
