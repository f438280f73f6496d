import type { Endpoint, Flow } from '../../flow/flow.ts';
import type { ExportFormat } from './format.ts';

const COLUMNS: readonly [string, (flow: Flow) => string | number | undefined][] = [
  ['id', (flow) => flow.id],
  ['time', (flow) => flow.time],
  ['node', (flow) => flow.node],
  ['protocol', ({ protocol }) => `${protocol.name}/${protocol.version}`],
  ...end('src', (flow) => flow.src),
  ...end('dst', (flow) => flow.dst),
  ['method', (flow) => flow.request?.method],
  ['url', (flow) => flow.request?.url],
  ['status', (flow) => flow.response?.status],
  ['elapsed_ms', (flow) => flow.elapsedMs],
  ['request_body_size', (flow) => flow.request?.bodySize],
  ['response_body_size', (flow) => flow.response?.bodySize],
  ['response_mime', (flow) => flow.response?.body?.mime],
  ['completeness', (flow) => flow.completeness.join(' ')],
  ['redacted', (flow) => flow.redacted],
];

/** A row a flow, without headers and bodies (RFC 4180). */
export const CSV: ExportFormat = {
  name: 'csv',
  mediaType: 'text/csv',
  description: 'a table, without headers and bodies',
  head: `${COLUMNS.map(([name]) => name).join(',')}\r\n`,
  foot: '',
  separator: '',
  flow: (flow) => `${COLUMNS.map(([, read]) => cell(read(flow))).join(',')}\r\n`,
};

function end(
  name: string,
  of: (flow: Flow) => Endpoint,
): [string, (flow: Flow) => string | number | undefined][] {
  return (['ip', 'port', 'name', 'namespace', 'pod', 'service', 'workload', 'node'] as const).map(
    (column) => [`${name}_${column}`, (flow) => of(flow)[column]],
  );
}

/** What a spreadsheet would take for a formula gets an apostrophe before it: captured text is nobody's program. */
function cell(value: string | number | undefined): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
