/** A call through several services: the ids that its exchanges have in common, and who called whom because of whom. */

import type { FlowRow } from '../../../flow/api.ts';
import { type Endpoint, type Flow, REDACTED } from '../../../flow/flow.ts';
import { parseTime } from '../../../flow/time.ts';
import { literal } from '../traffic/clauses.ts';

/** What the exchanges of a call have in common: at least one of the two. */
export interface CallIds {
  /** Hexadecimal, as sent but without leading zeros: senders differ in padding it to 64 or 128 bits. */
  trace?: string;
  /** X-Request-Id. */
  request?: string;
}

/** Shorter ones are no ids: `x-request-id: 1` is shared by what has nothing to do with each other. */
const SHORTEST = 8;
const LONGEST = 200;

const TRACE_HEADERS: [name: string, value: RegExp][] = [
  // W3C Trace Context §3.2: version-trace-parent-flags
  ['traceparent', /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/i],
  // B3 in one header: trace-span-sampled-parent
  ['b3', /^([0-9a-f]{16}|[0-9a-f]{32})-[0-9a-f]{16}/i],
  ['x-b3-traceid', /^([0-9a-f]{16}|[0-9a-f]{32})$/i],
  // Jaeger: trace:span:parent:flags, the colons percent-encoded by some
  ['uber-trace-id', /^([0-9a-f]{1,32})(?::|%3a)/i],
];
const REQUEST_ID = 'x-request-id';

/** The ids of the call that an exchange belongs to; undefined where it bears none. */
export function callIds(flow: Flow): CallIds | undefined {
  const trace = TRACE_HEADERS.map(([name, pattern]) => {
    const id = pattern.exec(headerOf(flow.request?.headers, name))?.[1];
    return id?.replace(/^0+/, '') ?? '';
  }).find((id) => id.length >= SHORTEST);
  // Where the client sent none, a gateway makes one, hands it on, and tells it in its answer.
  const request = [flow.request, flow.response]
    .map((message) => headerOf(message?.headers, REQUEST_ID))
    .find((id) => id.length >= SHORTEST && id.length <= LONGEST && !id.includes(REDACTED));
  if (trace === undefined && request === undefined) return undefined;
  return { ...(trace !== undefined && { trace }), ...(request !== undefined && { request }) };
}

/** The filter that finds the exchanges of a call. */
export function callFilter({ trace, request }: CallIds): string {
  const clauses: string[] = [];
  if (trace !== undefined) {
    for (const [name] of TRACE_HEADERS)
      clauses.push(`request.headers[${literal(name)}].contains(${literal(trace)})`);
  }
  if (request !== undefined) {
    for (const side of ['request', 'response'])
      clauses.push(`${side}.headers[${literal(REQUEST_ID)}] == ${literal(request)}`);
  }
  return clauses.join(' || ');
}

function headerOf(headers: [string, string][] | undefined, wanted: string): string {
  return headers?.find(([name]) => name.toLowerCase() === wanted)?.[1].trim() ?? '';
}

/** An exchange in its place within a call. */
export interface Hop {
  row: FlowRow;
  /** 0: what came in from outside of what is seen. */
  depth: number;
  /** ms from the first byte of the call's first exchange. */
  start: number;
}

interface Step {
  row: FlowRow;
  /** ms. */
  start: number;
  /** Infinity where no end was seen. */
  end: number;
  parent?: Step;
  children: Step[];
}

/** Clocks of two nodes are apart by so much at most, ms: else an exchange would not be found within the one that caused it. */
const CLOCKS_APART = 5;
/** Times are told in µs, spans in ms with their fractions: less than this is no difference. */
const ROUNDING = 0.01;

/**
 * The exchanges of a call, each behind the one that caused it. That is told by place and time: a request comes from
 * where the request that caused it went to, and begins while that is being answered. Of several, the one that also ends
 * later, and of those the one that began last.
 */
export function nest(rows: readonly FlowRow[]): Hop[] {
  const steps = rows.map(stepOf).sort((a, b) => a.start - b.start || b.end - a.end);
  const roots: Step[] = [];
  for (const step of steps) {
    const parent = causeOf(step, steps);
    if (parent === undefined) {
      roots.push(step);
    } else {
      step.parent = parent;
      parent.children.push(step);
    }
  }
  const first = steps[0]?.start ?? 0;
  const hops: Hop[] = [];
  const list = (siblings: Step[], depth: number): void => {
    for (const { row, start, children } of siblings) {
      hops.push({ row, depth, start: start - first });
      list(children, depth + 1);
    }
  };
  list(roots, 0);
  return hops;
}

function stepOf(row: FlowRow): Step {
  const start = parseTime(row.time) / 1000;
  return {
    row,
    start,
    end: row.elapsedMs === null ? Number.POSITIVE_INFINITY : start + row.elapsedMs,
    children: [],
  };
}

function causeOf(step: Step, steps: readonly Step[]): Step | undefined {
  let best: Step | undefined;
  for (const other of steps) {
    const apart = other.row.node === step.row.node ? ROUNDING : CLOCKS_APART;
    if (other.start > step.start + apart) break;
    if (other === step || other.end + apart < step.start || !isSame(other.row.dst, step.row.src)) continue;
    if (descends(other, step)) continue;
    if (best === undefined || holds(other, step) || !holds(best, step)) best = other;
  }
  return best;
}

function holds(outer: Step, inner: Step): boolean {
  const apart = outer.row.node === inner.row.node ? ROUNDING : CLOCKS_APART;
  return inner.end <= outer.end + apart;
}

/** Whether `step` was caused by `other`, over however many hops. */
function descends(step: Step, other: Step): boolean {
  for (let at: Step | undefined = step; at !== undefined; at = at.parent) if (at === other) return true;
  return false;
}

/** Whether two ends are the same: by the nearest name that both have. */
function isSame(a: Endpoint, b: Endpoint): boolean {
  for (const name of ['pod', 'workload'] as const) {
    if (a[name] !== undefined && b[name] !== undefined) {
      return a[name] === b[name] && a.namespace === b.namespace;
    }
  }
  if (a.ip === b.ip) return true;
  return a.service !== undefined && a.service === b.service && a.namespace === b.namespace;
}
