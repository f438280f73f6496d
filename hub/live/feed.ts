import type { Filter } from '../../flow/filter.ts';
import type { LiveFlow } from './flow.ts';
import { LIVE_LIMITS } from './limits.ts';

/** How far a subscriber has got in a feed. This is all that a subscriber costs, however slow it is. */
export interface FeedCursor {
  /** Number of the next flow to send. */
  next: number;
  /** How many flows the feed had failed to look at when the last frame was made. */
  unexamined: number;
}

/** What a frame is made of. */
export interface Taken {
  /** JSON texts, oldest first. */
  flows: string[];
  skipped: number;
}

/**
 * The newest flows that pass one filter, in one form, for all subscribers that want just these. A ring:
 * what falls out of it before a subscriber took it is skipped for that subscriber.
 */
export class FlowFeed {
  readonly filter: Filter;
  readonly full: boolean;
  /** Whether each flow has to be looked at. */
  readonly examines: boolean;
  /** Subscribers; the owner forgets the feed at 0. */
  users = 0;
  readonly #ring = new Array<LiveFlow | string | undefined>(LIVE_LIMITS.liveFeedFlows).fill(undefined);
  readonly #sizes = new Array<number>(LIVE_LIMITS.liveFeedFlows).fill(0);
  #bytes = 0;
  #lastBuffer: ArrayBufferLike | undefined;
  #oldest = 0;
  #next = 0;
  #unexamined = 0;

  constructor(filter: Filter, full: boolean) {
    this.filter = filter;
    this.full = full;
    this.examines = filter.source.trim() !== '';
  }

  /** Where a subscriber begins: with what comes from now on. */
  cursor(): FeedCursor {
    return { next: this.#next, unexamined: this.#unexamined };
  }

  /** Keeps the flow if it passes. */
  offer(flow: LiveFlow): void {
    if (!this.examines) {
      // Most of a flood is never sent to anybody: its JSON is made when a frame needs it.
      this.#push(flow, this.#newBytes(flow.buffer));
    } else if (this.filter.matches(flow.flow)) {
      // A rare match may wait long: the text alone is kept, not the whole batch its record lies in.
      const json = flow.json(this.full);
      this.#push(json, json.length);
    }
  }

  /** There was no time to look at so many flows. */
  pass(count: number): void {
    this.#unexamined += count;
  }

  hasNews(cursor: FeedCursor): boolean {
    return cursor.next < this.#next || cursor.unexamined < this.#unexamined;
  }

  /** The next frame's worth of flows; moves the cursor. */
  take(cursor: FeedCursor): Taken {
    let skipped = this.#unexamined - cursor.unexamined;
    if (cursor.next < this.#oldest) {
      skipped += this.#oldest - cursor.next;
      cursor.next = this.#oldest;
    }
    cursor.unexamined = this.#unexamined;
    const flows: string[] = [];
    let bytes = 0;
    while (cursor.next < this.#next && flows.length < LIVE_LIMITS.liveFrameRows) {
      const item = this.#ring[cursor.next % this.#ring.length]!;
      const json = typeof item === 'string' ? item : item.json(this.full);
      bytes += json.length;
      if (bytes > LIVE_LIMITS.liveFrameBytes && flows.length > 0) break;
      flows.push(json);
      cursor.next++;
    }
    return { flows, skipped };
  }

  /** A batch's memory is kept by each of its flows, and is counted with the first one. */
  #newBytes(buffer: ArrayBufferLike): number {
    if (buffer === this.#lastBuffer) return 0;
    this.#lastBuffer = buffer;
    return buffer.byteLength;
  }

  #push(item: LiveFlow | string, size: number): void {
    const { liveFeedFlows, liveFeedBytes } = LIVE_LIMITS;
    while (
      this.#oldest < this.#next &&
      (this.#next - this.#oldest >= liveFeedFlows || this.#bytes + size > liveFeedBytes)
    ) {
      this.#bytes -= this.#sizes[this.#oldest % liveFeedFlows];
      this.#ring[this.#oldest % liveFeedFlows] = undefined;
      this.#oldest++;
    }
    this.#ring[this.#next % liveFeedFlows] = item;
    this.#sizes[this.#next % liveFeedFlows] = size;
    this.#bytes += size;
    this.#next++;
  }
}
