import { formatTime } from '../../../flow/time.ts';
import { RARE, START, STEP, traceId } from './traffic.ts';

export interface Question {
  name: string;
  filter: string;
  /** [from, to), µs; absent: all there is. */
  range?: { from: number; to: number };
  /** Counted, by the values of fields, instead of listed. */
  summary?: true;
}

const MINUTE = 60_000_000;

/** What people ask of so many flows, made by traffic.ts. */
export function questions(flows: number): Question[] {
  const middle = START + Math.floor(flows / 2) * STEP;
  return [
    { name: 'recent errors', filter: 'error' },
    { name: 'one host in all', filter: `host == "${RARE.host}"` },
    {
      name: 'slow 5xx from cart to orders, two minutes',
      filter:
        'status_code >= 500 && src.name == "cart" && dst.name == "orders" && elapsed_time > 200000 && ' +
        `timestamp >= timestamp("${formatTime(middle)}") && timestamp < timestamp("${formatTime(middle + 2 * MINUTE)}")`,
    },
    { name: 'rare path', filter: `path == "${RARE.path}"` },
    { name: 'text in a body', filter: `response.body.contains("${RARE.text}")` },
    { name: 'header value', filter: `request.headers["x-tenant"] == "${RARE.tenant}"` },
    {
      name: 'trace id',
      filter: `request.headers["traceparent"].contains("${traceId(Math.floor(flows / 3))}")`,
    },
    {
      name: 'negation',
      filter: '!(status_code in [200, 304]) && !path.startsWith("/api") && method != "GET"',
    },
    { name: 'nothing matches', filter: 'response_body_size == 123456789 && method == "GET"' },
    { name: 'counts of values', filter: 'method == "POST"', summary: true },
  ];
}
