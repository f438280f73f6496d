import { Segment } from './segment.ts';
import type { SegmentFiles, StoredFile } from './segment-files.ts';
import type { StretchContents } from './stretch.ts';

/** A segment of a worker that is no more. */
export interface RestoredStretch extends StretchContents {
  readonly session: string;
  readonly number: number;
}

/** `SESSION-NUMBER`, the session as the hub takes it (hub/ingest/message.ts). */
const NAME = /^([A-Za-z0-9_-]{8,64})-(\d{1,15})$/;

/**
 * Looks through the files that an earlier worker with the same key has left, one at a time, so that others can be written meanwhile. What
 * cannot be read is removed: it was being written when that worker died, was changed, or is of another key.
 */
export class Restoration {
  /** Files that were removed because they could not be read. */
  unreadable = 0;
  readonly #files: SegmentFiles;
  readonly #room: number;
  /** Oldest first. */
  readonly #pending: StoredFile[];
  readonly #restored: RestoredStretch[] = [];
  /** Of all files there are. */
  #bytes: number;

  /** `room`: how many bytes files may have, with those to come. */
  constructor(files: SegmentFiles, room: number) {
    this.#files = files;
    this.#room = room;
    this.#pending = files.list();
    this.#bytes = this.#pending.reduce((sum, { bytes }) => sum + bytes, 0);
    this.makeRoom(0);
  }

  get isOver(): boolean {
    return this.#pending.length === 0;
  }

  /** Those that were read, oldest first. */
  get restored(): RestoredStretch[] {
    const begins = new Map<string, number>();
    for (const { session, first } of this.#restored)
      begins.set(session, Math.min(first, begins.get(session) ?? first));
    // Clocks are set back; numbers are not.
    return this.#restored.sort((a, b) =>
      a.session === b.session ? a.number - b.number : begins.get(a.session)! - begins.get(b.session)!,
    );
  }

  /** A file of so many bytes is to be written: where there is no room the oldest of those that were not looked at are let go. */
  makeRoom(bytes: number): void {
    this.#bytes += bytes;
    let count = 0;
    while (this.#bytes > this.#room && count < this.#pending.length)
      this.#bytes -= this.#remove(this.#pending[count++]);
    this.#pending.splice(0, count);
  }

  /** Looks at the newest of those that are left. */
  next(): void {
    const file = this.#pending.pop();
    if (file === undefined) return;
    const { name } = file;
    try {
      const [, session, number] = NAME.exec(name)!;
      const bytes = this.#files.read(name);
      const segment = new Segment(Number(number), bytes.buffer, bytes.length);
      this.#restored.push({ session, number: Number(number), ...contentsOf(segment) });
    } catch {
      this.unreadable++;
      this.#bytes -= this.#remove(file);
    }
  }

  #remove({ name, bytes }: StoredFile): number {
    this.#files.remove(name);
    return bytes;
  }
}

/** Reads through a segment that has packets. */
function contentsOf(segment: Segment): StretchContents {
  const connections: number[] = [];
  let newest = 0;
  let packets = 0;
  for (let at = 0; at < segment.end; at = segment.next(at)) {
    if (segment.isDescription(at)) {
      connections.push(segment.connectionOf(at));
      continue;
    }
    packets++;
    newest = Math.max(newest, segment.timeOf(at));
  }
  return {
    ...{ first: segment.timeOf(0), newest, packets, size: segment.end },
    connections: Int32Array.from(connections),
  };
}
