import type { FlowRow } from '../../../flow/api.ts';
import { FIELDS } from '../../../flow/fields.ts';
import { clauseFor } from './facets.ts';
import { rowFlow } from './row-flow.ts';

/** What of a row one filters by, in the order of its columns. */
const NAMES = [
  ...['method', 'status_code', 'status_class', 'host', 'path', 'path_template', 'src.name', 'src.namespace'],
  ...['src.pod.name', 'src.ip', 'dst.name', 'dst.namespace', 'dst.pod.name', 'dst.ip', 'dst.port'],
  ...['protocol', 'completeness', 'node_name'],
];

export interface RowValue {
  field: string;
  value: string;
  clause: string;
}

/** The values of a row that a filter can be made of. */
export function rowValues(row: FlowRow): RowValue[] {
  const flow = rowFlow(row);
  return NAMES.flatMap((name) => {
    const read = FIELDS.find((field) => field.name === name)?.read(flow);
    return [read].flat().flatMap((one) => {
      const value = String(one ?? '');
      const clause = value.includes('[REDACTED]') ? undefined : clauseFor(name, value);
      return value === '' || clause === undefined ? [] : [{ field: name, value, clause }];
    });
  });
}
