import type { FlowRow, Summary } from '../../../../flow/api.ts';
import type { Field } from '../../../../flow/fields.ts';
import { rowFlow } from '../row-flow.ts';

/** Rows that are looked at for values: the newest tell enough, and a key must not wait for more. */
const ROWS = 1000;
/** Of these a row tells nothing, or something else in every row. */
const UNTOLD = new Set(['id', 'http_version']);

/** Values of a field in the summary, and then those of the flows at hand, the most frequent first; empty ones left out. */
export function seenValues(
  field: Field,
  rows: { length: number; fromNewest(n: number): FlowRow | undefined },
  summary: Summary | undefined,
): string[] {
  if (UNTOLD.has(field.name) || !['string', 'int', 'list<string>'].includes(field.type)) return [];
  const counts = new Map<string, number>();
  for (let n = 0; n < Math.min(rows.length, ROWS); n++) {
    const row = rows.fromNewest(n);
    if (row === undefined) continue;
    for (const value of [field.read(rowFlow(row))].flat()) {
      const text = String(value);
      if (text !== '') counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  const facet = summary?.facets.find((one) => one.field === field.name)?.values ?? [];
  const known = facet.map(({ value }) => value).filter((value) => value !== '' && value !== '…');
  const more = [...counts].sort(([, a], [, b]) => b - a).map(([value]) => value);
  return [...new Set([...known, ...more])];
}
