import type { Flow } from '../../flow/flow.ts';
import type { ExpectedCapture, ExpectedExchange, ExpectedStream } from './expected.ts';

/** How a capture was read, beside what is expected of it. */
export interface Comparison {
  name: string;
  expected: number;
  matched: number;
  /** Exchanges that are not there, and what is wrong with those that are. */
  differences: string[];
  /** Exchanges that should not be there. */
  extra: number;
}

export function compare(capture: ExpectedCapture, flows: readonly Flow[]): Comparison {
  const result: Comparison = { name: capture.name, expected: 0, matched: 0, differences: [], extra: 0 };
  const byStream = new Map<string, Flow[]>();
  for (const flow of flows) {
    const key = streamKey(address(flow.src.ip, flow.src.port), address(flow.dst.ip, flow.dst.port));
    byStream.set(key, [...(byStream.get(key) ?? []), flow]);
  }
  // A 4-tuple that was used again is several streams there: they are compared as one.
  const streams = new Map<string, ExpectedStream>();
  for (const stream of capture.streams) {
    const key = streamKey(stream.client, stream.server);
    const before = streams.get(key);
    streams.set(key, before === undefined ? stream : joined(before, stream));
  }
  for (const [key, stream] of streams) {
    const best = stream.readings
      .map((reading) => compareStream(key, reading, byStream.get(key) ?? [], stream.interim))
      .reduce((a, b) => (b.differences.length < a.differences.length ? b : a));
    result.expected += best.expected;
    result.matched += best.matched;
    result.extra += best.extra;
    result.differences.push(...best.differences);
    byStream.delete(key);
  }
  for (const [key, rest] of byStream) {
    result.extra += rest.length;
    for (const flow of rest) result.differences.push(`${key}: not expected: ${describe(seen(flow))}`);
  }
  return result;
}

/** The ends of a stream, whichever of them is taken for the client. */
function streamKey(client: string, server: string): string {
  return [client, server].sort().join(' ');
}

function address(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function joined(a: ExpectedStream, b: ExpectedStream): ExpectedStream {
  const readings = a.readings.flatMap((first) => b.readings.map((second) => [...first, ...second]));
  return { ...a, readings, interim: [...a.interim, ...b.interim] };
}

function compareStream(
  key: string,
  reading: readonly ExpectedExchange[],
  flows: readonly Flow[],
  interim: readonly number[],
): Comparison {
  const result: Comparison = { name: key, expected: reading.length, matched: 0, differences: [], extra: 0 };
  const left = outsideTunnels(flows).map(seen);
  const open: ExpectedExchange[] = [];
  for (const exchange of reading) {
    const at = left.findIndex((other) => sameMessages(exchange, other) && sameSizes(exchange, other));
    if (at < 0) {
      open.push(exchange);
    } else {
      left.splice(at, 1);
      result.matched++;
    }
  }
  for (const exchange of open) {
    const at = left.findIndex((other) => sameMessages(exchange, other));
    const instead = at < 0 ? '' : `: body sizes differ: ${describe(left.splice(at, 1)[0])}`;
    result.differences.push(`${key}: missing: ${describe(exchange)}${instead}`);
  }
  result.extra = left.length;
  for (const exchange of left) result.differences.push(`${key}: not expected: ${describe(exchange)}`);

  const interimSeen = flows.flatMap(({ response }) => response?.interim ?? []);
  if (sorted(interimSeen) !== sorted(interim)) {
    result.differences.push(`${key}: interim answers ${sorted(interimSeen)} and not ${sorted(interim)}`);
  }
  return result;
}

/** The ground truth of a stream ends at the head of a 2xx answer to CONNECT; what is read inside the tunnel is not in it. */
function outsideTunnels(flows: readonly Flow[]): readonly Flow[] {
  const tunnel = flows.findIndex(
    ({ request, response }) =>
      request?.method === 'CONNECT' && response && response.status >= 200 && response.status < 300,
  );
  return tunnel < 0 ? flows : flows.slice(0, tunnel + 1);
}

const sorted = (statuses: readonly number[]): string => JSON.stringify([...statuses].sort());

interface Seen extends ExpectedExchange {
  gapBytes: number;
}

function seen({ request, response, gapBytes = 0 }: Flow): Seen {
  return {
    gapBytes,
    request: request && { method: request.method, target: request.target, bodySize: request.bodySize },
    response: response && { status: response.status, bodySize: response.bodySize },
  };
}

function sameMessages(a: ExpectedExchange, b: ExpectedExchange): boolean {
  return (
    a.request?.method === b.request?.method &&
    a.request?.target === b.request?.target &&
    a.response?.status === b.response?.status
  );
}

/** The ground truth counts the octets that are there; a flow counts a hole in a body too. */
function sameSizes(a: ExpectedExchange, b: Seen): boolean {
  const same = (x: number | undefined, y: number | undefined) =>
    x === undefined || x === y || x === (y ?? 0) - b.gapBytes;
  return same(a.request?.bodySize, b.request?.bodySize) && same(a.response?.bodySize, b.response?.bodySize);
}

function describe({ request, response }: ExpectedExchange): string {
  const left = request
    ? `${request.method} ${request.target.slice(0, 60)} (${request.bodySize})`
    : 'no request';
  const right = response ? `${response.status} (${response.bodySize})` : 'no answer';
  return `${left} → ${right}`;
}
