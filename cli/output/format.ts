/** A flow as a line: NDJSON for programs, aligned text for people. */

import type { Endpoint, Flow } from '../../flow/flow.ts';
import type { Colors } from './terminal.ts';
import { bytes, milliseconds } from './units.ts';
import { visibleLine } from './visible.ts';

/** The line with its line end. */
export type FlowFormat = (flow: Flow) => string;

export const formatJson: FlowFormat = (flow) => `${visibleLine(JSON.stringify(flow))}\n`;

/** Columns grow with what they hold, up to this: one long name does not push every later line aside. */
const MAX_COLUMN = 44;

/** `time  source → destination  METHOD  host/path  status  size  elapsed  marks` */
export function textFormat(colors: Colors): FlowFormat {
  const columns = { src: 21, dst: 21, method: 4, url: 32 };
  const pad = (column: keyof typeof columns, value: string) => {
    columns[column] = Math.max(columns[column], Math.min(value.length, MAX_COLUMN));
    return value.padEnd(columns[column]);
  };

  return (flow) => {
    const { request, response } = flow;
    const url = request ? visibleLine(request.host + (request.path || request.target)) : '(request not seen)';
    const size = response ? bytes(response.bodySize) : '';
    const elapsed = flow.elapsedMs === undefined ? '' : milliseconds(flow.elapsedMs);
    const line = [
      colors.dim(flow.time),
      `${pad('src', place(flow.src))} ${colors.dim('→')} ${pad('dst', place(flow.dst))}`,
      colors.bold(pad('method', visibleLine(request?.method ?? '-'))),
      pad('url', url),
      statusColor(colors, response?.status)((response?.status ?? '-').toString().padStart(3)),
      size.padStart(8),
      elapsed.padStart(8),
      colors.yellow(marks(flow)),
    ];
    return `${line.join('  ').trimEnd()}\n`;
  };
}

function place(endpoint: Endpoint): string {
  const name = endpoint.name || endpoint.ip;
  return `${visibleLine(name.includes(':') ? `[${name}]` : name)}:${endpoint.port}`;
}

function statusColor(colors: Colors, status: number | undefined): (text: string) => string {
  if (status === undefined || status >= 500) return colors.red;
  if (status >= 400) return colors.yellow;
  return status >= 300 ? colors.cyan : colors.green;
}

/** What is missing or was taken out, e.g. `gap redacted:4`. */
function marks(flow: Flow): string {
  const found: string[] = flow.completeness.filter((mark) => mark !== 'complete');
  if (flow.redacted > 0) found.push(`redacted:${flow.redacted}`);
  return found.join(' ');
}
