/**
 * A commit on its way to the writer's thread: a few typed arrays whose memory is handed over, not copied, and short lists of
 * what many arrivals share. Arrival i is `records[offsets[i], offsets[i + 1])` and the i-th entry of each column.
 */
import type { Endpoint } from '../../../flow/flow.ts';
import { StoreError } from '../error.ts';
import { type FlowId, parseFlowId } from '../flow-id.ts';
import type { Arrival, Commit } from '../store.ts';

export interface CommitFrame {
  count: number;
  records: Uint8Array<ArrayBuffer>;
  /** Byte offsets, one more than arrivals. */
  offsets: Float64Array<ArrayBuffer>;
  /** See ROW. */
  rows: Float64Array<ArrayBuffer>;
  /** Ends without their ports, and the workers that sent them; each once. */
  endpoints: Endpoint[];
  origins: { node: string; session: string }[];
  sessions: Commit['sessions'];
}

/** The numbers of an arrival, in `rows` at `i * ROW.width`. */
export const ROW = {
  time: 0,
  high: 1,
  low: 2,
  src: 3,
  srcPort: 4,
  dst: 5,
  dstPort: 6,
  origin: 7,
  observations: 8,
  width: 9,
} as const;

/** Throws StoreError STORE_INVALID for an id that is neither a flow's nor a connection's. */
export function packCommit(commit: Commit): CommitFrame {
  const { arrivals } = commit;
  let size = 0;
  for (const arrival of arrivals) size += arrival.record.length;
  const records = new Uint8Array(size);
  const offsets = new Float64Array(arrivals.length + 1);
  const rows = new Float64Array(arrivals.length * ROW.width);
  const endpoints = new EndpointInterner();
  const origins = new Interner<{ node: string; session: string }>();
  let end = 0;
  let origin = 0;
  for (let i = 0; i < arrivals.length; i++) {
    const arrival = arrivals[i];
    records.set(arrival.record, end);
    end += arrival.record.length;
    offsets[i + 1] = end;
    const id = parseFlowId(arrival.id) ?? connectionRow(arrival);
    const row = i * ROW.width;
    rows[row + ROW.high] = id.high;
    rows[row + ROW.low] = id.low;
    rows[row + ROW.time] = id.time;
    rows[row + ROW.src] = endpoints.intern(arrival.src);
    rows[row + ROW.srcPort] = arrival.src.port;
    rows[row + ROW.dst] = endpoints.intern(arrival.dst);
    rows[row + ROW.dstPort] = arrival.dst.port;
    // Those of one batch follow each other.
    if (i === 0 || !isSameOrigin(arrival, arrivals[i - 1])) {
      origin = origins.intern(`${arrival.node}\n${arrival.session}`, arrival);
    }
    rows[row + ROW.origin] = origin;
    rows[row + ROW.observations] = arrival.observations;
  }
  return {
    count: arrivals.length,
    records,
    offsets,
    rows,
    endpoints: endpoints.values,
    origins: origins.values.map(({ node, session }) => ({ node, session })),
    sessions: commit.sessions,
  };
}

export function transferList(frame: CommitFrame): ArrayBuffer[] {
  return [frame.records.buffer, frame.offsets.buffer, frame.rows.buffer];
}

export function endpointKey(end: Endpoint): string {
  return `${end.ip}\n${end.name}\n${end.namespace ?? ''}\n${end.pod ?? ''}\n${end.service ?? ''}\n${end.workload ?? ''}\n${end.node ?? ''}`;
}

/** A connection's id is its session and the record's connection number; its time is in the record. */
function connectionRow(arrival: Arrival): FlowId {
  if (arrival.id.startsWith(`${arrival.session}-`)) return { time: Number.NaN, high: 0, low: 0 };
  throw new StoreError('STORE_INVALID', `"${arrival.id}" is neither the id of a flow nor of a connection.`);
}

function isSameOrigin(a: Arrival, b: Arrival): boolean {
  return a.session === b.session && a.node === b.node;
}

/** Numbers distinct values in the order they come. */
class Interner<T> {
  readonly values: T[] = [];
  readonly #numbers = new Map<string, number>();

  intern(key: string, value: T): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.values.length;
      this.#numbers.set(key, number);
      this.values.push(value);
    }
    return number;
  }
}

/** The same for ends: mostly an address is the same end as when it was last seen, which is told without making a key. */
class EndpointInterner {
  readonly #all = new Interner<Endpoint>();
  readonly #last = new Map<string, number>();

  get values(): Endpoint[] {
    return this.#all.values;
  }

  intern(end: Endpoint): number {
    const last = this.#last.get(end.ip);
    if (last !== undefined && isSameEnd(this.#all.values[last], end)) return last;
    const number = this.#all.intern(endpointKey(end), end);
    this.#last.set(end.ip, number);
    return number;
  }
}

function isSameEnd(a: Endpoint, b: Endpoint): boolean {
  return (
    a.name === b.name &&
    a.pod === b.pod &&
    a.service === b.service &&
    a.workload === b.workload &&
    a.namespace === b.namespace &&
    a.node === b.node
  );
}
