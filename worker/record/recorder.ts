import type { Packet } from '../packet/packet.ts';
import type { ConnectionInfo, Direction } from '../tcp/stream.ts';
import { Disk, type RecordPlace } from './disk.ts';
import type { DiskProblem } from './disk-messages.ts';
import type { RecordLimits } from './limits.ts';
import { RecordMarks } from './marks.ts';
import { Segment, storedSize } from './segment.ts';
import { FILE_OVERHEAD } from './segment-files.ts';
import { Shedding } from './shedding.ts';
import { Stage } from './stage.ts';
import { Stretch } from './stretch.ts';

/** Segments that were let go, of which it is known when. */
const MAX_GONE = 1024;
/** Earlier workers of which is told that their packets are here; the oldest are left out. */
const MAX_EARLIER_SESSIONS = 64;

interface Gone {
  /** Capture time of its latest packet, µs. */
  readonly newest: number;
  /** When it was let go, in the time of the capture, µs. */
  readonly at: number;
}

/**
 * The packets of the connections that the worker can read, in memory, or encrypted on a disk with a key that is in memory: they hold
 * what is not redacted. The oldest are let go when there is no room, a segment at a time. Where the key is kept, those of an earlier worker
 * are there too.
 *
 * Kept are TCP header and payload: addresses are those of the connection, and what tunnels, fragments and link layers were around them is
 * of no use to a reader of HTTP. Of a packet that several interfaces saw, TCP hands on one.
 */
export class Recorder {
  readonly limits: RecordLimits;
  /** Names this worker: its connections are numbered within it. */
  readonly session: string;
  private readonly counts = {
    recordedPackets: 0,
    /** Let go because the room was used up, or because they were too old. */
    recordOverwrittenPackets: 0,
    /** Packets larger than a segment. */
    recordOversizedPackets: 0,
    /** Packets beyond the limit of an export. */
    recordUnexportedPackets: 0,
  };
  readonly #disk: Disk | undefined;
  private readonly shedding = new Shedding();
  /** Oldest first; the last one is being filled. */
  readonly #stretches: Stretch[] = [];
  readonly #gone: Gone[] = [];
  private current: Segment;
  readonly #stage: Stage;
  /** What those take that are sealed. */
  #sealedBytes = 0;

  /** Without a place packets are in memory. With one they are there, and nobody else's files may be. */
  constructor(limits: RecordLimits, session: string, place?: RecordPlace) {
    this.limits = limits;
    this.session = session;
    this.#disk = place === undefined ? undefined : new Disk(place, limits);
    this.#stage = new Stage(limits.recordSegmentBytes);
    this.current = this.#begin(0, this.#buffer());
  }

