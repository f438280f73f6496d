import { LINKTYPE_RAW } from '../../flow/wire.ts';
import { DissectCounters } from '../dissect/counters.ts';
import type { Exchange } from '../dissect/dissector.ts';
import { Http1 } from '../dissect/http1/http1.ts';
import { DEFAULT_HTTP1_LIMITS } from '../dissect/http1/limits.ts';
import { Recogniser } from '../dissect/recognise.ts';
import { Decoder } from '../packet/decoder.ts';
import { Packet, SYN } from '../packet/packet.ts';
import type { Policy } from '../redact/policy.ts';
import type { ConnectionInfo, Direction, StreamListener } from '../tcp/stream.ts';
import { TcpTable } from '../tcp/tcp-table.ts';
import { ipHeaderLength, ipPacket, sealTcp, tcpHeaderLength } from './frame.ts';
import { MessageMask } from './message-mask.ts';
import type { Recorder } from './recorder.ts';
import type { Segment } from './segment.ts';
import type { Stored, StoredConnection } from './selection.ts';
import { MASK, StreamMask } from './stream-mask.ts';
import type { Turns } from './turns.ts';

/** An IP packet fit to leave the worker. */
export interface GivenPacket {
  /** µs since the epoch. */
  readonly time: number;
  /** As in the records of its exchanges. */
  readonly connection: number;
  readonly data: Uint8Array;
  /** Length on the wire, IP header included; larger than `data` where the capture cut it. */
  readonly wireLength: number;
}

/** A packet whose stream is known only when all have been read. */
interface Waiting {
  readonly stored: Stored;
  readonly segment: Uint8Array;
  readonly payloadStart: number;
  /** Sequence number of the first octet of the payload. */
  readonly seq: number;
  readonly connection: ConnectionInfo | undefined;
  readonly direction: Direction;
}

/** So many bytes of connections are read together: what it takes to read one is more than most of them are. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** Likewise of those on a disk, which is read once for each batch where connections lie side by side. */
const DISK_BATCH_BYTES = 32 * 1024 * 1024;

/**
 * Puts connections together that are read together. Of one with very many packets the last ones are read, `recordExportBytes` in all; those
 * before stay hidden.
 */
export function batchesOf(
  connections: readonly StoredConnection[],
  { isOnDisk, limits: { recordExportBytes } }: Recorder,
): StoredConnection[] {
  const batchBytes = isOnDisk ? DISK_BATCH_BYTES : BATCH_BYTES;
  const batches: StoredConnection[] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const packets of connections) {
    let first = packets.length;
    let own = 0;
    while (first > 0) {
      const { size } = packets[first - 1];
      if (own + size > recordExportBytes) break;
      own += size;
      first--;
    }
    if (bytes + own > batchBytes) {
      batches.push([]);
      bytes = 0;
    }
    bytes += own;
    const batch = batches[batches.length - 1];
    for (let i = first; i < packets.length; i++) batch.push(packets[i]);
  }
  return batches;
}

/**
 * Finds out what of the packets of some connections is secret: `hidden` of those that are wanted.
 *
 * The packets go through TCP and the dissector once more: an octet is shown only if it belongs to a message that was read, and the
 * redactor has looked at it there and found nothing. Whatever cannot be told so is overwritten.
 */
export async function hideSecrets(
  batch: StoredConnection,
  recorder: Recorder,
  policy: Policy,
  turns: Turns,
): Promise<void> {
  const masking = new Masking(policy);
  const recorded = batch.toSorted((a, b) => a.stretch.number - b.stretch.number || a.at - b.at);
  for (let at = 0; at < recorded.length; ) {
    const together = sameStretch(recorded, at);
    at += together.length;
    const copies = await recorder.look(together[0].stretch, (segment) =>
      together.map((stored) => copyOf(stored, segment)),
    );
    for (const copy of copies ?? []) {
      if (turns.isOver) await turns.next();
      masking.add(copy);
    }
  }
  if (turns.isOver) await turns.next();
  masking.finish();
}

/** The packets from `start` on that are in one stretch. */
export function sameStretch(packets: readonly Stored[], start: number): Stored[] {
  let end = start + 1;
  while (end < packets.length && packets[end].stretch === packets[start].stretch) end++;
  return packets.slice(start, end);
}

/** A packet as it was recorded, with an IP header before it. */
interface Copy {
  readonly stored: Stored;
  readonly data: Uint8Array;
  readonly time: number;
  /** With the IP header. */
  readonly wireLength: number;
}

function copyOf(stored: Stored, segment: Segment): Copy {
  const { at, path } = stored;
  const wireSize = segment.wireSizeOf(at);
  const data = ipPacket(path, segment.bytesOf(at), wireSize, segment.ipIdOf(at));
  return { stored, data, time: segment.timeOf(at), wireLength: data.length + wireSize - stored.size };
}

/** The packet as it was captured, secrets and checksum included. */
export function rawPacket(stored: Stored, segment: Segment): GivenPacket {
  const { data, time, wireLength } = copyOf(stored, segment);
  return { time, connection: segment.connectionOf(stored.at), data, wireLength };
}

