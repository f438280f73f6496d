import type { ASTNode } from '@marcbachmann/cel-js';
import { pathOf } from './path.ts';

/** Texts that are in a record as they were sent, from end to end. */
const VERBATIM = new Set(['request.body', 'response.body', 'url']);
const HEADERS = new Set(['request.headers', 'response.headers']);

/** Shorter ones are in nearly every record. */
const LEAST = 3;

/**
 * What a record (flow/record.ts) has in it, in ASCII, if the value of `node` has `literal` in it; undefined where that cannot be
 * said. ASCII is the same in every encoding that texts are read in.
 */
export function mentionOf(node: ASTNode, literal: unknown): string | undefined {
  if (typeof literal !== 'string') return undefined;
  if (VERBATIM.has(pathOf(node) ?? '')) return longest(literal.split(/[^\0-\x7f]+/));
  // Lines and repeated fields were joined: by a space, and by a comma and a space.
  return isHeader(node) ? longest(literal.split(/[^!-+\--~]+/)) : undefined;
}

/** `request.headers["name"]` or `map_get(request.headers, "name")`. */
function isHeader(node: ASTNode): boolean {
  if (node.op === '[]') return HEADERS.has(pathOf(node.args[0]) ?? '');
  if (node.op !== 'call') return false;
  const [name, args] = node.args;
  return name === 'map_get' && args.length === 2 && HEADERS.has(pathOf(args[0]) ?? '');
}

function longest(parts: readonly string[]): string | undefined {
  const best = parts.reduce((a, b) => (b.length > a.length ? b : a), '');
  return best.length < LEAST ? undefined : best;
}
