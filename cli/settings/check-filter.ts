import { compileFilter, FilterError } from '../../flow/filter.ts';
import { usageError } from '../errors.ts';
import { visibleLine } from '../output/visible.ts';

/** How much of the filter's line is shown before the place, and from it on: a line of a terminal of 80 columns together. */
const BEFORE = 44;
const AFTER = 32;

/** Drawn two columns wide: CJK and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/gu;

/** Throws a usage error that shows the place. */
export function checkFilter(filter: string): void {
  try {
    compileFilter(filter);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw usageError(`wrong filter: ${error.message}\n${pointedAt(filter, error)}`);
  }
}

/** The line of the filter that the error is in, and under it a caret for each column of the place. */
function pointedAt(filter: string, { start, end }: FilterError): string {
  const first = filter.lastIndexOf('\n', start - 1) + 1;
  const last = filter.indexOf('\n', start);
  const line = filter.slice(first, last < 0 ? undefined : last);
  const at = start - first;
  const before = line.slice(Math.max(0, at - BEFORE), at);
  const shown = line.slice(at, at + AFTER);
  const place = shown.slice(0, end - start);
  const left = `${at > BEFORE ? '…' : ''}${drawn(before)}`;
  const right = `${drawn(shown)}${line.length > at + AFTER ? '…' : ''}`;
  return `  ${left}${right}\n  ${' '.repeat(columns(left))}${'^'.repeat(Math.max(1, columns(drawn(place))))}`;
}

function drawn(text: string): string {
  return visibleLine(text.replaceAll('\t', ' '));
}

function columns(text: string): number {
  return [...text.replaceAll(/\p{M}/gu, '').replaceAll(WIDE, '  ')].length;
}
