import { frameMemory } from '../packet/frame-memory.ts';
import { LinkType } from '../packet/link.ts';
import { CaptureError } from './error.ts';
import type { Libpcap, NativeSession } from './libpcap.ts';
import { explainRefusal, readRights } from './rights.ts';

export interface SessionOptions {
  interface: string;
  filter: string;
  snapLength: number;
  bufferSize: number;
  /** After this many ms the kernel hands over a block of packets that is not full. */
  readTimeout: number;
  /** Called for each packet, during `read`. */
  onPacket: () => void;
}

/** How often, in ms, a closed session is asked whether a packet has come with which libpcap can end it. */
const CLOSE_INTERVAL = 100;

/** An open capture of libpcap's: the native session, its life cycle kept safe, its errors explained. */
export class Session {
  readonly linkType: number;
  /** Begins with the packet that `onPacket` is called for. */
  readonly memory: Uint8Array;
  /** Where in it room for copies begins. */
  readonly copyRoom: number;
  /** What is beyond that of a packet is cut off. */
  readonly snapLength: number;
  readonly #frame: Uint8Array;
  /** Its header: seconds, microseconds, captured length, length on the wire. */
  readonly header = new Uint32Array(4);
  readonly #native: NativeSession;
  readonly #headerBytes = new Uint8Array(this.header.buffer);
  #reading = false;
  #closing = false;

  constructor(libpcap: Libpcap, options: SessionOptions) {
    this.snapLength = options.snapLength;
    this.copyRoom = (this.snapLength + 7) & ~7;
    this.memory = frameMemory(this.copyRoom);
    this.#frame = this.memory.subarray(0, this.snapLength);
    this.#native = new libpcap.PcapSession();
    try {
      this.linkType = open(this.#native, options);
    } catch (cause) {
      throw this.#explain(libpcap, options, cause as Error);
    }
  }

  /**
   * Gives the packets that wait, until there are none. False: the capture is over, and nothing more will
   * come.
   */
  read(): boolean {
    this.#reading = true;
    const result = this.#native.dispatch(this.#frame, this.#headerBytes);
    this.#reading = false;
    if (this.#closing && result >= 0) this.#release();
    return result >= 0;
  }

  /** Packets dropped since it was opened. Not to be asked of a closed session. */
  drops(): { kernel: number; interface: number } {
    const { ps_drop, ps_ifdrop } = this.#native.stats();
    return { kernel: ps_drop, interface: ps_ifdrop };
  }

  /** May be called from within `onPacket`. */
  close(): void {
    this.#closing = true;
    this.#native.close();
    if (!this.#reading) this.#release();
  }

  /**
   * libpcap notices a close only when it handles a packet, and only then the addon frees socket and ring. On
   * a quiet interface that may take long, but it keeps no process alive.
   */
  #release(): void {
    const timer = setInterval(() => {
      if (this.#native.dispatch(this.#frame, this.#headerBytes) < 0) clearInterval(timer);
    }, CLOSE_INTERVAL);
    timer.unref();
  }

  /** The addon passes on libpcap's words and not its status: what was wrong is found out by looking. */
  #explain(libpcap: Libpcap, options: SessionOptions, cause: Error): CaptureError {
    const known = interfaceNames(libpcap);
    const name = options.interface;
    if (!known.includes(name)) {
      return new CaptureError('CAPTURE_NO_INTERFACE', `there is no interface ${name}`, {
        cause,
        remedy: `Choose one of these with --interface: ${known.join(', ')}.`,
      });
    }
    if (/permi|CAP_NET_RAW/i.test(cause.message)) return explainRefusal(name, readRights(), cause);
    if (options.filter !== '' && opensUnfiltered(libpcap, options)) {
      this.close();
      const message = `libpcap does not take the capture filter on ${name}: ${cause.message}`;
      return new CaptureError('CAPTURE_BAD_FILTER', message, { cause });
    }
    return new CaptureError('CAPTURE_FAILED', `cannot capture on ${name}: ${cause.message}`, { cause });
  }
}

function open(native: NativeSession, options: SessionOptions): number {
  const { filter, bufferSize, snapLength, onPacket, readTimeout } = options;
  // The addon warns where an interface has no IPv4 address, which only the filter primitive `broadcast` needs.
  const ignoreWarning = () => {};
  return linkTypeOf(
    native.open_live(
      options.interface,
      filter,
      bufferSize,
      snapLength,
      '',
      onPacket,
      false,
      readTimeout,
      ignoreWarning,
      false,
    ),
  );
}

function opensUnfiltered(libpcap: Libpcap, options: SessionOptions): boolean {
  const least = { filter: '', snapLength: 64, bufferSize: 1 << 20 };
  try {
    new Session(libpcap, { ...options, ...least, onPacket: () => {} }).close();
    return true;
  } catch {
    return false;
  }
}

/** Names of the interfaces that carry network packets. */
function interfaceNames(libpcap: Libpcap): string[] {
  return libpcap
    .findalldevs()
    .map(({ name }) => name)
    .filter((name) => !/^(bluetooth|dbus|nflog|nfqueue|usbmon)/.test(name));
}

/** The addon gives names to five link types and the number of any other. */
function linkTypeOf(name: string): number {
  switch (name) {
    case 'LINKTYPE_ETHERNET':
      return LinkType.ethernet;
    case 'LINKTYPE_LINUX_SLL':
      return LinkType.linuxSll;
    case 'LINKTYPE_NULL':
      return LinkType.null;
    case 'LINKTYPE_RAW':
      return LinkType.raw;
    default:
      return Number(/\d+/.exec(name)?.[0] ?? -1);
  }
}