  /** Capture time of the oldest packet, µs; undefined if there is none. */
  get oldest(): number | undefined {
    if (this.#stretches.length > 1) return this.#stretches[0].first;
    return this.current.packets === 0 ? undefined : this.current.first;
  }

  get isOnDisk(): boolean {
    return this.#disk !== undefined;
  }

  /** All that is kept, oldest first. */
  get stretches(): readonly Stretch[] {
    return this.#stretches;
  }

  /** Why nothing can be written to the disk at the moment. */
  get problem(): DiskProblem | undefined {
    return this.#disk?.problem;
  }

  /** Why packets that are on a disk end with this worker, though they should not. */
  get keyProblem(): DiskProblem | undefined {
    return this.#disk?.keyProblem;
  }

  /** Of the earlier workers whose packets are here: the latest of them, oldest first. */
  get earlierSessions(): string[] {
    const sessions = new Set(this.#stretches.map(({ session }) => session));
    sessions.delete(this.session);
    return [...sessions].slice(-MAX_EARLIER_SESSIONS);
  }

  get counters(): Record<string, number> {
    return {
      ...this.counts,
      /** Room that is in use now. */
      recordedBytes: this.#sealedBytes + this.limits.recordSegmentBytes,
      recordOldest: this.oldest ?? 0,
      ...(this.#disk && { ...this.#disk.counters, ...this.shedding.counters }),
    };
  }

  /** When packets of `time` were let go (both µs, as the capture has them); undefined: they were not, or nobody remembers. */
  overwrittenAt(time: number): number | undefined {
    return this.#gone.find(({ newest }) => newest >= time)?.at;
  }

  /** A decoded packet of `connection`. Its bytes are copied. */
  packet(connection: ConnectionInfo, direction: Direction, packet: Packet): void {
    const mark = connection.recordMark;
    if (mark === RecordMarks.unwanted) return;
    const { tcpStart, payloadEnd, time } = packet;
    const size = payloadEnd - tcpStart;
    if (this.shedding.isOn && this.shedding.leavesOut(connection)) {
      this.shedding.leaveOut(connection);
      return;
    }
    if (!this.current.hasRoom(size)) {
      if (storedSize(size) > this.limits.recordSegmentBytes) {
        this.counts.recordOversizedPackets++;
        return;
      }
      if (!this.#turnOver(time)) {
        this.shedding.leaveOut(connection);
        return;
      }
    }
    const segment = this.current;
    if (mark !== segment.number) {
      connection.recordMark = mark === RecordMarks.lastWanted ? RecordMarks.unwanted : segment.number;
      segment.describe(time, connection);
    }
    segment.append(connection.id, direction, packet);
    this.counts.recordedPackets++;
  }

  /** Nothing more of the connection will be read than the packet that has shown it: nothing more of it is kept. */
  discard(connection: ConnectionInfo): void {
    connection.recordMark = RecordMarks.lastWanted;
  }

  /**
   * It is `time`, µs: what is too old is let go even when no packets come, and what would be lost with this process does not wait for long
   * to be written.
   */
  advance(time: number): void {
    this.#settle(time);
    const { packets } = this.current;
    const disk = this.#disk;
    if (packets === 0 || disk === undefined || !disk.isLasting) return;
    const isDue = this.current.first + this.limits.recordSealAge <= time;
    // What waits already is of a disk that is busy, or full.
    if (isDue && disk.waiting === 0 && disk.problem === undefined) this.#renew(time);
  }

  /**
   * Has the segment of a stretch looked at, of which nothing may be kept: now, or when it has been read from the disk. undefined: it is
   * gone, or cannot be read.
   */
  async look<Seen>(stretch: Stretch, look: (segment: Segment) => Seen): Promise<Seen | undefined> {
    if (stretch.segment !== undefined) {
      stretch.segment.settle();
      return look(stretch.segment);
    }
    if (stretch.isGone) return undefined;
    const read = await this.#disk?.read(stretch);
    const segment = read ?? stretch.segment;
    return segment === undefined || stretch.isGone ? undefined : look(segment);
  }

  /** Packets of an export that there was no room for. */
  leftOut(packets: number): void {
    this.counts.recordUnexportedPackets += packets;
  }

  /** For those who can wait with the next packets: resolves when none of them need be left out. */
  async room(): Promise<void> {
    await this.#disk?.room();
  }

  /** What is on the disk is complete for the next worker, or removed if there is none for it. Nothing may be recorded any more. */
  async close(): Promise<void> {
    const disk = this.#disk;
    const last = this.#stretches[this.#stretches.length - 1];
    if (disk?.isLasting && this.current.packets > 0) {
      this.#seal(last);
      disk.write(last);
    }
    await disk?.close();
  }

  #begin(number: number, buffer: ArrayBufferLike): Segment {
    const segment = new Segment(number, buffer, this.#stage);
    this.#stretches.push(Stretch.of(this.session, segment));
    return segment;
  }

  #seal(stretch: Stretch): void {
    stretch.seal();
    this.#count(stretch);
  }

  /** A file is as large as what is in it; memory is there for whole segments. */
  #count(stretch: Stretch): void {
    stretch.room = this.isOnDisk ? stretch.size + FILE_OVERHEAD : this.limits.recordSegmentBytes;
    this.#sealedBytes += stretch.room;
  }

  #settle(time: number): void {
    if (this.#disk !== undefined) this.shedding.update(this.#disk.waiting, this.#disk.waitingLimit);
    this.#takeRestored(time);
    const limit = time - this.limits.recordAge;
    while (this.#stretches.length > 1 && this.#stretches[0].newest < limit) this.#letGo(0, time);
    const { packets, newest, number } = this.current;
    if (this.#stretches.length > 1 || packets === 0 || newest >= limit) return;
    this.#seal(this.#stretches[0]);
    this.current = this.#begin(number + 1, this.#letGo(0, time) ?? this.#buffer());
  }

  /** What an earlier worker has left comes before all else. */
  #takeRestored(time: number): void {
    const restored = this.#disk?.takeRestored();
    if (restored === undefined) return;
    this.#stretches.unshift(...restored);
    for (const stretch of restored) this.#count(stretch);
    this.#makeRoom(time);
  }

  /** A new segment, in the place of the oldest one if there is no room for another. False: the disk has yet to take others. */
  #turnOver(time: number): boolean {
    this.#settle(time);
    const disk = this.#disk;
    let spare: ArrayBufferLike | undefined;
    if (disk !== undefined && disk.waiting >= disk.waitingLimit) {
      const unwritten = disk.oldestUnwritten;
      if (unwritten === undefined) return false;
      spare = this.#letGo(this.#stretches.indexOf(unwritten), time);
    }
    this.#renew(time, spare);
    return true;
  }

  #renew(time: number, spare?: ArrayBufferLike): void {
    const full = this.#stretches[this.#stretches.length - 1];
    this.#seal(full);
    const freed = this.#makeRoom(time) ?? spare;
    if (!full.isGone) this.#disk?.write(full);
    this.current = this.#begin(full.number + 1, freed ?? this.#buffer());
  }

  /** For a segment that is being filled beside those that are sealed. Answers the memory of the last that had to go. */
  #makeRoom(time: number): ArrayBufferLike | undefined {
    const { recordBytes, recordSegmentBytes } = this.limits;
    let freed: ArrayBufferLike | undefined;
    while (this.#sealedBytes > 0 && this.#sealedBytes + recordSegmentBytes > recordBytes)
      freed = this.#letGo(0, time) ?? freed;
    return freed;
  }

  #buffer(): ArrayBufferLike {
    return this.#disk?.buffer() ?? new ArrayBuffer(this.limits.recordSegmentBytes);
  }

  /** Answers its memory, where it had some. */
  #letGo(index: number, time: number): ArrayBufferLike | undefined {
    const [stretch] = this.#stretches.splice(index, 1);
    const { segment, packets, newest } = stretch;
    stretch.isGone = true;
    stretch.segment = undefined;
    this.#sealedBytes -= stretch.room;
    this.#disk?.remove(stretch);
    this.counts.recordOverwrittenPackets += packets;
    if (index === 0) this.#gone.push({ newest, at: time });
    if (this.#gone.length > MAX_GONE) this.#gone.shift();
    return segment?.buffer;
  }
}
