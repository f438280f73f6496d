import type { ConnectionInfo } from '../tcp/stream.ts';
import { RecordMarks } from './marks.ts';

/**
 * Which connections are left out while packets come faster than the disk takes them: first those that begin, so that those that are
 * being recorded stay whole; and what there is no memory for. A connection that has lost a packet is left out until all that waits is
 * written.
 */
export class Shedding {
  readonly counters = { recordShedPackets: 0, recordShedConnections: 0 };
  /** Whether it needs to be asked. */
  isOn = false;
  #mark: number = RecordMarks.firstShed;

  /** So many segments of at most `limit` wait. */
  update(waiting: number, limit: number): void {
    if (waiting === 0 && this.isOn) {
      this.isOn = false;
      this.#mark--;
    } else if (waiting * 2 >= limit) {
      this.isOn = true;
    }
  }

  /** Whether a packet of the connection is left out, though there may be memory for it. */
  leavesOut({ recordMark }: ConnectionInfo): boolean {
    return recordMark === this.#mark || recordMark === RecordMarks.unseen;
  }

  /** Counts a packet that is left out, and with it those of its connection that come. */
  leaveOut(connection: ConnectionInfo): void {
    this.isOn = true;
    this.counters.recordShedPackets++;
    if (connection.recordMark === this.#mark) return;
    this.counters.recordShedConnections++;
    connection.recordMark =
      connection.recordMark === RecordMarks.lastWanted ? RecordMarks.unwanted : this.#mark;
  }
}
