import type { ASTNode } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import { FilterError, type FilterErrorCode } from './error.ts';
import { children } from './rewrite.ts';

/** RFC 3339 §5.6, to the millisecond or finer. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;
const DURATION = /^[+-]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/;

/**
 * Throws FilterError, at its place, for a text that is written out and cannot be what the function takes it for: the filter would
 * match nothing, and nobody knew why.
 */
export function checkLiterals(node: ASTNode): void {
  if (node.op === 'rcall' && node.args[0] === 'matches') literal(node.args[2][0], checkPattern);
  if (node.op === 'call' && node.args[0] === 'timestamp') literal(node.args[1][0], checkTime);
  if (node.op === 'call' && node.args[0] === 'duration') literal(node.args[1][0], checkDuration);
  for (const child of children(node)) checkLiterals(child);
}

type Refuse = (
  code: FilterErrorCode,
  message: string,
  options?: { suggestion?: string; cause?: unknown },
) => never;

function literal(node: ASTNode | undefined, check: (text: string, refuse: Refuse) => void): void {
  if (node?.op !== 'value' || typeof node.args !== 'string') return;
  check(node.args, (code, message, options) => {
    throw new FilterError(code, message, node.start, node.end, options);
  });
}

function checkPattern(text: string, refuse: Refuse): void {
  try {
    RE2JS.compile(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    refuse('FILTER_PATTERN', `Not a regular expression (RE2 syntax): ${why}.`, { cause });
  }
}

function checkTime(text: string, refuse: Refuse): void {
  if (TIME.test(text) && !Number.isNaN(Date.parse(text))) return;
  const whole = completed(text, new Date());
  refuse(
    'FILTER_TYPE',
    'Not a time: write it as "2026-03-01T14:02:00Z" or "2026-03-01T15:02:00+01:00".' +
      (whole === undefined ? '' : ` Did you mean ${whole}?`),
    whole === undefined ? {} : { suggestion: JSON.stringify(whole) },
  );
}

/** A date, a time of today, or both, as a time of RFC 3339; without a zone it is told in the zone of who asks. */
function completed(text: string, now: Date): string | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)?[T ]?(?:(\d\d:\d\d)(:\d\d(?:\.\d{1,3})?)?(Z)?)?$/i.exec(text.trim());
  const [, date, time = '00:00', seconds = ':00', zone = ''] = parts ?? [];
  if (parts === null || (date === undefined && parts[2] === undefined)) return undefined;
  const at = new Date(`${date ?? localDate(now)}T${time}${seconds}${zone}`);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString().replace('.000Z', 'Z');
}

function localDate(at: Date): string {
  const pad = (value: number): string => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}

function checkDuration(text: string, refuse: Refuse): void {
  if (DURATION.test(text)) return;
  const days = /^(\d{1,6})d$/.exec(text)?.[1];
  refuse(
    'FILTER_TYPE',
    'Not a length of time: write it in h, m, s and ms, as "1h30m".',
    days === undefined ? {} : { suggestion: JSON.stringify(`${Number(days) * 24}h`) },
  );
}
