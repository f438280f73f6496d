import type { RecordWriter } from '../../flow/record.ts';
import type { ConnectionInfo } from '../tcp/stream.ts';
import { writeConnection } from './connection-record.ts';

export const REFUSAL_LIMITS = {
  /** Refused connections that are told of each second of packet time (`refusalsUntold`): a port scan crowds out no traffic. */
  refusalsPerSecond: 100,
} as const;

const SECOND = 1_000_000;

/** Tells of connections that their servers refused, so many a second; no exchange ever tells of these. */
export class Refusals {
  readonly counters = { refusalsUntold: 0 };
  readonly #writer: RecordWriter;
  /** µs; the second that is counted begins here. */
  #since = Number.NEGATIVE_INFINITY;
  #told = 0;

  constructor(writer: RecordWriter) {
    this.#writer = writer;
  }

  add(connection: ConnectionInfo): void {
    // Time may run backwards where one capture follows another.
    if (Math.abs(connection.time - this.#since) >= SECOND) {
      this.#since = connection.time;
      this.#told = 0;
    }
    if (this.#told >= REFUSAL_LIMITS.refusalsPerSecond) {
      this.counters.refusalsUntold++;
      return;
    }
    this.#told++;
    writeConnection(this.#writer, connection, false, 'refused');
  }
}
