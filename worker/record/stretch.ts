import type { Segment } from './segment.ts';

/** What is known of a segment wherever its bytes are. */
export class Stretch {
  readonly number: number;
  /** Its bytes, where they are in memory; otherwise they are on the disk, or on the way there. */
  segment: Segment | undefined;
  /** It was let go. */
  isGone = false;
  /** Capture times of its first and its latest packet, µs. */
  first = 0;
  newest = 0;
  packets = 0;
  /** Bytes. */
  size = 0;
  /** Whose packets it has; undefined while it is being filled. */
  #connections: Int32Array | undefined;

  constructor(segment: Segment) {
    this.number = segment.number;
    this.segment = segment;
  }

  /** Nothing more comes into its segment, which must be in memory. */
  seal(): void {
    const segment = this.segment!;
    this.newest = segment.newest;
    this.packets = segment.packets;
    this.size = segment.end;
    this.first = segment.timeOf(0);
    const connections: number[] = [];
    for (let at = 0; at < segment.end; at = segment.next(at)) {
      if (segment.isDescription(at)) connections.push(segment.connectionOf(at));
    }
    this.#connections = Int32Array.from(connections);
  }

  /** Whether it can have packets of one of the connections that were sent before `until`, µs. */
  mayHave(connections: ReadonlyMap<number, unknown>, until: number): boolean {
    if (this.#connections === undefined) return true;
    return this.first < until && this.#connections.some((id) => connections.has(id));
  }
}
