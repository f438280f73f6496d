import type { ASTNode } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import { FilterError } from './error.ts';
import { children } from './rewrite.ts';

/** Throws FilterError for a literal pattern of `matches` that RE2 does not take, at its place. */
export function checkPatterns(node: ASTNode): void {
  if (node.op === 'rcall' && node.args[0] === 'matches') {
    const pattern = node.args[2][0];
    if (pattern?.op === 'value' && typeof pattern.args === 'string') {
      try {
        RE2JS.compile(pattern.args);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new FilterError(
          'FILTER_PATTERN',
          `Not a regular expression (RE2 syntax): ${why}.`,
          pattern.start,
          pattern.end,
          { cause },
        );
      }
    }
  }
  for (const child of children(node)) checkPatterns(child);
}
