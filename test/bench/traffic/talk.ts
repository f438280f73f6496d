import { ACK, FIN, PSH, SYN } from '../../../worker/packet/packet.ts';
import { checksum, wordSum } from '../../packets/checksum.ts';
import { addressBytes, ethernet, ipv4, put16, put32, tcp, timestampOption } from '../../packets/index.ts';
import type { CaptureWriter } from './capture-writer.ts';

/** Payload bytes of a full segment on Ethernet, beside TCP's timestamps. */
const MSS = 1448;

const IP = 14;
const TCP = IP + 20;
const PAYLOAD = TCP + 32;
const TCP_PROTOCOL = 6;

/** Shared by the connections of a capture. */
export interface Clock {
  /** Time of the packet that is written next, µs since the epoch, whole. */
  time: number;
}

export interface Ends {
  client: string;
  clientPort: number;
  server: string;
  serverPort: number;
}

/**
 * A TCP connection that is written packet by packet, IPv4 over Ethernet with right checksums. What `Conversation`
 * does for tests, for millions of packets: headers are made once by the packet builders, then only changed.
 * The generators yield after each packet, so that connections can be interleaved.
 */
export class Talk {
  private readonly client: End;
  private readonly server: End;

  constructor(writer: CaptureWriter, clock: Clock, ends: Ends, firstSeq: number) {
    const { client, clientPort, server, serverPort } = ends;
    this.client = new End(writer, clock, client, clientPort, server, serverPort, firstSeq);
    this.server = new End(writer, clock, server, serverPort, client, clientPort, Math.imul(firstSeq, 31));
  }

  *handshake(): Generator<void> {
    this.client.packet(SYN, 0);
    yield;
    this.server.packet(SYN | ACK, this.client.seq);
    yield;
    this.client.packet(ACK, this.server.seq);
    yield;
  }

  /** A request, its answer, and what the client acknowledges of it: every second segment, and the last one. */
  *exchange(request: Buffer, answer: Buffer): Generator<void> {
    yield* this.client.send(request, this.server, false);
    yield* this.server.send(answer, this.client, true);
  }

  *close(): Generator<void> {
    this.client.packet(ACK | FIN, this.server.seq);
    yield;
    this.server.packet(ACK | FIN, this.client.seq);
    yield;
    this.client.packet(ACK, this.server.seq);
    yield;
  }
}

class End {
  seq: number;
  private readonly writer: CaptureWriter;
  private readonly clock: Clock;
  /** Headers of a packet without payload. */
  private readonly headers: Uint8Array;
  /** Checksum of the addresses and the protocol (RFC 9293 §3.1). */
  private readonly pseudoHeader: number;
  private readonly start: number;
  private ipId: number;

  constructor(
    writer: CaptureWriter,
    clock: Clock,
    src: string,
    srcPort: number,
    dst: string,
    dstPort: number,
    seq: number,
  ) {
    this.writer = writer;
    this.clock = clock;
    const segment = tcp({ srcPort, dstPort, options: timestampOption(0, 0) });
    this.headers = ethernet({ payload: ipv4({ src, dst, dontFragment: true, payload: segment }) });
    put16(this.headers, TCP + 16, 0);
    this.pseudoHeader = wordSum(addressBytes(src)) + wordSum(addressBytes(dst)) + TCP_PROTOCOL;
    this.start = clock.time;
    this.seq = seq;
    this.ipId = seq & 0xffff;
  }

  /** `acknowledged`: by packets without payload, and not by what the peer sends next. */
  *send(message: Buffer, peer: End, acknowledged: boolean): Generator<void> {
    let segments = 0;
    for (let at = 0; at < message.length; at += MSS) {
      const end = Math.min(at + MSS, message.length);
      const isLast = end === message.length;
      this.packet(isLast ? ACK | PSH : ACK, peer.seq, message, at, end);
      yield;
      segments++;
      if (!acknowledged || (segments % 2 === 1 && !isLast)) continue;
      peer.packet(ACK, this.seq);
      yield;
    }
  }

  /** A packet with the payload `data[start, end)`; what it takes of the sequence space is gone afterwards. */
  packet(flags: number, ack: number, data: Buffer = NOTHING, start = 0, end = 0): void {
    const { clock, writer, headers } = this;
    const length = end - start;
    const at = writer.frame(clock.time, PAYLOAD + length);
    const { bytes } = writer;
    bytes.set(headers, at);
    put16(bytes, at + IP + 2, PAYLOAD - IP + length);
    put16(bytes, at + IP + 4, this.ipId);
    put16(bytes, at + IP + 10, 0);
    put16(bytes, at + IP + 10, checksum(bytes, at + IP, at + TCP));
    put32(bytes, at + TCP + 4, this.seq);
    put32(bytes, at + TCP + 8, ack);
    bytes[at + TCP + 13] = flags;
    // As Linux counts: milliseconds; 0 would mean none.
    const stamp = Math.floor((clock.time - this.start) / 1000) + 1;
    put32(bytes, at + TCP + 24, stamp);
    put32(bytes, at + TCP + 28, flags === SYN ? 0 : stamp);
    data.copy(bytes, at + PAYLOAD, start, end);
    const sum = this.pseudoHeader + PAYLOAD - TCP + length;
    put16(bytes, at + TCP + 16, checksum(bytes, at + TCP, at + PAYLOAD + length, sum));

    clock.time += STEP;
    this.ipId = (this.ipId + 1) & 0xffff;
    this.seq = (this.seq + length + ((flags & (SYN | FIN)) === 0 ? 0 : 1)) | 0;
  }
}

/** From one packet of the capture to the next, µs. */
const STEP = 2;
const NOTHING = Buffer.alloc(0);
