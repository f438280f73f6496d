import { PACKET_HEADER, PACKETS_HEADER, PACKETS_KIND, type PacketsMessage } from '../../flow/wire.ts';
import type { Policy } from '../redact/policy.ts';
import { type MaskedPacket, maskedPackets } from './masked-packets.ts';
import type { Recorder } from './recorder.ts';

/** A frame has at least one packet and ends behind this many bytes. */
const FRAME_BYTES = 256 * 1024;

/** Answers what the hub asks for packets (flow/wire.ts), one request at a time. */
export class PacketAnswers {
  readonly #recorder: Recorder;
  readonly #policy: Policy;
  #request = Number.NaN;
  /** What is left of it to send. */
  #packets: readonly MaskedPacket[] = [];
  #next = 0;

  constructor(recorder: Recorder, policy: Policy) {
    this.#recorder = recorder;
    this.#policy = policy;
  }

  /** The frame for a message. */
  answer({ request, connection, from, to }: PacketsMessage): Uint8Array {
    if (request !== this.#request) {
      this.#request = request;
      this.#packets = maskedPackets(this.#recorder, connection, to, this.#policy).filter(
        ({ time }) => time >= from && time < to,
      );
      this.#next = 0;
    }
    const first = this.#next;
    let size = PACKETS_HEADER;
    while (this.#next < this.#packets.length && size < FRAME_BYTES) {
      size += PACKET_HEADER + this.#packets[this.#next++].data.length;
    }
    const hasMore = this.#next < this.#packets.length;
    const frame = this.#frame(this.#packets.slice(first, this.#next), size, hasMore);
    if (!hasMore) this.#packets = [];
    return frame;
  }

  #frame(packets: readonly MaskedPacket[], size: number, hasMore: boolean): Uint8Array {
    const frame = new Uint8Array(size);
    const view = new DataView(frame.buffer);
    frame[0] = PACKETS_KIND;
    frame[1] = hasMore ? 1 : 0;
    view.setUint32(4, this.#request, true);
    view.setFloat64(8, this.#recorder.oldest ?? Number.NaN, true);
    let at = PACKETS_HEADER;
    for (const { time, wireLength, data } of packets) {
      view.setFloat64(at, time, true);
      view.setUint32(at + 8, wireLength, true);
      view.setUint32(at + 12, data.length, true);
      frame.set(data, at + PACKET_HEADER);
      at += PACKET_HEADER + data.length;
    }
    return frame;
  }
}