/** The packet as it leaves the worker otherwise: what is secret overwritten with its length kept, checksums right. */
export function maskedPacket(stored: Stored, segment: Segment): GivenPacket {
  const { data, time, wireLength } = copyOf(stored, segment);
  const { at, path, hidden } = stored;
  const start = ipHeaderLength(path);
  if (hidden === undefined) data.fill(MASK, start + tcpHeaderLength(data, start));
  else for (let i = 0; i < hidden.length; i += 2) data.fill(MASK, start + hidden[i], start + hidden[i + 1]);
  sealTcp(data, path.ipVersion);
  return { time, connection: segment.connectionOf(at), data, wireLength };
}

/** The two directions of a connection. */
type Masks = readonly [StreamMask, StreamMask];

class Masking {
  readonly #decoder = new Decoder();
  readonly #packet = new Packet();
  readonly #messages: MessageMask;
  readonly #tcp: TcpTable;
  readonly #masks = new Map<ConnectionInfo, Masks>();
  readonly #waiting: Waiting[] = [];
  /** Where the last message of each direction ended: interim answers stand behind it. */
  readonly #ends = new Map<StreamMask, number>();

  constructor(policy: Policy) {
    this.#messages = new MessageMask(policy);
    const counters = new DissectCounters();
    const recogniser = new Recogniser(
      [new Http1(DEFAULT_HTTP1_LIMITS, counters)],
      counters,
      (exchange) => this.#exchange(exchange),
      () => {},
      () => {},
    );
    this.#tcp = new TcpTable({}, (connection) => {
      const masks: Masks = [new StreamMask(), new StreamMask()];
      this.#masks.set(connection, masks);
      return new Tee(connection, masks, recogniser.open(connection));
    });
  }

  add({ stored, data, time, wireLength }: Copy): void {
    const packet = this.#packet;
    packet.data = data;
    packet.start = 0;
    packet.end = data.length;
    packet.wireLength = wireLength;
    packet.time = time;
    packet.linkType = LINKTYPE_RAW;
    if (!this.#decoder.decode(packet)) return;
    this.#tcp.packet(packet);
    if (!stored.isWanted) return;
    const start = ipHeaderLength(stored.path);
    this.#waiting.push({
      stored,
      segment: data.subarray(start),
      payloadStart: packet.payloadStart - start,
      seq: (packet.flags & SYN) === 0 ? packet.seq : (packet.seq + 1) | 0,
      connection: this.#tcp.current,
      direction: this.#tcp.currentDirection,
    });
  }

  finish(): void {
    this.#tcp.finish();
    for (const { stored, segment, payloadStart, seq, connection, direction } of this.#waiting) {
      const masks = connection === undefined ? undefined : this.#masks.get(connection);
      const mask = masks === undefined ? NOTHING : masks[direction];
      const offset = connection === undefined ? 0 : (seq - connection.sides[direction].firstSeq) | 0;
      stored.hidden = mask.hidden(segment, payloadStart, segment.length, offset);
    }
  }

  #exchange({ connection, swapped, request, response, interim }: Exchange): void {
    const masks = this.#masks.get(connection);
    if (masks === undefined) return;
    const [requests, responses] = swapped ? [masks[1], masks[0]] : masks;
    if (request !== undefined) this.#messages.show(request, true, requests);
    if (response === undefined) return;
    if (interim.length > 0) showInterim(responses, this.#ends.get(responses) ?? 0, response.streamStart);
    this.#ends.set(responses, response.streamEnd);
    this.#messages.show(response, false, responses);
  }
}

const NOTHING = new StreamMask();

const INTERIM = Buffer.from('HTTP/1.1 1');
const STATUS_END = 'HTTP/1.1 100'.length;

/**
 * Interim answers (RFC 9110 §15.2) are not kept by the dissector, but a reader must see that they are some: status, line ends and the
 * colons of fields are shown.
 */
function showInterim(stream: StreamMask, start: number, end: number): void {
  let hasColon = false;
  let lineStart = start;
  for (let i = start; i < end; i++) {
    const octet = stream.at(i);
    if (i === lineStart && stream.holds(i, INTERIM, 0, INTERIM.length)) stream.show(i, i + STATUS_END + 1);
    const isFirstColon: boolean = octet === 0x3a && !hasColon;
    if (octet === 13 || octet === 10 || isFirstColon) stream.show(i, i + 1);
    hasColon ||= isFirstColon;
    if (octet !== 10) continue;
    hasColon = false;
    lineStart = i + 1;
  }
}

/** Keeps the bytes of both directions and hands them on. */
class Tee implements StreamListener {
  readonly #connection: ConnectionInfo;
  readonly #masks: Masks;
  readonly #reader: StreamListener;

  constructor(connection: ConnectionInfo, masks: Masks, reader: StreamListener) {
    this.#connection = connection;
    this.#masks = masks;
    this.#reader = reader;
  }

  data(direction: Direction, data: Uint8Array, start: number, end: number): void {
    this.#masks[direction].put(this.#connection.sides[direction].offset, data, start, end);
    this.#reader.data(direction, data, start, end);
  }
  gap(direction: Direction, length: number): void {
    this.#reader.gap(direction, length);
  }
  end(direction: Direction, reason: Parameters<StreamListener['end']>[1]): void {
    this.#reader.end(direction, reason);
  }
  close(reason: Parameters<StreamListener['close']>[0]): void {
    this.#reader.close(reason);
  }
}
