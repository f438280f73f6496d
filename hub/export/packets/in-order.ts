import type { NoAnswer, PacketAnswer, PacketReader, RecordedPacket } from '../../ingest/packet-requests.ts';

/** Packets that wait in memory, of all workers together, bytes; and the least that is asked of one. */
const WAITING_BYTES = 16 * 1024 * 1024;
const LEAST_BYTES = 16 * 1024;
const MOST_BYTES = 256 * 1024;

/** A worker whose packets are fetched. */
export interface Origin {
  readonly session: string;
  readonly node: string;
  readonly reader: PacketReader;
}

export interface FetchedPacket {
  readonly origin: Origin;
  readonly packet: RecordedPacket;
}

/** Told when a worker gives no more before it has given all. */
type OnLost = (origin: Origin, why: NoAnswer) => void;

/** The packets of several workers in the order of their times, in pieces. */
export async function* inOrder(
  origins: readonly Origin[],
  onLost: OnLost,
): AsyncGenerator<FetchedPacket[], void> {
  const bytes = Math.min(MOST_BYTES, Math.max(LEAST_BYTES, Math.floor(WAITING_BYTES / origins.length)));
  const ways = origins.map((origin) => new Way(origin, bytes, onLost));
  await Promise.all(ways.map((way) => way.fetch()));
  const heap = new Heap();
  for (const way of ways) if (!way.isEmpty) heap.push(way);
  while (heap.first !== undefined) {
    const piece: FetchedPacket[] = [];
    let first: Way | undefined = heap.first;
    // As far as it goes without waiting for a worker.
    while (first !== undefined && !first.isEmpty) {
      piece.push({ origin: first.origin, packet: first.take() });
      if (first.isEmpty && first.hasMore) break;
      heap.settleFirst();
      first = heap.first;
    }
    yield piece;
    if (first?.isEmpty !== true) continue;
    await first.fetch();
    heap.settleFirst();
  }
}

/** One worker's packets, a frame at a time. */
class Way {
  readonly origin: Origin;
  hasMore = true;
  readonly #bytes: number;
  readonly #onLost: OnLost;
  #packets: readonly RecordedPacket[] = [];
  #next = 0;

  constructor(origin: Origin, bytes: number, onLost: OnLost) {
    this.origin = origin;
    this.#bytes = bytes;
    this.#onLost = onLost;
  }

  get isEmpty(): boolean {
    return this.#next === this.#packets.length;
  }

  /** Of the next packet, µs; of none the end of time. */
  get time(): number {
    return this.isEmpty ? Number.POSITIVE_INFINITY : this.#packets[this.#next].time;
  }

  take(): RecordedPacket {
    return this.#packets[this.#next++];
  }

  /** The next frame that has packets. */
  async fetch(): Promise<void> {
    while (this.isEmpty && this.hasMore) {
      const answer: PacketAnswer | NoAnswer = await this.origin.reader.next(this.#bytes);
      const isLost = typeof answer === 'string';
      if (isLost) this.#onLost(this.origin, answer);
      this.#packets = isLost ? [] : answer.packets;
      this.#next = 0;
      this.hasMore = !isLost && answer.hasMore;
    }
  }
}

/** The way with the earliest packet first. */
class Heap {
  readonly #ways: Way[] = [];

  get first(): Way | undefined {
    return this.#ways[0];
  }

  push(way: Way): void {
    const ways = this.#ways;
    let at = ways.push(way) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (ways[parent].time <= way.time) break;
      ways[at] = ways[parent];
      at = parent;
    }
    ways[at] = way;
  }

  /** The first has moved on: puts it where it belongs, or takes it out if it has nothing left. */
  settleFirst(): void {
    const ways = this.#ways;
    let way = ways[0];
    if (way.isEmpty) {
      const last = ways.pop()!;
      if (ways.length === 0) return;
      way = last;
    }
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= ways.length) break;
      if (child + 1 < ways.length && ways[child + 1].time < ways[child].time) child++;
      if (ways[child].time >= way.time) break;
      ways[at] = ways[child];
      at = child;
    }
    ways[at] = way;
  }
}
