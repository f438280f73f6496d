import type { RecordWriter } from '../../flow/record.ts';
import { UPLINK_LIMITS } from './limits.ts';

/** Takes finished batches: records one behind the other, valid during the call only, and how many they are. */
export interface BatchSink {
  send(records: Uint8Array, count: number): void;
}

/**
 * Gathers records into batches. The dissecting side writes into `writer` and calls `written` after each commit; a batch goes to the sink
 * when it is large enough, or 100 ms after its first record.
 */
export class BatchBuilder {
  readonly #writer: RecordWriter;
  readonly #sink: BatchSink;
  #timer: NodeJS.Timeout | undefined;

  constructor(writer: RecordWriter, sink: BatchSink) {
    this.#writer = writer;
    this.#sink = sink;
  }

  written(): void {
    if (this.#writer.committed >= UPLINK_LIMITS.batchBytes) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), UPLINK_LIMITS.batchMs);
  }

  /** Hands over what there is, however little. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const writer = this.#writer;
    if (writer.count === 0) return;
    this.#sink.send(writer.written, writer.count);
    writer.clear();
  }
}
