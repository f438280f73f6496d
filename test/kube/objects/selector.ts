/** Label and field selectors, with the messages of the server for what it cannot read. */

import { badRequest } from '../status.ts';
import type { KubeObject } from '../types.ts';

export type Matches = (object: KubeObject) => boolean;

interface Requirement {
  key: string;
  operator: '=' | '!=' | 'in' | 'notin' | 'exists' | 'absent';
  values: string[];
}

const TOKEN = /\s*(==|!=|=|!|\(|\)|,|[A-Za-z0-9_./-]+)/y;

/** `a=b,c!=d,e in (f,g),h notin (i),j,!k`. Empty matches all. */
export function parseLabelSelector(text: string): (labels: Record<string, string>) => boolean {
  const requirements = parseRequirements(text);
  return (labels) => requirements.every((requirement) => satisfied(requirement, labels[requirement.key]));
}

function satisfied({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case '=':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}

function parseRequirements(text: string): Requirement[] {
  const tokens = tokenize(text);
  const requirements: Requirement[] = [];
  let at = 0;
  const next = () => tokens[at++] ?? '';
  const identifier = () => {
    const token = next();
    if (/^[A-Za-z0-9_./-]+$/.test(token)) return token;
    throw badRequest(`unable to parse requirement: found '${token}', expected: identifier`);
  };
  if (tokens.length === 0) return [];
  do {
    if (tokens[at] === '!') {
      at++;
      requirements.push({ key: identifier(), operator: 'absent', values: [] });
      continue;
    }
    const key = identifier();
    const operator = tokens[at];
    if (operator === undefined || operator === ',') {
      requirements.push({ key, operator: 'exists', values: [] });
    } else if (operator === '=' || operator === '==' || operator === '!=') {
      at++;
      const empty = tokens[at] === undefined || tokens[at] === ',';
      requirements.push({
        key,
        operator: operator === '!=' ? '!=' : '=',
        values: [empty ? '' : identifier()],
      });
    } else if (operator === 'in' || operator === 'notin') {
      at++;
      requirements.push({ key, operator, values: parseSet(next, identifier) });
    } else {
      throw badRequest(
        `unable to parse requirement: found '${operator}', expected: in, notin, =, ==, !=, gt, lt`,
      );
    }
  } while (tokens[at] === ',' && ++at);
  if (at < tokens.length)
    throw badRequest(`unable to parse requirement: found '${tokens[at]}', expected: ',' or 'end of string'`);
  return requirements;
}

function parseSet(next: () => string, identifier: () => string): string[] {
  const open = next();
  if (open !== '(') throw badRequest(`unable to parse requirement: found '${open}' expected: '('`);
  const values: string[] = [];
  for (;;) {
    values.push(identifier());
    const token = next();
    if (token === ')') return values;
    if (token !== ',')
      throw badRequest(`unable to parse requirement: found '${token}', expected: ',' or ')'`);
  }
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.trimEnd().length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null)
      throw badRequest(`unable to parse requirement: found '${text[at]}', expected: identifier`);
    tokens.push(match[1]!);
  }
  return tokens;
}

/** The fields that the server can select by; any other is refused. */
const FIELDS: Record<string, string[]> = {
  pods: ['spec.nodeName', 'spec.restartPolicy', 'spec.serviceAccountName', 'status.phase', 'status.podIP'],
  events: [
    'involvedObject.kind',
    'involvedObject.name',
    'involvedObject.namespace',
    'involvedObject.uid',
    'reason',
    'type',
  ],
  secrets: ['type'],
  namespaces: ['status.phase'],
  nodes: ['spec.unschedulable'],
};

/** `metadata.name=x,status.phase!=Running`. */
export function parseFieldSelector(text: string, plural: string): Matches {
  if (text === '') return () => true;
  const known = ['metadata.name', 'metadata.namespace', ...(FIELDS[plural] ?? [])];
  const terms = text.split(',').map((term) => {
    const match = /^([^=!]+)(==|!=|=)(.*)$/.exec(term);
    if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const [, field, operator, value] = match as unknown as [string, string, string, string];
    if (!known.includes(field)) throw badRequest(`field label not supported: ${field}`);
    return { path: field.split('.'), equal: operator !== '!=', value };
  });
  return (object) => terms.every(({ path, equal, value }) => (memberText(object, path) === value) === equal);
}

function memberText(object: KubeObject, path: string[]): string {
  let value: unknown = object;
  for (const member of path) {
    if (typeof value !== 'object' || value === null) return '';
    value = (value as Record<string, unknown>)[member];
  }
  return value === undefined || value === null ? '' : String(value);
}
