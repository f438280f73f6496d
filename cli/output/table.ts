/** Columns for people. */

import type { Colors } from './terminal.ts';
import { visibleLine } from './visible.ts';

/** Lines with two spaces before and between columns; the head is dimmed where there are colours. What cells hold is made visible. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  colors?: Pick<Colors, 'dim'>,
): string {
  const cells = rows.map((row) => row.map(visibleLine));
  const widths = head.map((title, i) =>
    cells.reduce((width, row) => Math.max(width, row[i]?.length ?? 0), title.length),
  );
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd();
  const title = line(head);
  return [colors === undefined ? title : colors.dim(title), ...cells.map(line)].join('\n');
}
