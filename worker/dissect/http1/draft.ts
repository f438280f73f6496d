import { copyOctets } from '../../../flow/copy.ts';
import type { DissectCounters } from '../counters.ts';
import { type Message, MessageFlag } from '../message.ts';
import type { MessagePool } from './pool.ts';

/** A message being read, and how much of its bytes is there: what the readers of head and body write to. */
export class Draft {
  message: Message | undefined;
  /** Bytes of `message.bytes` in use. */
  size = 0;
  /** Octets of the body that may still be kept. */
  room = 0;
  private readonly pool: MessagePool;
  private readonly counters: DissectCounters;

  constructor(pool: MessagePool, counters: DissectCounters) {
    this.pool = pool;
    this.counters = counters;
  }

  /** Undefined where no memory for a message is granted. */
  begin(maxKeptBody: number): Message | undefined {
    this.message = this.pool.acquire();
    this.size = 0;
    this.room = maxKeptBody;
    return this.message;
  }

  drop(): void {
    this.pool.release(this.message!);
    this.message = undefined;
  }

  /** Copies `data[start, end)` behind what is there. False if the memory for it is not granted. */
  append(data: Uint8Array, start: number, end: number): boolean {
    const message = this.message!;
    const length = end - start;
    if (length === 0) return true;
    const size = this.size + length;
    if (size > message.bytes.length && !this.pool.grow(message, size, this.size)) return false;
    copyOctets(message.bytes, message.words, this.size, data, this.pool.words.of(data), start, end);
    this.size = size;
    return true;
  }

  /** `data[start, end)` are octets of the body: counts them all, keeps as many as there is room for. */
  appendBody(data: Uint8Array, start: number, end: number): void {
    const kept = Math.min(end - start, this.room);
    if (kept > 0) this.room = this.append(data, start, start + kept) ? this.room - kept : 0;
    this.countBody(end - start);
  }

  /**
   * The last `length` octets of the body were taken. (Bytes of a chunked body are no longer in one piece, but what
   * is kept of a body always begins at its beginning, so sizes tell whether something is left out.)
   */
  countBody(length: number): void {
    const message = this.message!;
    message.bodySize += length;
    const isWhole = this.size - message.headEnd === message.bodySize;
    if (isWhole || message.has(MessageFlag.gap | MessageFlag.bodyTruncated)) return;
    message.flags |= MessageFlag.bodyTruncated;
    this.counters.truncatedBodies++;
  }
}
