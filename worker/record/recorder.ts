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
  /** Connections of which nothing is left. */
  recordOverwrittenConnections: number;
  /** Packets larger than a segment. */
  recordOversizedPackets: number;
}

/** A connection of which packets are kept. */
export class Recorded {
  readonly connection: ConnectionInfo;
  /** Numbers of the segments with its first and its last packet. */
  first = 0;
  last = -1;
  /** False: nothing more of it is taken, since nothing more of it can be read. */
  wanted = true;

  constructor(connection: ConnectionInfo) {
    this.connection = connection;
  }
}

/** A packet in the store. Valid until the next one is recorded. */
export interface Stored {
  readonly segment: Segment;
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
    recordOverwrittenConnections: 0,
    recordOversizedPackets: 0,
  };
  /** Oldest first. */
  readonly #segments: Segment[] = [];
  readonly #connections = new Map<number, Recorded>();
  #current: Segment;

  constructor(limits: RecordLimits) {
    this.limits = limits;
    this.#current = new Segment(limits.recordSegmentBytes);
    this.#segments.push(this.#current);
    this.counters.recordedBytes = limits.recordSegmentBytes;
  }

  /** Capture time of the oldest packet, µs; undefined if there is none. */
  get oldest(): number | undefined {
    const first = this.#segments[0];
    return first.packets === 0 ? undefined : first.timeOf(0);
  }

  /** A decoded packet of `connection`. Its bytes are copied. */
  packet(connection: ConnectionInfo, direction: Direction, packet: Packet): void {
    const recorded = (connection.companion as Recorded | undefined) ?? this.#begin(connection);
    if (!recorded.wanted) return;
    const { tcpStart, payloadEnd } = packet;
    let segment = this.#current;
    if (!segment.hasRoom(payloadEnd - tcpStart)) {
      if (storedSize(payloadEnd - tcpStart) > this.limits.recordSegmentBytes) {
        this.counters.recordOversizedPackets++;
        return;
      }
      this.#turnOver(packet.time);
      segment = this.#current;
    }
    if (recorded.last < this.#segments[0].number) this.#remember(recorded);
    recorded.last = segment.number;
    const headerSize = (packet.data[tcpStart + 12] >> 4) << 2;
    segment.append(
      packet.time,
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

  /** Nothing more of the connection will be read: nothing more of it is kept. */
  discard(connection: ConnectionInfo): void {
    const recorded = (connection.companion as Recorded | undefined) ?? this.#begin(connection);
    recorded.wanted = false;
  }

  /** It is `time`, µs: what is too old is let go even when no packets come. */
  advance(time: number): void {
    const limit = time - this.limits.recordAge;
    while (this.#segments[0].packets > 0 && this.#segments[0].newest < limit) {
      const gone = this.#letGoOldest();
      if (gone !== this.#current) continue;
      gone.begin(gone.number + 1);
      this.#segments.push(gone);
      this.counters.recordedBytes += this.limits.recordSegmentBytes;
    }
  }

  /** What is known of a connection with packets in the store. */
  connection(id: number): ConnectionInfo | undefined {
    return this.#connections.get(id)?.connection;
  }

  /** The packets of a connection up to `to` (µs), oldest first; of very many the last ones, `recordExportBytes` in all. */
  packets(id: number, to: number): Stored[] {
    const recorded = this.#connections.get(id);
    const found: Stored[] = [];
    if (recorded === undefined) return found;
    let bytes = 0;
    for (const segment of this.#segments) {
      if (segment.number < recorded.first || segment.number > recorded.last) continue;
      for (let at = 0; at < segment.end; at = segment.next(at)) {
        if (segment.connectionOf(at) !== id || segment.timeOf(at) > to) continue;
        found.push({ segment, at });
        bytes += segment.sizeOf(at);
      }
    }
    let tooMany = 0;
    for (; bytes > this.limits.recordExportBytes; tooMany++) {
      const { segment, at } = found[tooMany];
      bytes -= segment.sizeOf(at);
    }
    return found.slice(tooMany);
  }

  #begin(connection: ConnectionInfo): Recorded {
    const recorded = new Recorded(connection);
    connection.companion = recorded;
    return recorded;
  }

  /** It has packets in the store, again or for the first time. */
  #remember(recorded: Recorded): void {
    recorded.first = this.#current.number;
    this.#connections.set(recorded.connection.id, recorded);
  }

  /** A new segment, in the place of the oldest one if there is no memory for another. */
  #turnOver(time: number): void {
    this.advance(time);
    const { recordBytes, recordSegmentBytes } = this.limits;
    const isFull = this.counters.recordedBytes + recordSegmentBytes > recordBytes;
    const number = this.#current.number + 1;
    const segment = isFull ? this.#letGoOldest() : new Segment(recordSegmentBytes);
    segment.begin(number);
    this.#current = segment;
    this.#segments.push(segment);
    this.counters.recordedBytes += recordSegmentBytes;
  }

  #letGoOldest(): Segment {
    const segment = this.#segments.shift()!;
    for (let at = 0; at < segment.end; at = segment.next(at)) {
      const id = segment.connectionOf(at);
      if (this.#connections.get(id)?.last !== segment.number) continue;
      this.#connections.delete(id);
      this.counters.recordOverwrittenConnections++;
    }
    this.counters.recordOverwrittenPackets += segment.packets;
    this.counters.recordedBytes -= this.limits.recordSegmentBytes;
    return segment;
  }
}
