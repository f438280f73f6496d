import type { ASTNode } from '@marcbachmann/cel-js';

/** `a.b.c` of nothing but names. */
export function pathOf(node: ASTNode): string | undefined {
  if (node.op === 'id') return node.args;
  if (node.op !== '.') return undefined;
  const [of, name] = node.args;
  const before = pathOf(of);
  return before === undefined ? undefined : `${before}.${name}`;
}
