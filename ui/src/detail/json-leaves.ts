import type { JsonValue } from '../../../flow/fields/field.ts';
import { literal } from '../traffic/clauses.ts';

/** A value of a JSON body that has no more values in it. */
export interface Leaf {
  /** As a filter writes it, without the field it is in: `items[0].price`. */
  path: string;
  text: string;
  /** The condition that a body has the same value there. */
  clause: string;
}

/** What lies deeper is left out: no filter is that long. */
const DEEPEST = 100;

const NAME = /^[A-Za-z_]\w*$/;
/** Names that the language keeps for itself. */
const RESERVED = new Set(['true', 'false', 'null', 'in']);

/** The values in a JSON text, in its order, `limit` at most; undefined where it is no JSON. `field`: `request.json`. */
export function jsonLeaves(text: string, field: string, limit: number): Leaf[] | undefined {
  let root: JsonValue;
  try {
    root = JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
  const leaves: Leaf[] = [];
  const visit = (value: JsonValue, path: string, depth: number): void => {
    if (leaves.length >= limit || depth > DEEPEST) return;
    if (Array.isArray(value)) {
      for (const [at, item] of value.entries()) visit(item, `${path}[${at}]`, depth + 1);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) visit(member, path + step(name), depth + 1);
    } else {
      const written = typeof value === 'string' ? literal(value) : String(value);
      leaves.push({
        path: path.replace(/^\./, '') || '(all)',
        text: typeof value === 'string' ? value : written,
        clause: `${field}${path} == ${written}`,
      });
    }
  };
  visit(root, '', 0);
  return leaves;
}

function step(name: string): string {
  return NAME.test(name) && !RESERVED.has(name) ? `.${name}` : `[${literal(name)}]`;
}
