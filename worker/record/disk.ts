import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { DiskOptions, DiskProblem, FromDisk, ToDisk } from './disk-messages.ts';
import { DEFAULT_RECORD_LIMITS, type RecordLimits } from './limits.ts';
import type { RestoredStretch } from './restoration.ts';
import { Segment } from './segment.ts';
import { Stretch } from './stretch.ts';

/** Whoever waits for the segment of a stretch. */
interface Reader {
  readonly number: number;
  readonly resolve: (segment: Segment | undefined) => void;
}

/** On its way to the disk. */
interface Writing {
  readonly stretch: Stretch;
  readonly buffer: SharedArrayBuffer;
}

/** Where a recorder's packets are. */
export interface RecordPlace {
  readonly directory: string;
  /** In memory (tmpfs), where the key is kept for the worker that comes after this one; undefined: packets end with the worker. */
  readonly keyDirectory?: string | undefined;
}

/**
 * A recorder's disk, seen from the thread of the packets: segments are handed to a thread of its own and come back when asked for. What
 * cannot be written stays in memory and is tried again.
 */
export class Disk {
  readonly counters = {
    /** Writes that failed because there was no room, and for another reason. */
    recordDiskFull: 0,
    recordWriteErrors: 0,
    /** Segments that could not be read, or were not what was written. */
    recordReadErrors: 0,
    /** Packets of an earlier worker that are there again, and files of it that could not be read and were removed. */
    recordRestoredPackets: 0,
    recordUnrestoredFiles: 0,
    /** 1: the key cannot be kept, and packets end with this worker. */
    recordKeyRefused: 0,
  };
  /** Why the last write failed. */
  problem: DiskProblem | undefined;
  /** Why the key is not kept, where it should be. */
  keyProblem: DiskProblem | undefined;
  /** Whether what is written is there for the worker that comes after this one. */
  isLasting: boolean;
  readonly #limits: RecordLimits;
  readonly #thread: Worker;
  /** By name: on their way to the disk, and those that could not be written, oldest first. */
  readonly #writing = new Map<string, Writing>();
  readonly #unwritten = new Map<string, Stretch>();
  readonly #reading = new Map<string, Promise<Segment | undefined>>();
  readonly #readers = new Map<string, Reader>();
  /** Read last: at the end. */
  readonly #read = new Map<string, Segment>();
  /** Kept: memory that a process touches for the first time costs more than what is written to it. */
  readonly #spare: SharedArrayBuffer[] = [];
  readonly #retry: NodeJS.Timeout;
  readonly #waitingForRoom: (() => void)[] = [];
  #isDead = false;
  #restored: readonly Stretch[] | undefined;

  /** Its thread ends with `close`. The directory is made when something is written. */
  constructor({ directory, keyDirectory }: RecordPlace, limits: RecordLimits) {
    this.isLasting = keyDirectory !== undefined;
    this.#limits = limits;
    // Those of an earlier worker may be larger than this one's.
    const segmentBytes = Math.max(limits.recordSegmentBytes, DEFAULT_RECORD_LIMITS.recordSegmentBytes);
    this.#thread = startThread({ directory, keyDirectory, roomBytes: limits.recordBytes, segmentBytes });
    this.#thread.on('message', (message: FromDisk) => this.#hear(message));
    this.#thread.on('error', (error) => this.#died(error));
    this.#retry = setInterval(() => this.#writeAgain(), limits.recordRetryMs).unref();
  }

  /** Segments that are not on the disk yet, of `waitingLimit` there is memory for. */
  get waiting(): number {
    return this.#writing.size + this.#unwritten.size;
  }

  get waitingLimit(): number {
    const { recordWaitingBytes, recordSegmentBytes } = this.#limits;
    return Math.max(1, Math.floor(recordWaitingBytes / recordSegmentBytes));
  }

  /** Resolves when half of the memory for segments that wait is free: at once, if it is or if nothing can be written. */
  async room(): Promise<void> {
    while (this.problem === undefined && this.#writing.size * 2 > this.waitingLimit) {
      await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
    }
  }

