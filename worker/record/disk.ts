import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { DiskProblem, FromDisk, ToDisk } from './disk-messages.ts';
import type { RecordLimits } from './limits.ts';
import { Segment } from './segment.ts';
import type { Stretch } from './stretch.ts';

/** Buffers that are kept for segments to come. */
const SPARE_BUFFERS = 2;

/**
 * A recorder's disk, seen from the thread of the packets: segments are handed to a thread of its own and come back when asked for. What
 * cannot be written stays in memory and is tried again.
 */
export class Disk {
  readonly directory: string;
  readonly counters = {
    /** Writes that failed because there was no room, and for another reason. */
    recordDiskFull: 0,
    recordWriteErrors: 0,
    /** Segments that could not be read, or were not what was written. */
    recordReadErrors: 0,
  };
  /** Why the last write failed. */
  problem: DiskProblem | undefined;
  readonly #limits: RecordLimits;
  readonly #thread: Worker;
  /** By number: on their way to the disk, and those that could not be written, oldest first. */
  readonly #writing = new Map<number, Stretch>();
  readonly #unwritten = new Map<number, Stretch>();
  readonly #reading = new Map<number, Promise<Segment | undefined>>();
  readonly #readers = new Map<number, (segment: Segment | undefined) => void>();
  /** Read last: at the end. */
  readonly #read = new Map<number, Segment>();
  readonly #spare: ArrayBuffer[] = [];
  readonly #retry: NodeJS.Timeout;
  readonly #waitingForRoom: (() => void)[] = [];
  #isDead = false;

  /** Its thread ends with `close`. The directory is made when something is written. Files of a worker that has died are removed at once. */
  constructor(directory: string, limits: RecordLimits) {
    this.directory = directory;
    this.#limits = limits;
    this.#thread = startThread(directory);
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

  /** Memory for a segment. */
  buffer(): ArrayBuffer {
    return this.#spare.pop() ?? new ArrayBuffer(this.#limits.recordSegmentBytes);
  }

  /** Takes the bytes of a stretch that is sealed. */
  write(stretch: Stretch): void {
    if (this.problem === undefined) this.#send(stretch);
    else this.#unwritten.set(stretch.number, stretch);
  }

  /** undefined: it is not there. */
  async read({ number }: Stretch): Promise<Segment | undefined> {
    const known = this.#read.get(number);
    if (known !== undefined || this.#isDead) return known;
    const asked = this.#reading.get(number);
    if (asked !== undefined) return asked;
    const reading = new Promise<Segment | undefined>((resolve) => {
      this.#readers.set(number, resolve);
      this.#post({ kind: 'read', number });
    });
    this.#reading.set(number, reading);
    return reading;
  }

  /** The stretch is let go. */
  remove({ number }: Stretch): void {
    this.#read.delete(number);
    if (!this.#unwritten.delete(number)) this.#post({ kind: 'remove', number });
  }

  /** Resolves when its files are removed. */
  async close(): Promise<void> {
    clearInterval(this.#retry);
    if (this.#isDead) return;
    await new Promise<void>((resolve) => {
      this.#thread.once('exit', () => resolve());
      this.#post({ kind: 'close' });
    });
  }

  #send(stretch: Stretch): void {
    const { number, size, segment } = stretch;
    const { buffer } = segment!;
    stretch.segment = undefined;
    this.#writing.set(number, stretch);
    this.#thread.postMessage({ kind: 'write', number, size, buffer } satisfies ToDisk, [buffer]);
  }

  #post(message: ToDisk): void {
    this.#thread.postMessage(message);
  }

  #hear(message: FromDisk): void {
    if (message.kind === 'written') this.#written(message.number, message.buffer, message.problem);
    else this.#hasRead(message.number, message.bytes);
  }

  #written(number: number, buffer: ArrayBuffer, problem: DiskProblem | undefined): void {
    const stretch = this.#writing.get(number)!;
    this.#writing.delete(number);
    this.problem = problem;
    for (const resolve of this.#waitingForRoom.splice(0)) resolve();
    if (problem !== undefined) {
      if (problem.code === 'ENOSPC' || problem.code === 'EDQUOT') this.counters.recordDiskFull++;
      else this.counters.recordWriteErrors++;
    }
    if (problem === undefined || stretch.isGone) {
      if (this.#spare.length < SPARE_BUFFERS) this.#spare.push(buffer);
      if (problem === undefined) this.#writeOthers();
      return;
    }
    stretch.segment = new Segment(number, buffer, stretch.size);
    this.#unwritten.set(number, stretch);
  }

  /** One of those that could not be written: where that works now the others follow. */
  #writeAgain(): void {
    const stretch = this.oldestUnwritten;
    if (stretch === undefined || this.#writing.size > 0 || this.#isDead) return;
    this.#unwritten.delete(stretch.number);
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
    this.#writing.clear();
    for (const resolve of this.#waitingForRoom.splice(0)) resolve();
    for (const resolve of this.#readers.values()) resolve(undefined);
    this.#readers.clear();
    this.#reading.clear();
  }

  #hasRead(number: number, bytes: ArrayBuffer | DiskProblem): void {
    const resolve = this.#readers.get(number)!;
    this.#readers.delete(number);
    this.#reading.delete(number);
    if (!(bytes instanceof ArrayBuffer)) {
      this.counters.recordReadErrors++;
      resolve(undefined);
      return;
    }
    const segment = new Segment(number, bytes, bytes.byteLength);
    this.#read.set(number, segment);
    const { recordReadBytes, recordSegmentBytes } = this.#limits;
    if (this.#read.size * recordSegmentBytes > recordReadBytes) {
      const [first] = this.#read.keys();
      this.#read.delete(first);
    }
    resolve(segment);
  }
}

function startThread(directory: string): Worker {
  const extension = extname(fileURLToPath(import.meta.url));
  const module = new URL(`./disk-thread${extension}`, import.meta.url);
  if (extension === '.js') return new Worker(module, { workerData: directory });
  return new Worker(new URL('../../scripts/thread-from-source.mjs', import.meta.url), {
    argv: [module.href],
    workerData: directory,
  });
}
