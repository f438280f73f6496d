import {
  PACKET_HEADER,
  PACKETS_HEADER,
  PACKETS_KIND,
  PacketsLeft,
  type PacketsMessage,
} from '../../flow/wire.ts';
import type { Policy } from '../redact/policy.ts';
import { batchesOf, type GivenPacket, hideSecrets, maskedPacket, rawPacket, sameStretch } from './mask.ts';
import type { Recorder } from './recorder.ts';
import { type Interval, type Selection, type StoredConnection, select } from './selection.ts';
import { Turns } from './turns.ts';

/** The hub takes a worker that is silent for long for one that is gone, ms. */
const ANSWER_MS = 2000;

/** Answers what the hub asks for packets (flow/wire.ts). */
export class PacketAnswers {
  readonly #recorder: Recorder;
  readonly #policy: Policy;
  readonly #allowsRaw: boolean;
  /** By request, oldest first. */
  readonly #exports = new Map<number, PacketExport>();

  /** `allowsRaw`: packets leave the worker with their secrets where the hub asks for that. */
  constructor(recorder: Recorder, policy: Policy, allowsRaw = false) {
    this.#recorder = recorder;
    this.#policy = policy;
    this.#allowsRaw = allowsRaw;
  }

  /** The frame for a message; undefined for one that wants no answer. */
  async answer({ request, want, ask, bytes, raw, session }: PacketsMessage): Promise<Uint8Array | undefined> {
    const isRaw = raw === true;
    if (isRaw && !this.#allowsRaw) {
      return ask === 'estimate' || ask === 'next' ? noPackets(request, PacketsLeft.refused) : undefined;
    }
    if (want !== undefined) this.#begun(request, isRaw, session ?? this.#recorder.session).want(want);
    const asked = this.#exports.get(request);
    switch (ask) {
      case 'estimate':
        return asked?.estimate() ?? noPackets(request, PacketsLeft.givenUp);
      case 'next':
        return asked?.next(bytes ?? 0) ?? noPackets(request, PacketsLeft.givenUp);
      case 'end':
        this.#exports.delete(request);
        return undefined;
      default:
        return undefined;
    }
  }

  /** Whoever asked is not connected any more. */
  forget(): void {
    this.#exports.clear();
  }

  /** To say what is wanted begins an export, if need be in the place of the oldest. */
  #begun(request: number, isRaw: boolean, session: string): PacketExport {
    const known = this.#exports.get(request);
    if (known !== undefined) return known;
    const begun = new PacketExport(request, this.#recorder, session, isRaw ? undefined : this.#policy);
    this.#exports.set(request, begun);
    const [oldest] = this.#exports.keys();
    if (this.#exports.size > this.#recorder.limits.recordExports) this.#exports.delete(oldest);
    return begun;
  }
}

/** The packets of one request: what is wanted, then what there is of it, then the packets, in the order in which they were recorded. */
class PacketExport {
  readonly #request: number;
  readonly #recorder: Recorder;
  /** The worker's whose packets are wanted. */
  readonly #session: string;
  /** undefined: nothing is hidden. */
  readonly #policy: Policy | undefined;
  readonly #wanted = new Map<number, Interval[]>();
  #selection: Selection | undefined;
  /** What is still to be read to know what of it is secret. */
  #unread: StoredConnection[] | undefined;
  /** Number of the next packet that goes out. */
  #next = 0;

  constructor(request: number, recorder: Recorder, session: string, policy: Policy | undefined) {
    this.#request = request;
    this.#recorder = recorder;
    this.#session = session;
    this.#policy = policy;
  }

  want(numbers: readonly number[]): void {
    for (let i = 0; i + 2 < numbers.length; i += 3) {
      const [id, from, to] = numbers.slice(i, i + 3);
      const intervals = this.#wanted.get(id);
      if (intervals === undefined) this.#wanted.set(id, [{ from, to }]);
      else intervals.push({ from, to });
    }
  }

  async estimate(): Promise<Uint8Array> {
    return this.#frame([], await this.#select(new Turns()), false);
  }

