import type { EndpointSummary } from '../../../flow/api.ts';
import { FIELDS } from '../../../flow/fields.ts';
import { literal } from './clauses.ts';

/** What the hub calls all values that are not listed. */
const OTHERS = '…';

/** The condition that a field (flow/fields.ts) has a value; undefined for what stands for several values. */
export function clauseFor(field: string, value: string): string | undefined {
  if (value === OTHERS) return undefined;
  const type = FIELDS.find(({ name }) => name === field)?.type;
  if (type === 'list<string>') return `${literal(value)} in ${field}`;
  return `${field} == ${type === 'int' ? value : literal(value)}`;
}

export function excluding(clause: string): string {
  return `!(${clause})`;
}

/** The condition that a flow is of an endpoint; undefined for what stands for several. */
export function endpointClause({ server, method, template }: EndpointSummary): string | undefined {
  if (server === OTHERS && template === '') return undefined;
  const path =
    template.includes('{id}') || template.endsWith('/…') ? matches(template) : `path == ${literal(template)}`;
  return `dst.name == ${literal(server)} && method == ${literal(method)} && ${path}`;
}

/** `path.matches` for a template of flow/path-template.ts. */
function matches(template: string): string {
  const pattern = template
    .split(/(\{id\}|\/…$)/)
    .map((part) => {
      if (part === '{id}') return '[^/]+';
      return part === '/…' ? '/.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('');
  return `path.matches(${literal(`^${pattern}$`)})`;
}
