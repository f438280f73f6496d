import type { Readable } from 'node:stream';
import type { AddressNames } from '../../flow/address-names.ts';
import type { ExchangeMark } from '../../flow/exchange-mark.ts';
import type { Packet } from '../packet/packet.ts';
import { type ByteSource, openBytes, PeekedBytes, StreamBytes } from './bytes.ts';
import { CaptureError } from './error.ts';
import { type CaptureFormat, emptyStats } from './format.ts';
import { GunzipBytes, GZIP_MAGIC } from './gunzip.ts';
import { PCAP_HEADER_LENGTH, PcapFormat, pcapMagic } from './pcap.ts';
import { PcapngFormat, SECTION_HEADER } from './pcapng.ts';
import type { FileStats, PacketFile } from './source.ts';
import { Window } from './window.ts';

/**
 * Read at a time: what stays in the processor's cache until it is used. A record that is longer makes the room
 * grow, up to `MAX_BLOCK_LENGTH`.
 */
const CHUNK = 1 << 16;

/**
 * Opens a capture file: pcap or pcapng, or either in gzip; `-` is `stdin`. Rejects with a `CaptureError`:
 * CAPTURE_NOT_FOUND, CAPTURE_NOT_READABLE, CAPTURE_NOT_A_CAPTURE, or as `fill` does.
 */
export async function openFile(path: string, stdin: Readable = process.stdin): Promise<PacketFile> {
  let source: ByteSource = path === '-' ? new StreamBytes(stdin) : await openBytes(path);
  try {
    let window = new Window(CHUNK);
    await readAtLeast(2, source, window);
    if (
      window.available >= 2 &&
      window.bytes[0] === GZIP_MAGIC >> 8 &&
      window.bytes[1] === (GZIP_MAGIC & 0xff)
    ) {
      source = new GunzipBytes(new PeekedBytes(window.bytes.subarray(0, window.end), source));
      window = new Window(CHUNK);
    }
    const stats = { ...emptyStats(), namesLeftOut: 0, marksLeftOut: 0 };
    const names: AddressNames[] = [];
    const format = await openFormat(source, window, stats, (found) => names.push(...found));
    return new CaptureFile(path, source, window, format, stats, names);
  } catch (error) {
    await source.close();
    throw named(path, error);
  }
}

class CaptureFile implements PacketFile {
  readonly name: string;
  readonly stats: FileStats;
  readonly #source: ByteSource;
  readonly #window: Window;
  readonly #format: CaptureFormat;
  readonly #names: AddressNames[];
  /** What is wrong with the file at the place that `next` has reached. */
  #damage: unknown;

  constructor(
    name: string,
    source: ByteSource,
    window: Window,
    format: CaptureFormat,
    stats: FileStats,
    names: AddressNames[],
  ) {
    this.#names = names;
    this.name = name;
    this.stats = stats;
    this.#source = source;
    this.#window = window;
    this.#format = format;
  }

  get position(): number {
    return this.#source.position;
  }

  get size(): number | undefined {
    return this.#source.size;
  }

  next(packet: Packet): boolean {
    if (this.#damage !== undefined) return false;
    try {
      while (!this.#format.next(packet, this.#window)) if (!this.#readNow()) return false;
      return true;
    } catch (error) {
      this.#damage = named(this.name, error);
      return false;
    }
  }

  async fill(): Promise<boolean> {
    if (this.#damage !== undefined) throw this.#damage;
    try {
      if (await readMore(this.#source, this.#window)) return true;
      if (this.#window.available === 0 && !this.#format.unfinished) return false;
      throw cutOff(this.#window, `inside packet ${this.stats.packets + 1}`);
    } catch (error) {
      this.#damage = named(this.name, error);
      throw this.#damage;
    }
  }

  get marks(): readonly ExchangeMark[] {
    return this.#format.marks;
  }

  takeNames(): AddressNames[] {
    return this.#names.splice(0);
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  /** False: `fill` must be awaited, which knows whether the file has ended. */
  #readNow(): boolean {
    const source = this.#source;
    if (source.readNow === undefined) return false;
    const window = this.#window;
    window.makeRoom();
    const length = source.readNow(window.bytes, window.end, window.capacity);
    window.end += length;
    return length > 0;
  }
}

/** Tells the format by its first bytes and takes its header, where it has one, out of the window. */
async function openFormat(
  source: ByteSource,
  window: Window,
  stats: FileStats,
  onNames: (names: AddressNames[]) => void,
): Promise<CaptureFormat> {
  await readAtLeast(4, source, window);
  if (window.end === 0) throw new CaptureError('CAPTURE_NOT_A_CAPTURE', 'empty');
  const start = new DataView(window.bytes.buffer, 0, 4);
  if (window.end >= 4 && start.getUint32(0) === SECTION_HEADER) return new PcapngFormat(stats, onNames);

  const little = pcapMagic(start.getUint32(0, true)) !== undefined;
  const magic = pcapMagic(start.getUint32(0, little));
  if (window.end < 4 || magic === undefined) {
    const bytes = Buffer.from(window.bytes.subarray(0, Math.min(window.end, 4))).toString('hex');
    throw new CaptureError(
      'CAPTURE_NOT_A_CAPTURE',
      `not a capture: it begins with the bytes ${bytes}; give a pcap or pcapng file, or either compressed with gzip`,
    );
  }
  if (!(await readAtLeast(PCAP_HEADER_LENGTH, source, window)))
    throw cutOff(window, 'inside the file header');
  const header = window.bytes.slice(0, PCAP_HEADER_LENGTH);
  window.at = PCAP_HEADER_LENGTH;
  return new PcapFormat(header, magic, little, stats);
}

/** False if the source ends before that. */
async function readAtLeast(length: number, source: ByteSource, window: Window): Promise<boolean> {
  while (window.available < length) if (!(await readMore(source, window))) return false;
  return true;
}

/** False at the end of the source. */
async function readMore(source: ByteSource, window: Window): Promise<boolean> {
  window.makeRoom();
  if (window.end === window.capacity) return true;
  const length = await source.read(window.bytes, window.end, window.capacity);
  window.end += length;
  return length > 0;
}

function cutOff(window: Window, where: string): CaptureError {
  const end = window.offset + window.available;
  return new CaptureError(
    'CAPTURE_TRUNCATED',
    `cut off: it ends at byte ${end}, ${where}; was it copied, or its capture stopped, before it was complete?`,
  );
}

/** Formats and decompression say what is wrong; people must know with which file. */
function named(name: string, error: unknown): unknown {
  if (!(error instanceof CaptureError) || error.code === 'CAPTURE_NOT_READABLE') return error;
  const subject = name === '-' ? 'standard input' : name;
  return new CaptureError(error.code, `${subject} is ${error.message}`, { cause: error });
}
