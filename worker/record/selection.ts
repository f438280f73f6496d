import { type Path, tcpHeaderLength } from './frame.ts';
import type { RecordLimits } from './limits.ts';
import type { Recorder } from './recorder.ts';
import type { Segment } from './segment.ts';
import type { Stretch } from './stretch.ts';
import type { Turns } from './turns.ts';

/** [from, to), µs since the epoch. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** A packet in the store, as long as that has its stretch. */
export interface Stored {
  readonly stretch: Stretch;
  readonly at: number;
  /** Of TCP header and payload. */
  readonly size: number;
  readonly path: Path;
  /** Whether it goes out; the others tell how to read it. */
  readonly isWanted: boolean;
  /** Parts of its bytes that are overwritten: starts and ends. undefined: nobody has looked at it. */
  hidden: readonly number[] | undefined;
}

/** The packets of one connection, in the order in which they were recorded. */
export type StoredConnection = Stored[];

export interface Selection {
  readonly connections: readonly StoredConnection[];
  /** Those that go out, of all connections, in the order in which they were recorded. */
  readonly wanted: readonly Stored[];
  /** TCP headers and payloads of these. */
  readonly bytes: number;
  /** There were more than may be selected. */
  readonly isCut: boolean;
}

/** The handshake belongs to a connection's first exchange, and its end to the last: so much before or after it, µs. */
const CONTROL_MARGIN = 3e6;
const FLAGS = 13;
const FIN_SYN_RST = 0b111;

/**
 * Finds the packets of a session's connections that were sent in the given intervals, which must be in order and apart from each other. Of
 * very many the last ones are left out.
 */
export async function select(
  recorder: Recorder,
  wanted: ReadonlyMap<number, readonly Interval[]>,
  turns: Turns,
  session = recorder.session,
): Promise<Selection> {
  const found = new Map<number, Found>();
  const going: Stored[] = [];
  let bytes = 0;
  let held = 0;
  let leftOut = 0;
  const { limits } = recorder;
  const until = endOf(wanted) + CONTROL_MARGIN;
  for (const stretch of [...recorder.stretches]) {
    if (!stretch.mayHave(session, wanted, until)) continue;
    if (turns.isOver) await turns.next();
    await recorder.look(stretch, (segment) => {
      for (let at = 0; at < segment.end; at = segment.next(at)) {
        const id = segment.connectionOf(at);
        const intervals = wanted.get(id);
        if (intervals === undefined) continue;
        if (segment.isDescription(at)) {
          if (!found.has(id)) found.set(id, new Found(segment.pathsOf(at), intervals));
          continue;
        }
        if (held >= limits.recordExportPackets) {
          leftOut++;
          continue;
        }
        const stored = found.get(id)?.add(stretch, segment, at, limits);
        if (stored === undefined) continue;
        held++;
        if (!stored.isWanted) continue;
        going.push(stored);
        bytes += stored.size;
      }
    });
  }
  recorder.leftOut(leftOut);
  return {
    connections: [...found.values()].map(({ packets }) => packets),
    wanted: going,
    bytes,
    isCut: leftOut > 0,
  };
}

/** When the last interval of all ends. */
function endOf(wanted: ReadonlyMap<number, readonly Interval[]>): number {
  let end = 0;
  for (const intervals of wanted.values()) end = Math.max(end, intervals[intervals.length - 1].to);
  return end;
}

/** A connection of which packets are being found. */
class Found {
  packets: StoredConnection = [];
  readonly #paths: readonly [Path, Path];
  readonly #intervals: readonly Interval[];
  /** Of all packets before the first that is wanted. */
  #contextBytes = 0;
  #hasWanted = false;
  /** The packet before had a flag of the handshake or of the end. */
  #afterFlag = false;

  constructor(paths: readonly [Path, Path], intervals: readonly Interval[]) {
    this.#paths = paths;
    this.#intervals = intervals;
  }

  /** Answers nothing for packets that no wanted one comes behind. */
  add(
    stretch: Stretch,
    segment: Segment,
    at: number,
    { recordContextBytes }: RecordLimits,
  ): Stored | undefined {
    const time = segment.timeOf(at);
    const isControl = this.#isControl(segment, at);
    const margin = isControl ? CONTROL_MARGIN : 0;
    if (time >= this.#intervals[this.#intervals.length - 1].to + margin) return undefined;
    const isWanted = isWithin(this.#intervals, time, margin);
    const size = segment.sizeOf(at);
    const stored: Stored = {
      stretch,
      at,
      size,
      path: this.#paths[segment.directionOf(at)],
      isWanted,
      hidden: undefined,
    };
    if (!this.#hasWanted && !isWanted) this.#contextBytes += size;
    if (isWanted && !isControl && !this.#hasWanted) {
      this.#hasWanted = true;
      if (this.#contextBytes > recordContextBytes) this.packets = this.packets.filter((one) => one.isWanted);
    }
    this.packets.push(stored);
    return stored;
  }

  /** Whether the packet is of the handshake or of the connection's end: one with such a flag, or the acknowledgement behind it. */
  #isControl(segment: Segment, at: number): boolean {
    const segmentBytes = segment.bytesOf(at);
    const hasFlag = (segmentBytes[FLAGS] & FIN_SYN_RST) !== 0;
    const isEmpty = segment.wireSizeOf(at) === tcpHeaderLength(segmentBytes, 0);
    const acknowledges = this.#afterFlag && isEmpty;
    this.#afterFlag = hasFlag;
    return hasFlag || acknowledges;
  }
}

/** Whether one of the intervals, each wider by the margin, has the time. */
function isWithin(intervals: readonly Interval[], time: number, margin: number): boolean {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (intervals[middle].to + margin <= time) low = middle + 1;
    else high = middle;
  }
  return low < intervals.length && intervals[low].from - margin <= time;
}
