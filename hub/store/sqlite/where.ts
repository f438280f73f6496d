import type { Column } from '../../../flow/fields.ts';
import type { Comparison, Condition, Value } from '../../../flow/filter/condition.ts';

/** An SQL condition on a row of `flows`, with the values for its placeholders. */
export interface Where {
  sql: string;
  values: (Value | Uint8Array)[];
  /** The same, where the index by server decides it by itself (full-indexes.ts). `sql` does not use that. */
  byServer?: string;
}

/** What a request asks for that names no host: the address it goes to (flow/record/to-flow.ts). */
const ADDRESS =
  "(SELECT iif(instr(ip, ':'), '[' || ip || ']', ip) FROM endpoints WHERE id = dst) || ':' || dst_port";

/** A column of `flows`, or one of the table that a column of `flows` points into. */
type Place = { of: string } | { of: string; key: string; table: string };

const PLACES: Record<Column, Place> = {
  time: { of: 'time' },
  protocol: { of: 'name', key: 'protocol', table: 'protocols' },
  elapsed: { of: 'coalesce(elapsed, 0)' },
  method: { of: 'method' },
  host: { of: `iif(host = '' AND method <> '', ${ADDRESS}, host)` },
  path: { of: 'path' },
  status: { of: 'status' },
  request_size: { of: 'request_size' },
  response_size: { of: 'response_size' },
  redacted: { of: 'redacted' },
  node: { of: 'node', key: 'origin', table: 'origins' },
  ...ends('src'),
  ...ends('dst'),
};

/** What the index by server has, and what the ids in it stand for. */
const BY_SERVER = /^(time|status|elapsed|src\.(?!port$).*|dst\.(?!port$).*)$/;

/** In SQL what `flow/filter/condition.ts` says; undefined where it says nothing. */
export function whereOf(condition: Condition): Where | undefined {
  if (condition.kind === 'always') return undefined;
  const where = translate(condition, '+dst');
  const isByServer = namesServer(condition) && columnsOf(condition).every((column) => BY_SERVER.test(column));
  return isByServer ? { ...where, byServer: translate(condition, 'dst').sql } : where;
}

/** Whether only flows of some servers can meet it. */
function namesServer(condition: Condition): boolean {
  if (condition.kind === 'and') return condition.parts.some(namesServer);
  const isEquality = condition.kind === 'in' || (condition.kind === 'test' && condition.test === '==');
  return isEquality && condition.column.startsWith('dst.') && condition.column !== 'dst.port';
}

function columnsOf(condition: Condition): Column[] {
  if (condition.kind === 'and' || condition.kind === 'or') return condition.parts.flatMap(columnsOf);
  if (condition.kind === 'not') return columnsOf(condition.part);
  return condition.kind === 'test' || condition.kind === 'in' ? [condition.column] : [];
}

/**
 * `dst`: how the column is written. With a plus sign SQLite uses no index that begins with it: to look up what else is asked of each flow of a
 * server takes longer than to look through the columns of all flows.
 */
function translate(condition: Condition, dst: 'dst' | '+dst'): Where {
  switch (condition.kind) {
    case 'always':
      return { sql: '1', values: [] };
    case 'never':
      return { sql: '0', values: [] };
    case 'and':
    case 'or': {
      const parts = condition.parts.map((part) => translate(part, dst));
      return {
        sql: `(${parts.map(({ sql }) => sql).join(condition.kind === 'and' ? ' AND ' : ' OR ')})`,
        values: parts.flatMap(({ values }) => values),
      };
    }
    case 'not': {
      const { sql, values } = translate(condition.part, dst);
      return { sql: `NOT ${sql}`, values };
    }
    case 'mention':
      // Of bytes SQLite's instr looks for bytes. What stands in a subquery is decided last.
      return {
        sql: 'instr((SELECT record FROM records WHERE records.row = flows.row), ?) > 0',
        values: [Buffer.from(condition.text, 'latin1')],
      };
    case 'test':
    case 'in': {
      const { of, names } = testOf(condition);
      if (names === undefined) return of;
      const key = names.key === 'dst' ? dst : names.key;
      return { sql: `${key} IN (${names.sql})`, values: of.values };
    }
  }
}

/** A test of a column, and where that is one of another table: the query for the ids there. */
function testOf(condition: Condition & { kind: 'test' | 'in' }): {
  of: Where;
  names?: { key: string; sql: string };
} {
  const place = PLACES[condition.column];
  const of =
    condition.kind === 'test'
      ? comparison(place.of, condition.test, condition.value)
      : { sql: `${place.of} IN (${condition.values.map(() => '?').join(', ')})`, values: condition.values };
  if (!('table' in place)) return { of };
  return { of, names: { key: place.key, sql: `SELECT id FROM ${place.table} WHERE ${of.sql}` } };
}

function comparison(of: string, test: Comparison, value: Value): Where {
  // LIKE folds case and has wildcards: these do neither.
  switch (test) {
    case '==':
      return { sql: `${of} = ?`, values: [value] };
    case 'contains':
      return { sql: `instr(${of}, ?) > 0`, values: [value] };
    case 'startsWith':
      return { sql: `substr(${of}, 1, ?) = ?`, values: [characters(value), value] };
    case 'endsWith':
      if (value === '') return { sql: '1', values: [] };
      return { sql: `substr(${of}, ?) = ?`, values: [-characters(value), value] };
    default:
      return { sql: `${of} ${test} ?`, values: [value] };
  }
}

/** Queries for names that a condition asks for: where one finds nothing, no row of the segment meets the condition. */
export function needsOf(condition: Condition): Where[] {
  if (condition.kind === 'and') return condition.parts.flatMap(needsOf);
  if (condition.kind !== 'test' && condition.kind !== 'in') return [];
  const { of, names } = testOf(condition);
  return names === undefined ? [] : [{ sql: `${names.sql} LIMIT 1`, values: of.values }];
}

/** As SQLite counts them. */
function characters(value: Value): number {
  return [...String(value)].length;
}

type EndColumn = 'ip' | 'port' | 'name' | 'namespace' | 'pod' | 'service' | 'workload' | 'node';

function ends<E extends 'src' | 'dst'>(end: E): Record<`${E}.${EndColumn}`, Place> {
  const names = ['ip', 'name', 'namespace', 'pod', 'service', 'workload', 'node'] as const;
  return Object.fromEntries([
    [`${end}.port`, { of: `${end}_port` }],
    ...names.map((name) => [`${end}.${name}`, { of: name, key: end, table: 'endpoints' }]),
  ]) as Record<`${E}.${EndColumn}`, Place>;
}

/** The stretch of time, [from, to) in µs, outside of which nothing meets the condition. */
export function timeBounds(condition: Condition): { from: number; to: number } {
  const bounds = { from: 0, to: Number.POSITIVE_INFINITY };
  const parts = condition.kind === 'and' ? condition.parts : [condition];
  for (const part of parts) {
    if (part.kind === 'and') {
      const inner = timeBounds(part);
      bounds.from = Math.max(bounds.from, inner.from);
      bounds.to = Math.min(bounds.to, inner.to);
    }
    if (part.kind !== 'test' || part.column !== 'time') continue;
    if (part.test === '>=') bounds.from = Math.max(bounds.from, Number(part.value));
    if (part.test === '<') bounds.to = Math.min(bounds.to, Number(part.value));
  }
  return bounds;
}