  /** The oldest of those that could not be written. */
  get oldestUnwritten(): Stretch | undefined {
    for (const stretch of this.#unwritten.values()) return stretch;
    return undefined;
  }

  /** What an earlier worker has left, sealed and oldest first: once, when it has been looked through. */
  takeRestored(): readonly Stretch[] | undefined {
    const restored = this.#restored;
    this.#restored = undefined;
    return restored;
  }

  /**
   * Memory for a segment, which both threads see: where one is handed over to another thread, the engine no longer trusts that any memory
   * stays where it is, and all that reads packets gets slower.
   */
  buffer(): SharedArrayBuffer {
    return this.#spare.pop() ?? new SharedArrayBuffer(this.#limits.recordSegmentBytes);
  }

  /** Takes the bytes of a stretch that is sealed. */
  write(stretch: Stretch): void {
    if (this.problem === undefined) this.#send(stretch);
    else this.#unwritten.set(stretch.name, stretch);
  }

  /** undefined: it is not there. */
  async read({ name, number }: Stretch): Promise<Segment | undefined> {
    const known = this.#read.get(name);
    if (known !== undefined || this.#isDead) return known;
    const asked = this.#reading.get(name);
    if (asked !== undefined) return asked;
    const reading = new Promise<Segment | undefined>((resolve) => {
      this.#readers.set(name, { number, resolve });
      this.#post({ kind: 'read', name });
    });
    this.#reading.set(name, reading);
    return reading;
  }

  /** The stretch is let go. */
  remove({ name }: Stretch): void {
    this.#read.delete(name);
    if (!this.#unwritten.delete(name)) this.#post({ kind: 'remove', name });
  }

  /** Resolves when what it was given is written, or if nothing is to last, when its files are removed. */
  async close(): Promise<void> {
    clearInterval(this.#retry);
    if (this.#isDead) return;
    await new Promise<void>((resolve) => {
      this.#thread.once('exit', () => resolve());
      this.#post({ kind: 'close' });
    });
  }

  #send(stretch: Stretch): void {
    const { name, size, segment } = stretch;
    const buffer = segment!.buffer as SharedArrayBuffer;
    stretch.segment = undefined;
    this.#writing.set(name, { stretch, buffer });
    this.#post({ kind: 'write', name, size, buffer });
  }

  #post(message: ToDisk): void {
    this.#thread.postMessage(message);
  }

  #hear(message: FromDisk): void {
    if (message.kind === 'written') this.#written(message.name, message.problem);
    else if (message.kind === 'read') this.#hasRead(message.name, message.bytes);
    else if (message.kind === 'restored') this.#hasRestored(message.stretches, message.unreadable);
    else if (message.problem !== undefined) this.#cannotLast(message.problem);
  }

  #cannotLast(problem: DiskProblem): void {
    this.keyProblem = problem;
    this.isLasting = false;
    this.counters.recordKeyRefused = 1;
  }

  #hasRestored(stretches: readonly RestoredStretch[], unreadable: number): void {
    this.#restored = stretches.map(
      ({ session, number, ...contents }) => new Stretch(session, number, contents),
    );
    this.counters.recordRestoredPackets = stretches.reduce((sum, { packets }) => sum + packets, 0);
    this.counters.recordUnrestoredFiles = unreadable;
  }

  #written(name: string, problem: DiskProblem | undefined): void {
    const { stretch, buffer } = this.#writing.get(name)!;
    this.#writing.delete(name);
    this.problem = problem;
    for (const resolve of this.#waitingForRoom.splice(0)) resolve();
    if (problem !== undefined) {
      if (problem.code === 'ENOSPC' || problem.code === 'EDQUOT') this.counters.recordDiskFull++;
      else this.counters.recordWriteErrors++;
    }
    if (problem === undefined || stretch.isGone) {
      if (this.#spare.length < this.waitingLimit) this.#spare.push(buffer);
      if (problem === undefined) this.#writeOthers();
      return;
    }
    this.#keep(stretch, buffer);
  }

  /** It was not written: it stays in memory. */
  #keep(stretch: Stretch, buffer: SharedArrayBuffer): void {
    stretch.segment = new Segment(stretch.number, buffer, stretch.size);
    this.#unwritten.set(stretch.name, stretch);
  }

  /** One of those that could not be written: where that works now the others follow. */
  #writeAgain(): void {
    const stretch = this.oldestUnwritten;
    if (stretch === undefined || this.#writing.size > 0 || this.#isDead) return;
    this.#unwritten.delete(stretch.name);
    this.#send(stretch);
  }

  #writeOthers(): void {
    for (const stretch of this.#unwritten.values()) this.#send(stretch);
    this.#unwritten.clear();
  }

  /** From now on there is only memory. */
  #died({ message }: Error): void {
    this.#isDead = true;
    this.problem = { code: 'THREAD', message };
    this.counters.recordWriteErrors++;
    for (const { stretch, buffer } of this.#writing.values()) {
      if (!stretch.isGone) this.#keep(stretch, buffer);
    }
    this.#writing.clear();
    for (const resolve of this.#waitingForRoom.splice(0)) resolve();
    for (const { resolve } of this.#readers.values()) resolve(undefined);
    this.#readers.clear();
    this.#reading.clear();
  }

  #hasRead(name: string, bytes: ArrayBuffer | DiskProblem): void {
    const { number, resolve } = this.#readers.get(name)!;
    this.#readers.delete(name);
    this.#reading.delete(name);
    if (!(bytes instanceof ArrayBuffer)) {
      this.counters.recordReadErrors++;
      resolve(undefined);
      return;
    }
    const segment = new Segment(number, bytes, bytes.byteLength);
    this.#read.set(name, segment);
    const { recordReadBytes, recordSegmentBytes } = this.#limits;
    if (this.#read.size * recordSegmentBytes > recordReadBytes) {
      const [first] = this.#read.keys();
      this.#read.delete(first);
    }
    resolve(segment);
  }
}

function startThread(workerData: DiskOptions): Worker {
  const extension = extname(fileURLToPath(import.meta.url));
  const module = new URL(`./disk-thread${extension}`, import.meta.url);
  if (extension === '.js') return new Worker(module, { workerData });
  return new Worker(new URL('../../scripts/thread-from-source.mjs', import.meta.url), {
    argv: [module.href],
    workerData,
  });
}
