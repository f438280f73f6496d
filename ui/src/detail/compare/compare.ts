import type { Flow, FlowMessage } from '../../../../flow/flow.ts';
import { bytes, dayTime, duration } from '../../lib/format.ts';
import { viewsOf } from '../body-kind.ts';
import { prettyJson } from '../pretty-json.ts';
import { alignLines, alignPairs, type Compared, type ComparedPair, compared } from './align.ts';

export interface Comparison {
  sections: { title: string; pairs: ComparedPair[] }[];
  bodies: { title: string; lines: Compared[] }[];
}

/** Lines of a body that are compared; what comes behind them is named as left out. */
const MOST_LINES = 5_000;

/** Two exchanges side by side, part by part; parts that neither has are left out. */
export function compareFlows(a: Flow, b: Flow): Comparison {
  const sections = [
    { title: 'Exchange', pairs: facts(a, b) },
    { title: 'Timing', pairs: times(a, b) },
    { title: 'Query', pairs: alignPairs(queryOf(a), queryOf(b)) },
    { title: 'Request headers', pairs: alignPairs(headersOf(a.request), headersOf(b.request)) },
    { title: 'Response headers', pairs: alignPairs(headersOf(a.response), headersOf(b.response)) },
  ];
  const bodies = [
    { title: 'Request body', lines: alignLines(linesOf(a.request), linesOf(b.request)) },
    { title: 'Response body', lines: alignLines(linesOf(a.response), linesOf(b.response)) },
  ];
  return {
    sections: sections.filter(({ pairs }) => pairs.length > 0),
    bodies: bodies.filter(({ lines }) => lines.length > 0),
  };
}

function facts(a: Flow, b: Flow): ComparedPair[] {
  const read: [name: string, of: (flow: Flow) => string | undefined][] = [
    ['Time', ({ time }) => dayTime(time)],
    ['From', ({ src }) => src.name],
    ['To', ({ dst }) => `${dst.name}:${dst.port}`],
    ['Method', ({ request }) => request?.method],
    ['Host', ({ request }) => request?.host],
    ['Path', ({ request }) => request?.path],
    [
      'Status',
      ({ response }) => (response === undefined ? 'no answer' : `${response.status} ${response.reason}`),
    ],
    ['Request body', ({ request }) => request && bytes(request.bodySize)],
    ['Response body', ({ response }) => response && bytes(response.bodySize)],
    ['Completeness', ({ completeness }) => completeness.join(', ')],
  ];
  return pairsOf(read, a, b);
}

function times(a: Flow, b: Flow): ComparedPair[] {
  const read: [name: string, of: (flow: Flow) => number | undefined][] = [
    ['Whole', ({ elapsedMs }) => elapsedMs],
    ['Request sent', ({ timing }) => timing.requestMs],
    ['Server', ({ timing }) => timing.serverMs],
    ['Answer received', ({ timing }) => timing.responseMs],
    ['Network and proxies', ({ timing }) => timing.networkMs],
  ];
  return pairsOf(
    read.map(([name, of]) => [name, (flow) => (of(flow) === undefined ? undefined : duration(of(flow)))]),
    a,
    b,
  );
}

function pairsOf(
  read: [name: string, of: (flow: Flow) => string | undefined][],
  a: Flow,
  b: Flow,
): ComparedPair[] {
  return read
    .map(([name, of]) => compared(name, of(a), of(b)))
    .filter((pair) => pair.a !== undefined || pair.b !== undefined);
}

function headersOf(message: FlowMessage | undefined): [string, string][] {
  return message?.headers ?? [];
}

function queryOf({ request }: Flow): [string, string][] {
  return Object.entries(request?.query ?? {}).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  );
}

function linesOf(message: FlowMessage | undefined): string[] {
  const { body, bodySize = 0 } = message ?? {};
  if (body?.text === undefined) {
    return bodySize > 0 ? [`[${bytes(bodySize)} of ${body?.mime || 'content'} not shown]`] : [];
  }
  if (body.text === '') return [];
  const text = viewsOf(body)[0] === 'json' ? prettyJson(body.text) : body.text;
  const lines = text.split('\n');
  const left = lines.length - MOST_LINES;
  return left > 0 ? [...lines.slice(0, MOST_LINES), `[${left} lines more]`] : lines;
}
