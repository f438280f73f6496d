import { randomInt } from 'node:crypto';
import type { WebSocket } from 'ws';
import {
  MAX_WANT,
  PACKET_HEADER,
  PACKETS_HEADER,
  PACKETS_KIND,
  PacketsLeft,
  type PacketsMessage,
} from '../../flow/wire.ts';
import { INGEST_LIMITS } from './limits.ts';

/** A packet that a worker has recorded, with its secrets overwritten there unless the reader is raw. */
export interface RecordedPacket {
  /** µs since the epoch. */
  time: number;
  /** As the worker numbers its connections. */
  connection: number;
  /** From the IP header on; `wireLength` is larger where the capture cut it. */
  data: Uint8Array;
  wireLength: number;
}

/** A frame of a worker's. */
export interface PacketAnswer {
  packets: RecordedPacket[];
  hasMore: boolean;
  /** Of all packets that are wanted and there. */
  total: { packets: number; bytes: number };
  /** There are more, which one request may not have: the last ones are left out. */
  isCut: boolean;
  /** Capture time of the oldest packet that the worker has of anything, µs; NaN: it has none. */
  oldest: number;
  /** When packets as old as the first ones wanted were overwritten, µs; NaN: they were not, or it is not known. */
  overwrittenAt: number;
}

/**
 * Why a worker gives none any more: it has gone or does not answer, newer requests have taken the place of this one, or it may not give
 * secrets away.
 */
export type NoAnswer = 'away' | 'given-up' | 'refused';
/** Why a worker gives none. */
export type NoPackets = NoAnswer | 'not-recording';

/** The packets that one worker is asked for by one export. */
export interface PacketReader {
  /** Adds to what is wanted: number of the connection, from, to (exclusive; µs), and so on. */
  want(numbers: readonly number[]): void;
  /** How much of it there is. */
  estimate(): Promise<PacketAnswer | NoAnswer>;
  /** The next packets, about `bytes` of them, in the order of their capture. */
  next(bytes: number): Promise<PacketAnswer | NoAnswer>;
  /** Nothing more is wanted: what it is still asked is answered with `away`. */
  end(): void;
}

/** What is asked of one worker: one question at a time. */
export class PacketRequests {
  /** Begins anywhere: a worker may still have requests of a hub that is no more. */
  #last = randomInt(2 ** 31);
  #queue: Promise<unknown> = Promise.resolve();
  #waiting: { request: number; resolve: (frame: Uint8Array | undefined) => void } | undefined;

  /** `raw`: as they were captured, with the secrets in them. `session`: of an earlier worker, whose packets this one has. */
  open(socket: WebSocket, { raw = false, session }: { raw?: boolean; session?: string } = {}): PacketReader {
    const request = ++this.#last;
    let hasEnded = false;
    const send = (message: Omit<PacketsMessage, 'type' | 'request'>) => {
      if (socket.readyState === socket.OPEN) {
        const asked: PacketsMessage = { type: 'packets', request, ...(session && { session }), ...message };
        socket.send(JSON.stringify(raw ? { ...asked, raw } : asked));
      }
    };
    const ask = async (message: Omit<PacketsMessage, 'type' | 'request'>) => {
      const answer = this.#queue.then(() =>
        hasEnded ? undefined : this.#answer(socket, request, () => send(message)),
      );
      this.#queue = answer;
      const frame = await answer;
      return frame === undefined ? 'away' : read(frame);
    };
    return {
      want: (numbers) => {
        for (let at = 0; at < numbers.length; at += MAX_WANT)
          send({ want: numbers.slice(at, at + MAX_WANT) });
      },
      estimate: () => ask({ ask: 'estimate' }),
      next: (bytes) => ask({ ask: 'next', bytes }),
      end: () => {
        if (hasEnded) return;
        hasEnded = true;
        if (this.#waiting?.request === request) this.lost();
        send({ ask: 'end' });
      },
    };
  }

  /** Takes a frame of the worker's; false if nobody has asked for it, or does so no more. */
  heard(frame: Uint8Array): boolean {
    const waiting = this.#waiting;
    if (waiting === undefined || frame.length < PACKETS_HEADER) return false;
    if (viewOf(frame).getUint32(4, true) !== waiting.request) return false;
    waiting.resolve(frame);
    return true;
  }

  /** The question that waits gets no answer: the worker has gone, or it is not waited for any more. */
  lost(): void {
    this.#waiting?.resolve(undefined);
  }

  #answer(socket: WebSocket, request: number, send: () => void): Promise<Uint8Array | undefined> {
    return new Promise((done) => {
      const resolve = (frame: Uint8Array | undefined) => {
        clearTimeout(timer);
        this.#waiting = undefined;
        done(frame);
      };
      const timer = setTimeout(() => resolve(undefined), INGEST_LIMITS.ingestPacketsMs);
      this.#waiting = { request, resolve };
      if (socket.readyState === socket.OPEN) send();
      else resolve(undefined);
    });
  }
}

export function isPacketsFrame(frame: Uint8Array): boolean {
  return frame[0] === PACKETS_KIND;
}

/** What is no whole packet ends the frame. */
function read(frame: Uint8Array): PacketAnswer | NoAnswer {
  if (frame[1] === PacketsLeft.givenUp) return 'given-up';
  if (frame[1] === PacketsLeft.refused) return 'refused';
  const view = viewOf(frame);
  const packets: RecordedPacket[] = [];
  for (let at = PACKETS_HEADER; at + PACKET_HEADER <= frame.length; ) {
    const time = view.getFloat64(at, true);
    const connection = view.getUint32(at + 8, true);
    const wireLength = view.getUint32(at + 12, true);
    const start = at + PACKET_HEADER;
    at = start + view.getUint32(at + 16, true);
    if (at > frame.length || !(time >= 0)) break;
    packets.push({ time, connection, wireLength, data: frame.subarray(start, at) });
  }
  return {
    packets,
    hasMore: frame[1] === PacketsLeft.more,
    total: { packets: view.getFloat64(24, true), bytes: view.getFloat64(32, true) },
    isCut: view.getUint16(2, true) === 1,
    oldest: view.getFloat64(8, true),
    overwrittenAt: view.getFloat64(16, true),
  };
}

function viewOf(frame: Uint8Array): DataView {
  return new DataView(frame.buffer, frame.byteOffset, frame.length);
}
