import { Words } from '../../words.ts';
import type { DissectCounters } from '../counters.ts';
import { Message } from '../message.ts';
import type { Http1Limits } from './limits.ts';

/** Messages kept for use again, and the size of the largest that is. */
const MAX_FREE = 512;
const MAX_FREE_BYTES = 16 * 1024;
const MAX_FREE_FIELDS = 4 * 256;

/** What a message takes beside its bytes and fields. */
const OVERHEAD = 512;

/**
 * Where messages come from and go back to. Connections own none while they are idle, so memory grows with the
 * messages under way and not with the connections; `maxBuffered` bounds what they hold together. The last quarter of it
 * is for messages being read: once it is touched, requests that have ended do not wait for their answers (see
 * Pairing). When all is in use, no message begins.
 */
export class MessagePool {
  /** Of the segment that is being read. */
  readonly words = new Words();
  private readonly free: Message[] = [];
  private readonly limits: Http1Limits;
  private readonly counters: DissectCounters;
  /** Bytes that the messages in use take. */
  private buffered = 0;

  constructor(limits: Http1Limits, counters: DissectCounters) {
    this.limits = limits;
    this.counters = counters;
  }

  get isFull(): boolean {
    return this.buffered > this.limits.maxBuffered;
  }

  get isShort(): boolean {
    return this.buffered > this.limits.maxBuffered * 0.75;
  }

  /** Undefined where the messages in use take all that they may. */
  acquire(): Message | undefined {
    if (this.isFull) {
      this.counters.bufferLimitHits++;
      return undefined;
    }
    const message = this.free.pop() ?? new Message();
    this.count(message);
    return message;
  }

  release(message: Message): void {
    this.buffered -= message.counted;
    message.counted = 0;
    if (
      this.free.length >= MAX_FREE ||
      message.bytes.length > MAX_FREE_BYTES ||
      message.fields.length > MAX_FREE_FIELDS
    ) {
      return;
    }
    message.reset();
    this.free.push(message);
  }

  /**
   * Makes room for `size` bytes in all, of which the first `used` are kept. False where the limit of all
   * messages together forbids it.
   */
  grow(message: Message, size: number, used: number): boolean {
    const length = Math.max(size, message.bytes.length * 2);
    const more = length - message.bytes.length;
    if (this.buffered + more > this.limits.maxBuffered) {
      this.counters.bufferLimitHits++;
      return false;
    }
    const bytes = new Uint8Array(length);
    bytes.set(message.bytes.subarray(0, used));
    message.hold(bytes);
    this.count(message);
    return true;
  }

  /** Takes note of what a message takes: after fields were added. */
  count(message: Message): void {
    const size = message.bytes.length + message.fields.byteLength + message.lines.byteLength + OVERHEAD;
    this.buffered += size - message.counted;
    message.counted = size;
  }
}
