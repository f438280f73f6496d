import type { ASTNode } from '@marcbachmann/cel-js';
import type { FieldType } from '../fields/field.ts';
import { NEVER_TRUE } from '../fields/unseen.ts';
import { type Column, FIELDS } from '../fields.ts';
import { mentionOf } from './mention.ts';
import { pathOf } from './path.ts';

/**
 * What a filter says about the fields that the store keeps in columns. Every flow that passes the filter meets the condition; where it
 * is `exact`, the other way round too.
 */
export type Condition =
  | { kind: 'always'; exact: boolean }
  | { kind: 'never'; exact: true }
  | { kind: 'and' | 'or'; parts: Condition[]; exact: boolean }
  | { kind: 'not'; part: Condition; exact: true }
  | { kind: 'test'; column: Column; test: Comparison; value: Value; exact: true }
  | { kind: 'in'; column: Column; values: Value[]; exact: true }
  /** The record has this text in it, in ASCII (mention.ts). */
  | { kind: 'mention'; text: string; exact: false };

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'contains' | 'startsWith' | 'endsWith';
/** Times are µs since the epoch. */
export type Value = string | number;

/** Nothing is known: any flow may pass. */
const UNKNOWN: Condition = { kind: 'always', exact: false };
const NEVER: Condition = { kind: 'never', exact: true };

/** Words of the language that say no more than their columns do. */
const PLAIN_WORDS: Record<string, Condition> = {
  http: test('protocol', '==', 'http'),
  slow: test('elapsed', '>', 1_000_000),
};
/** Words that pass only flows that meet a condition. */
const WORDS: Record<string, Condition> = {
  error: either(test('status', '>=', 500), test('status', '==', 0)),
};

const COLUMNS = new Map<string, { column: Column; type: FieldType }>(
  FIELDS.flatMap(({ name, column, type }) => (column === undefined ? [] : [[name, { column, type }]])),
);
const MIRRORED: Record<string, Comparison> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '==': '==',
  '!=': '!=',
};

/** `constant` is asked for the value of parts in which no field stands; undefined: it has none. */
export function conditionOf(node: ASTNode, constant: (node: ASTNode) => unknown): Condition {
  switch (node.op) {
    case '&&':
      return all(node.args.map((part) => conditionOf(part, constant)));
    case '||':
      return node.args.map((part) => conditionOf(part, constant)).reduce(either);
    case '!_':
      return negation(conditionOf(node.args, constant));
    case 'id':
      if (NEVER_TRUE.has(node.args)) return NEVER;
      return PLAIN_WORDS[node.args] ?? WORDS[node.args] ?? UNKNOWN;
    case 'value':
      if (node.args === true) return { kind: 'always', exact: true };
      return node.args === false ? NEVER : UNKNOWN;
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const [left, right] = node.args;
      const value = constant(right);
      if (node.op === '==' && pathOf(left) === 'status_class') return ofClass(value);
      return value === undefined
        ? comparison(right, MIRRORED[node.op], constant(left))
        : comparison(left, node.op, value);
    }
    case 'in':
      return membership(node.args[0], constant(node.args[1]));
    case 'rcall': {
      const [name, receiver, args] = node.args;
      if (name !== 'contains' && name !== 'startsWith' && name !== 'endsWith') return UNKNOWN;
      return comparison(receiver, name, constant(args[0]));
    }
    default:
      return UNKNOWN;
  }
}

type StoredField = { column: Column; type: FieldType } | undefined;

function columnOf(node: ASTNode): StoredField {
  const name = pathOf(node);
  return name === undefined ? undefined : COLUMNS.get(name);
}

function comparison(of: ASTNode, op: Comparison, constant: unknown): Condition {
  if (op === '==' && pathOf(of) === 'id') return ofIds([constant]);
  const field = columnOf(of);
  if (field === undefined) return HOLDING.has(op) ? mention(of, constant) : UNKNOWN;
  const { column, type } = field;
  if (type === 'timestamp') return constant instanceof Date ? timeTest(op, constant.getTime()) : UNKNOWN;
  const value = storable(field, constant);
  if (value === undefined) return UNKNOWN;
  // JavaScript and SQLite put some characters beyond the Basic Multilingual Plane in different places.
  if (typeof value === 'string' && (op === '<' || op === '<=' || op === '>' || op === '>=')) return UNKNOWN;
  return test(column, op, value);
}

