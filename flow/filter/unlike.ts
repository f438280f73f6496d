import type { ASTNode } from '@marcbachmann/cel-js';
import { FIELDS } from '../fields.ts';
import { FilterError } from './error.ts';
import { pathOf } from './path.ts';

const WORDS: Record<string, string> = {
  bool: 'true or false',
  int: 'a whole number',
  double: 'a number',
  string: 'text',
  'google.protobuf.Timestamp': 'a time',
  'google.protobuf.Duration': 'a length of time',
  'list<string>': 'a list of texts',
  'map<string, string>': 'a map of texts',
};
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);

/** For a comparison of two things that are not alike: what each of them is, and how the constant is written if that helps. */
export function unlike(node: ASTNode, start: number, end: number, cause: unknown): FilterError | undefined {
  if (!COMPARISONS.has(node.op)) return undefined;
  const [left, right] = node.args as [ASTNode, ASTNode];
  const sides = [left, right].map((side) => WORDS[typeOf(side)]);
  if (sides.some((side) => side === undefined)) return undefined;
  const said = `${written(left)} is ${sides[0]}, ${written(right)} is ${sides[1]}.`;
  for (const [constant, other] of [
    [right, left],
    [left, right],
  ] as const) {
    const suggestion = asWritten(constant, typeOf(other));
    if (suggestion === undefined) continue;
    return new FilterError('FILTER_TYPE', `${said} Write ${suggestion}`, constant.start, constant.end, {
      cause,
      suggestion,
    });
  }
  return new FilterError(
    'FILTER_TYPE',
    `${said} They cannot be compared; text is in quotes, numbers are not.`,
    start,
    end,
    { cause },
  );
}

/** For a name that stands for several fields, as `src.service`: which they are. */
export function severalFields(node: ASTNode, cause: unknown): FilterError | undefined {
  const path = pathOf(node);
  const names = FIELDS.flatMap(({ name }) => (path !== undefined && name.startsWith(`${path}.`) ? name : []));
  if (path === undefined || names.length === 0) return undefined;
  const best = names.find((name) => name === `${path}.name`);
  const some = names.length > 4 ? [...names.slice(0, 3), '…'] : names;
  return new FilterError(
    'FILTER_TYPE',
    `${path} is several fields: ${some.join(', ')}.${best === undefined ? '' : ` Did you mean ${best}?`}`,
    node.start,
    node.end,
    { cause, ...(best === undefined ? {} : { suggestion: best }) },
  );
}

/** A constant as it would be written for a type; undefined where it cannot be. */
function asWritten(node: ASTNode, type: string): string | undefined {
  if (node.op === 'value' && typeof node.args === 'string') {
    if ((type === 'int' || type === 'double') && /^-?\d+$/.test(node.args)) return node.args;
    return type === 'google.protobuf.Timestamp' ? `timestamp(${JSON.stringify(node.args)})` : undefined;
  }
  if (node.op === 'value' && type === 'string' && /^(bigint|number)$/.test(typeof node.args))
    return JSON.stringify(String(node.args));
  return undefined;
}

function written({ input, start, end }: ASTNode): string {
  return input.slice(start, end);
}

function typeOf(node: ASTNode): string {
  return String((node as { checkedType?: unknown }).checkedType ?? '');
}
