import { BATCH_HEADER, BATCH_KIND } from '../../flow/wire.ts';

/** A batch as it goes over the wire. */
interface Spooled {
  number: number;
  count: number;
  frame: Uint8Array;
  /** Sent at some time: the hub may have it. */
  sent: boolean;
  /** Sent on the connection there is now. */
  inFlight: boolean;
}

/** What is done with a batch that finds no room: an older one is dropped for it, or it is kept and its sender waits until `full` is over. */
export type WhenFull = 'drop' | 'wait';

/**
 * The batches that are not acknowledged yet, in order. Bounded: where there is no room, and nobody can wait, the oldest batch that was
 * never sent is dropped (what is newest is what people look at, and what was sent may be committed already), and its flows are counted.
 */
export class Spool {
  readonly #limit: number;
  readonly #window: number;
  readonly #whenFull: WhenFull;
  readonly #batches: Spooled[] = [];
  /** Index of the next batch to send. */
  #next = 0;
  #bytes = 0;
  #bytesInFlight = 0;
  #lastNumber = 0;
  droppedFlows = 0;
  droppedBatches = 0;

  /** Bytes: of all batches, and of those on their way, which may be half of the former at most. */
  constructor(limit: number, window: number, whenFull: WhenFull) {
    this.#whenFull = whenFull;
    this.#limit = limit;
    this.#window = Math.min(window, limit / 2);
  }

  get bytes(): number {
    return this.#bytes;
  }
  get batches(): number {
    return this.#batches.length;
  }
  get flows(): number {
    let flows = 0;
    for (const batch of this.#batches) flows += batch.count;
    return flows;
  }
  /** Time to wait, for those who can: one further batch is kept, whatever its size. */
  get full(): boolean {
    return this.#bytes >= this.#limit;
  }
  /** There is room for a good while. */
  get roomy(): boolean {
    return this.#bytes <= this.#limit / 2;
  }

  /** Numbers a batch and keeps it. A single batch is kept whatever its size. */
  add(records: Uint8Array, count: number): void {
    const frame = new Uint8Array(BATCH_HEADER + records.length);
    const header = new DataView(frame.buffer);
    const number = ++this.#lastNumber;
    header.setUint8(0, BATCH_KIND);
    header.setUint32(4, number, true);
    header.setUint32(8, count, true);
    frame.set(records, BATCH_HEADER);
    this.#batches.push({ number, count, frame, sent: false, inFlight: false });
    this.#bytes += frame.length;
    if (this.#whenFull === 'wait') return;
    while (this.#bytes > this.#limit && this.#batches.length > 1) this.#drop();
  }

  /** The next frame to send, while the window has room. */
  take(): Uint8Array | undefined {
    const batch = this.#batches[this.#next];
    if (batch === undefined || this.#bytesInFlight >= this.#window) return undefined;
    this.#next++;
    batch.sent = true;
    batch.inFlight = true;
    this.#bytesInFlight += batch.frame.length;
    return batch.frame;
  }

  /** Forgets what is committed: all batches up to this number. */
  acknowledge(number: number): void {
    let count = 0;
    for (const batch of this.#batches) {
      if (batch.number > number) break;
      this.#bytes -= batch.frame.length;
      if (batch.inFlight) this.#bytesInFlight -= batch.frame.length;
      count++;
    }
    this.#batches.splice(0, count);
    this.#next = Math.max(0, this.#next - count);
  }

  /** On a new connection everything is to be sent again. */
  rewind(): void {
    for (const batch of this.#batches) batch.inFlight = false;
    this.#bytesInFlight = 0;
    this.#next = 0;
  }

  /** What is on its way stays: dropping it would leave no less in the socket. The newest never is. */
  #drop(): void {
    let at = this.#batches.findIndex((batch) => !batch.sent);
    if (at === this.#batches.length - 1)
      at = Math.min(
        at,
        this.#batches.findIndex((batch) => !batch.inFlight),
      );
    const [{ count, frame }] = this.#batches.splice(at, 1);
    if (at < this.#next) this.#next--;
    this.#bytes -= frame.length;
    this.droppedFlows += count;
    this.droppedBatches++;
  }
}
