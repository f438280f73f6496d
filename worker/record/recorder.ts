import type { Packet } from '../packet/packet.ts';
import type { ConnectionInfo, Direction } from '../tcp/stream.ts';
import type { RecordLimits } from './limits.ts';
import { Segment, storedSize } from './segment.ts';

export interface RecorderCounters {
  recordedPackets: number;
  /** Memory that is in use now. */
  recordedBytes: number;
  /** Let go because the memory was used up, or because they were too old. */
  recordOverwrittenPackets: number;
  /** Packets larger than a segment. */
  recordOversizedPackets: number;
}

/** In place of the number of a segment: nothing of the connection is taken any more. */
const UNWANTED = -2;
/** Likewise, of the packet that is being read one more. */
const LAST_WANTED = -3;
/** Segments that were let go, of which it is known when. */
const MAX_GONE = 1024;

interface Gone {
  /** Capture time of its latest packet, µs. */
  readonly newest: number;
  /** When it was let go, in the time of the capture, µs. */
  readonly at: number;
}

/**
 * The packets of the connections that the worker can read, in memory and nowhere else, since they hold what is not redacted. The oldest
 * are let go when there is no room, a segment at a time.
 *
 * Kept are TCP header and payload: addresses are those of the connection, and what tunnels, fragments and link layers were around them is
 * of no use to a reader of HTTP. Of a packet that several interfaces saw, TCP hands on one.
 */
export class Recorder {
  readonly limits: RecordLimits;
  readonly counters: RecorderCounters = {
    recordedPackets: 0,
    recordedBytes: 0,
    recordOverwrittenPackets: 0,
    recordOversizedPackets: 0,
  };
  /** Oldest first. */
  readonly #segments: Segment[] = [];
  readonly #gone: Gone[] = [];
  private current: Segment;

  constructor(limits: RecordLimits) {
    this.limits = limits;
    this.current = new Segment(limits.recordSegmentBytes);
    this.#segments.push(this.current);
    this.counters.recordedBytes = limits.recordSegmentBytes;
  }

  /** Capture time of the oldest packet, µs; undefined if there is none. */
  get oldest(): number | undefined {
    const first = this.#segments[0];
    return first.packets === 0 ? undefined : first.timeOf(0);
  }

  /** All that is kept, oldest first. A segment that begins anew has another number. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** When packets of `time` were let go (both µs, as the capture has them); undefined: they were not, or nobody remembers. */
  overwrittenAt(time: number): number | undefined {
    return this.#gone.find(({ newest }) => newest >= time)?.at;
  }

  /** A decoded packet of `connection`. Its bytes are copied. */
  packet(connection: ConnectionInfo, direction: Direction, packet: Packet): void {
    const mark = connection.recordMark;
    if (mark === UNWANTED) return;
    const { tcpStart, payloadEnd, time } = packet;
    const size = payloadEnd - tcpStart;
    if (!this.current.hasRoom(size)) {
      if (storedSize(size) > this.limits.recordSegmentBytes) {
        this.counters.recordOversizedPackets++;
        return;
      }
      this.#turnOver(time);
    }
    const segment = this.current;
    if (mark !== segment.number) {
      connection.recordMark = mark === LAST_WANTED ? UNWANTED : segment.number;
      segment.describe(time, connection);
    }
    const headerSize = (packet.data[tcpStart + 12] >> 4) << 2;
    segment.append(
      time,
      connection.id,
      direction,
      packet.ipId,
      headerSize + packet.payloadLength,
      packet.data,
      tcpStart,
      payloadEnd,
    );
    this.counters.recordedPackets++;
  }

  /** Nothing more of the connection will be read than the packet that has shown it: nothing more of it is kept. */
  discard(connection: ConnectionInfo): void {
    connection.recordMark = LAST_WANTED;
  }

  /** It is `time`, µs: what is too old is let go even when no packets come. */
  advance(time: number): void {
    const limit = time - this.limits.recordAge;
    while (this.#segments[0].packets > 0 && this.#segments[0].newest < limit) {
      const gone = this.#letGoOldest(time);
      if (gone !== this.current) continue;
      gone.begin(gone.number + 1);
      this.#segments.push(gone);
      this.counters.recordedBytes += this.limits.recordSegmentBytes;
    }
  }

  /** A new segment, in the place of the oldest one if there is no memory for another. */
  #turnOver(time: number): void {
    this.advance(time);
    const { recordBytes, recordSegmentBytes } = this.limits;
    const isFull = this.counters.recordedBytes + recordSegmentBytes > recordBytes;
    const number = this.current.number + 1;
    const segment = isFull ? this.#letGoOldest(time) : new Segment(recordSegmentBytes);
    segment.begin(number);
    this.current = segment;
    this.#segments.push(segment);
    this.counters.recordedBytes += recordSegmentBytes;
  }

  #letGoOldest(time: number): Segment {
    const segment = this.#segments.shift()!;
    this.counters.recordOverwrittenPackets += segment.packets;
    this.counters.recordedBytes -= this.limits.recordSegmentBytes;
    this.#gone.push({ newest: segment.newest, at: time });
    if (this.#gone.length > MAX_GONE) this.#gone.shift();
    return segment;
  }
}
