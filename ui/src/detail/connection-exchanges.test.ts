import { describe, expect, test } from 'vitest';
import type { FlowRow } from '../../../flow/api.ts';
import type { Connection } from '../../../flow/flow.ts';
import { formatTime } from '../../../flow/time.ts';
import { exchangesOf } from './connection-exchanges.ts';

const at = (ms: number): string => formatTime(1_700_000_000_000_000 + ms * 1000);

/** An exchange that began `ms` after the connection. */
function row(ms: number, change: Partial<FlowRow> = {}): FlowRow {
  return {
    id: String(ms),
    time: at(ms),
    method: 'GET',
    status: 200,
    elapsedMs: 10,
    completeness: ['complete'],
    ...change,
  } as FlowRow;
}
const unanswered = (ms: number): FlowRow =>
  row(ms, { status: 0, elapsedMs: null, completeness: ['one-sided'] });
const broken = (ms: number): FlowRow => row(ms, { completeness: ['cut'], elapsedMs: 40 });

function connection(
  endMs: number,
  closed: string,
  closedBy: Connection['closedBy'],
  lostBytes = 0,
): Connection {
  return { start: at(0), end: at(endMs), closed, closedBy, server: { lostBytes } } as Connection;
}
const lastCause = (rows: FlowRow[], of: Connection): string | undefined =>
  exchangesOf(rows, of).exchanges.at(-1)?.cause;

test('all in order, with the silence before each and at the end', () => {
  const { exchanges, idleAtEndMs } = exchangesOf(
    [row(500), row(2), row(20)],
    connection(5510, 'fin', 'server'),
  );
  expect(exchanges.map(({ row: { id }, idleMs }) => [id, idleMs])).toEqual([
    ['2', 2],
    ['20', 8],
    ['500', 470],
  ]);
  expect(idleAtEndMs).toBe(5000);
  expect(exchanges.every(({ cause }) => cause === undefined)).toBe(true);
});

test('pipelined requests are not idle, and an end that was not seen tells no silence', () => {
  const { exchanges } = exchangesOf(
    [row(0, { elapsedMs: 100 }), row(5, { elapsedMs: 10 }), row(120)],
    undefined,
  );
  expect(exchanges.map(({ idleMs }) => idleMs)).toEqual([undefined, 0, 20]);
  const late = exchangesOf([unanswered(0), row(50)], connection(90, 'fin', 'client'));
  expect(late.exchanges[1]?.idleMs).toBeUndefined();
});

describe('causes', () => {
  test('a keep-alive connection that was closed under a request', () => {
    for (const closed of ['fin', 'rst']) {
      const cause = lastCause([row(0), unanswered(60_000)], connection(60_001, closed, 'server'));
      expect(cause).toMatch(/^The connection had been idle for 1 m 00 s and the server closed it just as/);
    }
  });

  test('a server that took the request and closed later, or was not idle, closed it without an answer', () => {
    expect(lastCause([row(0), unanswered(60_000)], connection(90_000, 'fin', 'server'))).toBe(
      'The server closed the connection 30.0 s after the request, without an answer.',
    );
    expect(lastCause([row(0), unanswered(12)], connection(20, 'rst', 'server'))).toBe(
      'The server reset the connection 8.00 ms after the request, without an answer.',
    );
    // The first request of a connection did not wait for anything.
    expect(lastCause([unanswered(2000)], connection(2001, 'fin', 'server'))).toMatch(/without an answer/);
  });

  test('a client that gave up', () => {
    expect(lastCause([unanswered(0)], connection(5000, 'fin', 'client'))).toBe(
      'The client gave up: it closed the connection 5.00 s after the request, before an answer came.',
    );
    expect(lastCause([broken(0)], connection(40, 'rst', 'client'))).toMatch(
      /^The client did not wait for the end/,
    );
  });

  test('a server that broke off in mid-answer', () => {
    expect(lastCause([broken(0)], connection(40, 'rst', 'server'))).toMatch(
      /^The server reset the connection in the middle of its answer/,
    );
    expect(lastCause([broken(0)], connection(40, 'fin', 'server'))).toMatch(
      /^The server closed .* in the middle/,
    );
  });

  test('nobody is blamed for what was not captured, or for an end that was not seen', () => {
    expect(lastCause([unanswered(0)], connection(40, 'rst', 'server', 1448))).toMatch(/lost to the capture/);
    const gap = row(0, { completeness: ['cut', 'gap'] });
    expect(lastCause([gap], connection(40, 'rst', 'server'))).toBeUndefined();
    expect(lastCause([unanswered(0)], connection(40, 'finished', 'none'))).toBeUndefined();
    expect(lastCause([broken(0)], connection(40, 'evicted', 'none'))).toBeUndefined();
    expect(exchangesOf([unanswered(0)], undefined).exchanges[0]?.cause).toBeUndefined();
    // An answer whose request was not seen.
    expect(
      lastCause([row(0, { method: '', completeness: ['cut'] })], connection(40, 'rst', 'server')),
    ).toBeUndefined();
  });
});
