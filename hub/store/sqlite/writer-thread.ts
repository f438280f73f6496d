import type { CommitFrame } from './commit-frame.ts';
import type { StoreOptions } from './options.ts';
import { serveCalls } from './thread.ts';
import { Writer } from './writer.ts';

const UPKEEP_INTERVAL = 1000;

export type WriterCalls = ReturnType<typeof writerCalls>;

function writerCalls(options: StoreOptions, warn: (message: string) => void) {
  const writer = new Writer(options, warn);
  const upkeep = setInterval(() => writer.upkeep(), UPKEEP_INTERVAL);
  return {
    open: () => undefined,
    commit: (frame: CommitFrame) => writer.commit(frame),
    lastBatch: (session: string) => writer.lastBatch(session),
    flushRollups: () => writer.flushRollups(),
    setAside: (segments: number[]) => {
      for (const id of segments) writer.setAside(id);
    },
    stats: () => writer.stats(),
    close: () => {
      clearInterval(upkeep);
      writer.close();
    },
  };
}

serveCalls(writerCalls);