  /** A frame without packets says that it takes longer. */
  async next(maxBytes: number): Promise<Uint8Array> {
    const turns = new Turns();
    const selection = await this.#select(turns);
    const policy = this.#policy;
    if (policy !== undefined && !(await this.#hideSecrets(selection, policy, turns)))
      return this.#frame([], selection, true);
    const leave = policy === undefined ? rawPacket : maskedPacket;
    const packets: GivenPacket[] = [];
    const { wanted } = selection;
    for (let size = 0; this.#next < wanted.length && size < maxBytes; ) {
      if (turns.isOver) await turns.next();
      const together = sameStretch(wanted, this.#next);
      const taken = await this.#recorder.look(together[0].stretch, (segment) => {
        let count = 0;
        do {
          const packet = leave(together[count++], segment);
          packets.push(packet);
          size += PACKET_HEADER + packet.data.length;
        } while (count < together.length && size < maxBytes && !turns.isOver);
        return count;
      });
      this.#next += taken ?? together.length;
    }
    return this.#frame(packets, selection, this.#next < wanted.length);
  }

  /** False: it takes longer, and goes on the next time. */
  async #hideSecrets({ connections }: Selection, policy: Policy, turns: Turns): Promise<boolean> {
    this.#unread ??= batchesOf(connections, this.#recorder);
    const begun = performance.now();
    for (let batch = this.#unread.pop(); batch !== undefined; batch = this.#unread.pop()) {
      await hideSecrets(batch, this.#recorder, policy, turns);
      if (performance.now() - begun > ANSWER_MS) return false;
    }
    return true;
  }

  async #select(turns: Turns): Promise<Selection> {
    if (this.#selection === undefined) {
      this.#selection = await select(this.#recorder, inOrder(this.#wanted), turns, this.#session);
    }
    return this.#selection;
  }

  #frame(packets: readonly GivenPacket[], { wanted, bytes, isCut }: Selection, hasMore: boolean): Uint8Array {
    const size = packets.reduce((sum, { data }) => sum + PACKET_HEADER + data.length, PACKETS_HEADER);
    const frame = emptyFrame(size, this.#request, hasMore ? PacketsLeft.more : PacketsLeft.none);
    const view = new DataView(frame.buffer);
    view.setUint16(2, isCut ? 1 : 0, true);
    view.setFloat64(8, this.#recorder.oldest ?? Number.NaN, true);
    view.setFloat64(16, this.#recorder.overwrittenAt(this.#begin) ?? Number.NaN, true);
    view.setFloat64(24, wanted.length, true);
    view.setFloat64(32, bytes, true);
    let at = PACKETS_HEADER;
    for (const { time, connection, wireLength, data } of packets) {
      view.setFloat64(at, time, true);
      view.setUint32(at + 8, connection, true);
      view.setUint32(at + 12, wireLength, true);
      view.setUint32(at + 16, data.length, true);
      frame.set(data, at + PACKET_HEADER);
      at += PACKET_HEADER + data.length;
    }
    return frame;
  }

  /** When the first packet of all that is wanted was sent. */
  get #begin(): number {
    let begin = Number.POSITIVE_INFINITY;
    for (const intervals of this.#wanted.values())
      for (const { from } of intervals) begin = Math.min(begin, from);
    return begin;
  }
}

/** The answer to whoever asks on for what newer requests have pushed out, or for what must not be given. */
function noPackets(request: number, why: number): Uint8Array {
  return emptyFrame(PACKETS_HEADER, request, why);
}

function emptyFrame(size: number, request: number, left: number): Uint8Array {
  const frame = new Uint8Array(size);
  frame[0] = PACKETS_KIND;
  frame[1] = left;
  new DataView(frame.buffer).setUint32(4, request, true);
  return frame;
}

/** The intervals of each connection in order, those that touch made one. */
function inOrder(wanted: ReadonlyMap<number, Interval[]>): Map<number, Interval[]> {
  const result = new Map<number, Interval[]>();
  for (const [id, intervals] of wanted) {
    const joined: Interval[] = [];
    for (const { from, to } of intervals.toSorted((a, b) => a.from - b.from)) {
      const last = joined.at(-1);
      if (last === undefined || last.to < from) joined.push({ from, to });
      else if (last.to < to) joined[joined.length - 1] = { from: last.from, to };
    }
    result.set(id, joined);
  }
  return result;
}
