/** The exchanges of one TCP connection in their order, and what plain TCP tells of those that went wrong. */

import type { FlowRow } from '../../../flow/api.ts';
import type { Connection } from '../../../flow/flow.ts';
import { parseTime } from '../../../flow/time.ts';
import { duration } from '../lib/format.ts';

export interface ConnectionExchange {
  row: FlowRow;
  /** ms from the end of the exchange before (or the connection's begin) to this one; undefined where an end was not seen. */
  idleMs?: number;
  /** What went wrong and why, in a sentence or two, where TCP tells it. */
  cause?: string;
}

/** A keep-alive connection that was silent for less was in use. */
const IDLE_MS = 1000;
/** A close so soon after a request was on its way already, or was the server's whole answer to it. */
const CROSSED_MS = 1000;

export interface ConnectionStory {
  /** In the order of their requests. */
  exchanges: ConnectionExchange[];
  /** ms from the end of the last exchange to that of the connection; undefined where one of them is not known. */
  idleAtEndMs?: number;
}

/** `rows` in any order; `connection` undefined: nothing is known of it yet. */
export function exchangesOf(rows: readonly FlowRow[], connection: Connection | undefined): ConnectionStory {
  const ordered = [...rows].sort((a, b) => parseTime(a.time) - parseTime(b.time) || (a.id < b.id ? -1 : 1));
  let busyUntil = connection === undefined ? undefined : parseTime(connection.start);
  const idleUntil = (us: number): number | undefined =>
    busyUntil === undefined ? undefined : Math.max(0, (us - busyUntil) / 1000);
  const exchanges = ordered.map((row, at) => {
    const start = parseTime(row.time);
    const idleMs = idleUntil(start);
    busyUntil = row.elapsedMs === null ? undefined : Math.max(busyUntil ?? 0, start + row.elapsedMs * 1000);
    const cause = connection && causeOf(row, connection, at === 0 ? undefined : idleMs);
    return { row, ...(idleMs !== undefined && { idleMs }), ...(cause !== undefined && { cause }) };
  });
  const idleAtEndMs = connection === undefined ? undefined : idleUntil(parseTime(connection.end));
  return { exchanges, ...(idleAtEndMs !== undefined && { idleAtEndMs }) };
}

/** `idleMs`: since the exchange before on the same connection; undefined where there was none. */
function causeOf(row: FlowRow, connection: Connection, idleMs: number | undefined): string | undefined {
  const isCut = row.completeness.includes('cut');
  if (row.status !== 0 && !isCut) return undefined;
  if (row.method === '') return undefined;
  // What was not captured may be what is missing: then nobody is to be blamed.
  if (row.completeness.includes('gap')) return undefined;
  if (connection.server.lostBytes > 0 && row.status === 0)
    return 'No answer was seen, but bytes of the server were lost to the capture: it may have been among them.';
  if (connection.closedBy === 'none') return undefined;
  const afterMs = (parseTime(connection.end) - parseTime(row.time)) / 1000;
  const isReset = connection.closed === 'rst';
  if (connection.closedBy === 'client') return byClient(row, afterMs, isReset);
  if (row.status !== 0) {
    return isReset
      ? 'The server reset the connection in the middle of its answer: it crashed, was killed, or gave up.'
      : 'The server closed the connection in the middle of its answer.';
  }
  if (idleMs !== undefined && idleMs >= IDLE_MS && afterMs < CROSSED_MS) {
    return (
      `The connection had been idle for ${duration(idleMs)} and the server closed it just as this request was sent. ` +
      'The client should keep idle connections for a shorter time than the server does, or try again.'
    );
  }
  return isReset
    ? `The server reset the connection ${duration(afterMs)} after the request, without an answer.`
    : `The server closed the connection ${duration(afterMs)} after the request, without an answer.`;
}

function byClient(row: FlowRow, afterMs: number, isReset: boolean): string {
  const how = isReset ? 'reset' : 'closed';
  return row.status === 0
    ? `The client gave up: it ${how} the connection ${duration(afterMs)} after the request, before an answer came.`
    : `The client did not wait for the end of the answer: it ${how} the connection after ${duration(afterMs)}.`;
}
