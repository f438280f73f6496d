import type { Segment } from './segment.ts';

/** What there is in a segment. */
export interface StretchContents {
  /** Capture times of its first and its latest packet, µs. */
  readonly first: number;
  readonly newest: number;
  readonly packets: number;
  /** Bytes. */
  readonly size: number;
  /** Whose packets it has. */
  readonly connections: Int32Array;
}

/** What is known of a segment wherever its bytes are. */
export class Stretch {
  /** The worker's whose packets they are: connections are numbered within it. */
  readonly session: string;
  readonly number: number;
  /** Its bytes, where they are in memory; otherwise they are on the disk, or on the way there. */
  segment: Segment | undefined;
  /** It was let go. */
  isGone = false;
  /** What it takes of the store, bytes; 0 while it is being filled. */
  room = 0;
  /** undefined while it is being filled. */
  #contents: StretchContents | undefined;

  constructor(session: string, number: number, contents?: StretchContents) {
    this.session = session;
    this.number = number;
    this.#contents = contents;
  }

  /** One that is being filled. */
  static of(session: string, segment: Segment): Stretch {
    const stretch = new Stretch(session, segment.number);
    stretch.segment = segment;
    return stretch;
  }

  /** Unlike that of any other, of whichever worker. */
  get name(): string {
    return `${this.session}-${this.number}`;
  }

  get first(): number {
    return this.#contents?.first ?? 0;
  }
  get newest(): number {
    return this.#contents?.newest ?? 0;
  }
  get packets(): number {
    return this.#contents?.packets ?? 0;
  }
  get size(): number {
    return this.#contents?.size ?? 0;
  }

  /** Nothing more comes into its segment, which must be in memory. */
  seal(): void {
    this.segment!.settle();
    const { first, newest, packets, end, connections } = this.segment!;
    this.#contents = {
      ...{ first, newest, packets, size: end },
      connections: Int32Array.from(connections),
    };
  }

  /** Whether it can have packets of one of the connections of a session that were sent before `until`, µs. */
  mayHave(session: string, connections: ReadonlyMap<number, unknown>, until: number): boolean {
    if (session !== this.session) return false;
    if (this.#contents === undefined) return true;
    return this.first < until && this.#contents.connections.some((id) => connections.has(id));
  }
}
