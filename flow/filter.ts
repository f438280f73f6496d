/** The filter language: CEL (https://cel.dev) over the fields of `fields.ts`. */
import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import { type Condition, conditionOf } from './filter/condition.ts';
import { createEnvironment, type FilterEnvironment } from './filter/environment.ts';
import { FilterError } from './filter/error.ts';
import { explain } from './filter/explain.ts';
import { checkLiterals } from './filter/literals.ts';
import { children, rewrite } from './filter/rewrite.ts';
import { severalFields } from './filter/unlike.ts';
import type { Flow } from './flow.ts';

export type { Condition } from './filter/condition.ts';
export { FilterError } from './filter/error.ts';

export interface Filter {
  readonly source: string;
  /** What it says about stored fields: a flow that does not meet it does not pass. */
  readonly condition: Condition;
  /** Whether the flow passes. A filter that cannot be evaluated on a flow (e.g. `int("x")`) does not match it. */
  matches(flow: Flow): boolean;
}

/** Longer ones are refused: nobody types them. */
export const MAX_FILTER_LENGTH = 8192;

/** An empty text matches every flow. Throws FilterError with the place and, where there is one, the nearest right name. */
export function compileFilter(source: string): Filter {
  if (source.trim() === '')
    return { source, condition: { kind: 'always', exact: true }, matches: () => true };
  if (source.length > MAX_FILTER_LENGTH) {
    throw new FilterError(
      'FILTER_SYNTAX',
      `The filter has ${source.length} characters; the limit is ${MAX_FILTER_LENGTH}.`,
      0,
      source.length,
    );
  }
  const { cel, root } = environment();
  const check = cel.check(source);
  if (!check.valid) throw explain(source, check.error);
  const checked = cel.parse(source);
  checked.check();
  if (String(check.type) !== 'bool') {
    const several = severalFields(checked.ast, undefined);
    if (several !== undefined) throw several;
    throw new FilterError(
      'FILTER_TYPE',
      `A filter must be true or false, this is ${check.type}. Compare it with something, e.g. ${source.trim()} == …`,
      0,
      source.length,
    );
  }
  checkLiterals(checked.ast);
  const run = cel.parse(rewrite(checked.ast));
  return {
    source,
    condition: conditionOf(checked.ast, (node) => constantOf(cel, node)),
    matches: (flow) => {
      try {
        return run(new root(flow)) === true;
      } catch {
        return false;
      }
    },
  };
}

/** The value of a part in which no field stands; undefined for others. */
function constantOf(cel: Environment, node: ASTNode): unknown {
  if (namesField(node)) return undefined;
  try {
    return cel.evaluate(node.input.slice(node.start, node.end));
  } catch {
    return undefined;
  }
}

function namesField(node: ASTNode): boolean {
  return node.op === 'id' || children(node).some(namesField);
}

/** Made at the first use and kept: it is frozen and holds nothing of any filter. */
const environment: () => FilterEnvironment = (() => {
  let made: FilterEnvironment | undefined;
  return () => {
    made ??= createEnvironment();
    return made;
  };
})();