/** Whatever is compared so with a text has the text in it. */
const HOLDING: ReadonlySet<Comparison> = new Set(['==', 'contains', 'startsWith', 'endsWith']);

function mention(of: ASTNode, literal: unknown): Condition {
  const text = mentionOf(of, literal);
  return text === undefined ? UNKNOWN : { kind: 'mention', text, exact: false };
}

/** The status codes of a class. */
function ofClass(name: unknown): Condition {
  const digit = /^([1-5])xx$/.exec(String(name))?.[1];
  if (digit === undefined) return UNKNOWN;
  const first = Number(digit) * 100;
  return all([test('status', '>=', first), test('status', '<', first + 100)]);
}

/** An id begins with the time of its flow, µs, in hexadecimal. */
const ID = /^([0-9a-f]{14})-[0-9a-f]{16}$/;

/** When flows with these ids were: few, and in a short stretch of time. */
function ofIds(ids: readonly unknown[]): Condition {
  const times = ids.map((id) => Number.parseInt(ID.exec(String(id))?.[1] ?? '', 16));
  if (times.length === 0 || !times.every(Number.isSafeInteger)) return UNKNOWN;
  const parts = [
    test('time', '>=', Math.min(...times)),
    test('time', '<', Math.max(...times) + 1),
    { kind: 'in', column: 'time', values: times, exact: true } as const,
  ];
  return { kind: 'and', parts, exact: false };
}

/** Filters see whole milliseconds, the column has µs. */
function timeTest(op: Comparison, ms: number): Condition {
  const from = ms * 1000;
  const after = from + 1000;
  switch (op) {
    case '<':
      return test('time', '<', from);
    case '<=':
      return test('time', '<', after);
    case '>':
      return test('time', '>=', after);
    case '>=':
      return test('time', '>=', from);
    case '==':
      return all([test('time', '>=', from), test('time', '<', after)]);
    case '!=':
      return either(test('time', '<', from), test('time', '>=', after));
    default:
      return UNKNOWN;
  }
}

function membership(of: ASTNode, list: unknown): Condition {
  if (!Array.isArray(list)) return UNKNOWN;
  if (pathOf(of) === 'id') return ofIds(list);
  const field = columnOf(of);
  if (field === undefined) return list.map((one) => mention(of, one)).reduce(either, NEVER);
  if (field.type === 'timestamp') return UNKNOWN;
  const values = list.map((one) => storable(field, one));
  if (values.includes(undefined)) return UNKNOWN;
  return { kind: 'in', column: field.column, values: values as Value[], exact: true };
}

/** The constant as the column has it; undefined where that could mean something else. */
function storable({ column, type }: NonNullable<StoredField>, constant: unknown): Value | undefined {
  if (type === 'string') {
    // SQLite's functions on text end at U+0000.
    if (typeof constant !== 'string' || constant.includes('\0')) return undefined;
    return column === 'protocol' ? constant.toLowerCase() : constant;
  }
  if (typeof constant !== 'bigint' && typeof constant !== 'number') return undefined;
  const value = Number(constant);
  return Number.isSafeInteger(Math.trunc(value)) ? value : undefined;
}

function test(column: Column, comparison: Comparison, value: Value): Condition {
  return { kind: 'test', column, test: comparison, value, exact: true };
}

function all(parts: Condition[]): Condition {
  if (parts.some((part) => part.kind === 'never')) return NEVER;
  const exact = parts.every((part) => part.exact);
  const telling = parts.filter((part) => part.kind !== 'always');
  if (telling.length === 0) return { kind: 'always', exact };
  return { kind: 'and', parts: telling, exact };
}

function either(a: Condition, b: Condition): Condition {
  const exact = a.exact && b.exact;
  if (a.kind === 'always' || b.kind === 'always') return { kind: 'always', exact };
  if (a.kind === 'never') return b;
  return { kind: 'or', parts: [a, b], exact };
}

/** What does not meet an inexact condition fails the filter, but what meets it may fail too: its opposite says nothing. */
function negation(part: Condition): Condition {
  return part.exact ? { kind: 'not', part, exact: true } : UNKNOWN;
}
