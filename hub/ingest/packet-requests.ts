import type { WebSocket } from 'ws';
import { PACKET_HEADER, PACKETS_HEADER, PACKETS_KIND, type PacketsMessage } from '../../flow/wire.ts';
import { INGEST_LIMITS } from './limits.ts';

/** A packet that a worker has recorded, with its secrets overwritten there. */
export interface RecordedPacket {
  /** µs since the epoch. */
  time: number;
  /** From the IP header on; `wireLength` is larger where the capture cut it. */
  data: Uint8Array;
  wireLength: number;
}

/** What a worker has of a connection. */
export interface PacketAnswer {
  packets: RecordedPacket[];
  /** Capture time of the oldest packet of any connection that the worker has, µs; NaN: it has none. */
  oldest: number;
  /** More than the limit was there, and is left out. */
  cut: boolean;
}

/** Why a worker gives none. */
export type NoPackets = 'away' | 'not-recording';

/** Frames of packets that one worker is asked for, one at a time. */
export class PacketRequests {
  #last = 0;
  #queue: Promise<unknown> = Promise.resolve();
  #waiting: { request: number; resolve: (frame: Uint8Array | undefined) => void } | undefined;

  /** The packets of one connection in [from, to), at most so many bytes; undefined: the worker has gone, or does not answer. */
  fetch(
    socket: WebSocket,
    wanted: Pick<PacketsMessage, 'connection' | 'from' | 'to'>,
    maxBytes: number,
  ): Promise<PacketAnswer | undefined> {
    const answer = this.#queue.then(() => this.#fetch(socket, wanted, maxBytes));
    this.#queue = answer.catch(() => undefined);
    return answer;
  }

  /** Takes a frame of the worker's; false if nobody has asked for it. */
  heard(frame: Uint8Array): boolean {
    const { request, resolve } = this.#waiting ?? {};
    if (
      resolve === undefined ||
      frame.length < PACKETS_HEADER ||
      viewOf(frame).getUint32(4, true) !== request
    )
      return false;
    resolve(frame);
    return true;
  }

  /** The worker has gone. */
  lost(): void {
    this.#waiting?.resolve(undefined);
  }

  async #fetch(
    socket: WebSocket,
    wanted: Pick<PacketsMessage, 'connection' | 'from' | 'to'>,
    maxBytes: number,
  ): Promise<PacketAnswer | undefined> {
    const request = ++this.#last;
    const answer: PacketAnswer = { packets: [], oldest: Number.NaN, cut: false };
    let bytes = 0;
    for (let more = true; more; ) {
      const frame = await this.#ask(socket, { type: 'packets', request, ...wanted });
      if (frame === undefined) return undefined;
      answer.oldest = viewOf(frame).getFloat64(8, true);
      answer.packets.push(...readPackets(frame));
      bytes += frame.length;
      more = frame[1] === 1;
      if (!more || bytes < maxBytes) continue;
      answer.cut = true;
      break;
    }
    return answer;
  }

  #ask(socket: WebSocket, message: PacketsMessage): Promise<Uint8Array | undefined> {
    return new Promise((done) => {
      const timer = setTimeout(() => resolve(undefined), INGEST_LIMITS.ingestPacketsMs);
      const resolve = (frame: Uint8Array | undefined) => {
        clearTimeout(timer);
        this.#waiting = undefined;
        done(frame);
      };
      this.#waiting = { request: message.request, resolve };
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
      else resolve(undefined);
    });
  }
}

export function isPacketsFrame(frame: Uint8Array): boolean {
  return frame[0] === PACKETS_KIND;
}

/** The packets of a frame; what is no whole packet ends them. */
function readPackets(frame: Uint8Array): RecordedPacket[] {
  const view = viewOf(frame);
  const packets: RecordedPacket[] = [];
  for (let at = PACKETS_HEADER; at + PACKET_HEADER <= frame.length; ) {
    const time = view.getFloat64(at, true);
    const wireLength = view.getUint32(at + 8, true);
    const start = at + PACKET_HEADER;
    at = start + view.getUint32(at + 12, true);
    if (at > frame.length || !(time >= 0)) break;
    packets.push({ time, wireLength, data: frame.subarray(start, at) });
  }
  return packets;
}

function viewOf(frame: Uint8Array): DataView {
  return new DataView(frame.buffer, frame.byteOffset, frame.length);
}
