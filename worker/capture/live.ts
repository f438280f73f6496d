import { Packet } from '../packet/packet.ts';
import { CaptureError } from './error.ts';
import { emptyStats, MAX_PACKET_LENGTH } from './format.ts';
import { loadLibpcap } from './libpcap.ts';
import { Session } from './session.ts';
import type { LiveCapture, PacketSink, SourceStats } from './source.ts';

export interface LiveOptions {
  /** A name as in `ip link`, or `any`. */
  interface: string;
  /** In libpcap's language; see `captureFilter`. Empty: all packets. */
  filter: string;
  /**
   * Bytes kept of a packet; default all that a segment can have (262,144): offload makes segments of 64 KiB.
   */
  snapLength?: number;
  /** Bytes of the kernel's ring; default 64 MiB. */
  bufferSize?: number;
  /** Must not throw: it is called from native code, where nothing can catch. */
  sink: PacketSink;
  /**
   * The capture has ended by itself: its interface is gone. Without it the error is thrown, and nobody
   * catches it.
   */
  onFailure?: (error: CaptureError) => void;
}

const BUFFER_SIZE = 64 << 20;
/**
 * After this many ms the kernel hands over a block that is not full. It must not be 0: that is libpcap's
 * immediate mode, whose ring has slots as large as the snapshot length, 256 of them in 64 MiB. Measured on
 * loopback at 67,000 packets/s, read every 10 ms: with 0 three quarters were lost, with 20 none.
 */
const READ_TIMEOUT = 20;
/**
 * How often the ring is emptied, in ms. The addon can also wait for the ring to be readable, which costs as
 * much, but then it cannot stop waiting before another packet has come: on a quiet interface the process
 * would not end. At this pace a ring of 64 MiB takes 6 GB/s.
 */
const READ_INTERVAL = 10;
/**
 * The addon gives packets until the ring is empty. When they come faster than they can be read that is never,
 * and nothing else in the process would run: no upload, no Ctrl-C. After this many ms packets are only
 * counted, which empties any ring.
 */
const READ_BUDGET = 500;
/** Packets from one look at the clock to the next. */
const CLOCK_INTERVAL = 64;

/**
 * Starts to capture; packets come by `sink` until `close`. Throws a `CaptureError`: CAPTURE_NOT_PERMITTED,
 * CAPTURE_NO_INTERFACE, CAPTURE_BAD_FILTER, CAPTURE_LIBPCAP_MISSING, CAPTURE_FAILED.
 */
export function openLive(options: LiveOptions): LiveCapture {
  return new RingReader(options);
}

/** Empties the kernel's ring at a steady pace. */
class RingReader implements LiveCapture {
  readonly interfaceName: string;
  readonly #session: Session;
  readonly #sink: PacketSink;
  readonly #onFailure: (error: CaptureError) => void;
  readonly #packet = new Packet();
  readonly #stats: SourceStats = emptyStats();
  readonly #timer: NodeJS.Timeout;
  #closed = false;
  /** When the reading under way began, and whether it has used up its budget. */
  #readingSince = 0;
  #overloaded = false;

  constructor(options: LiveOptions) {
    this.interfaceName = options.interface;
    this.#sink = options.sink;
    this.#onFailure = options.onFailure ?? throwIt;
    this.#session = new Session(loadLibpcap(), {
      interface: options.interface,
      filter: options.filter,
      snapLength: options.snapLength ?? MAX_PACKET_LENGTH,
      bufferSize: options.bufferSize ?? BUFFER_SIZE,
      readTimeout: READ_TIMEOUT,
      onPacket: () => this.#take(),
    });
    this.#packet.linkType = this.#session.linkType;
    this.#timer = setInterval(() => this.#read(), READ_INTERVAL);
  }

  stats(): SourceStats {
    if (!this.#closed) {
      const drops = this.#session.drops();
      this.#stats.kernelDrops = drops.kernel;
      this.#stats.interfaceDrops = drops.interface;
    }
    return { ...this.#stats };
  }

  close(): void {
    if (this.#closed) return;
    this.stats();
    this.#closed = true;
    clearInterval(this.#timer);
    this.#session.close();
  }

  #read(): void {
    this.#readingSince = performance.now();
    this.#overloaded = false;
    if (this.#session.read() || this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    const message = `the capture on ${this.interfaceName} has ended: is the interface gone?`;
    this.#onFailure(new CaptureError('CAPTURE_FAILED', message));
  }

  #take(): void {
    if (this.#closed) return;
    const stats = this.#stats;
    if (this.#overloaded) {
      stats.overloadDrops++;
      return;
    }
    stats.packets++;
    if (stats.packets % CLOCK_INTERVAL === 0) {
      this.#overloaded = performance.now() - this.#readingSince > READ_BUDGET;
    }
    const { memory, copyRoom, header, snapLength } = this.#session;
    const captured = Math.min(header[2]!, snapLength);
    stats.bytes += captured;
    const packet = this.#packet;
    packet.data = memory;
    packet.copyRoom = copyRoom;
    packet.start = 0;
    packet.end = captured;
    packet.wireLength = header[3]!;
    packet.time = header[0]! * 1e6 + header[1]!;
    this.#sink(packet);
  }
}

function throwIt(error: CaptureError): never {
  throw error;
}
