import { createRequire } from 'node:module';
import { CaptureError } from './error.ts';

/**
 * The native part of the `pcap` package, as far as it is used. The package's own JavaScript makes two objects
 * and an event of each packet, and never lets go of a session whose filter was wrong; so this talks to the
 * addon itself.
 */
export interface Libpcap {
  PcapSession: new () => NativeSession;
  findalldevs(): { name: string }[];
}

export interface NativeSession {
  /**
   * Opens an interface and returns the name of its link type. Throws an `Error` with libpcap's message.
   * `readTimeout` is in ms: 0 would be libpcap's immediate mode, whose ring has one slot a packet, each as
   * large as the snapshot length: 64 MiB would be 256 packets. With a timeout the slots are as large as the
   * packets (TPACKET_V3).
   */
  open_live(
    device: string,
    filter: string,
    bufferSize: number,
    snapLength: number,
    dumpFile: '',
    onPacket: () => void,
    monitorMode: false,
    readTimeout: number,
    warn: (text: string) => void,
    promiscuous: boolean,
  ): string;
  /**
   * Copies each packet that waits into `frame`, its header into `header` (seconds, microseconds, captured
   * length, length on the wire, each 32 bits in the machine's order) and calls `onPacket`, until none is
   * left; then returns 0. Below 0: an error, or the session is closed; it must not be called again.
   */
  dispatch(frame: Uint8Array, header: Uint8Array): number;
  /** Marks the session; it is closed by the `dispatch` that next finds a packet. */
  close(): void;
  stats(): { ps_recv: number; ps_drop: number; ps_ifdrop: number };
}

/** Loads the addon. Throws CAPTURE_LIBPCAP_MISSING: reading files works without it. */
export function loadLibpcap(): Libpcap {
  try {
    return createRequire(import.meta.url)('pcap/build/Release/pcap_binding.node') as Libpcap;
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new CaptureError(
      'CAPTURE_LIBPCAP_MISSING',
      `live capture needs libpcap, which cannot be loaded (${reason})`,
      {
        cause,
        remedy:
          'On Debian or Ubuntu type `sudo apt-get install libpcap-dev g++ make python3 && npm rebuild pcap`.',
      },
    );
  }
}
