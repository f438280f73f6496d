import type { ASTNode } from '@marcbachmann/cel-js';
import { FilterError } from './error.ts';
import { FUNCTIONS } from './functions.ts';
import { nearest, nearestField } from './nearest.ts';
import { children } from './rewrite.ts';
import { slipAt } from './slips.ts';
import { severalFields, unlike } from './unlike.ts';

/** What is used of the engine's errors. */
interface CelProblem {
  code?: string;
  summary?: string;
  message: string;
  range?: { start: number; end: number };
  node?: ASTNode;
}

const LABELS = 'Labels and annotations are not kept: src.workload and dst.workload tell who it was.';
const PROCESSES = 'Processes are not told apart: src.workload and dst.workload tell who it was.';
/** Fields of KFL2 that Remora has nothing for, and what does instead. */
const NOT_KEPT: Record<string, string> = {
  local_labels: LABELS,
  remote_labels: LABELS,
  local_annotations: LABELS,
  remote_annotations: LABELS,
  local_process_name: PROCESSES,
  remote_process_name: PROCESSES,
};

/** What the filter engine says of a text, as a FilterError. */
export function explain(source: string, error: unknown): FilterError {
  const problem = error as CelProblem;
  const start = Math.min(problem.range?.start ?? 0, source.length);
  const end = Math.max(start, Math.min(problem.range?.end ?? source.length, source.length));
  const summary = problem.summary ?? problem.message;
  if (problem.code === 'unknown_variable' || problem.code === 'no_such_key') {
    return unknownField(source, start, end, error);
  }
  if (problem.code === 'no_matching_overload' && problem.node !== undefined) {
    const unknown = unknownFunction(problem.node, error);
    if (unknown !== undefined) return unknown;
  }
  if (problem.code?.includes('overload') && problem.node !== undefined) {
    for (const part of children(problem.node)) {
      const several = severalFields(part, error);
      if (several !== undefined) return several;
    }
    const compared = unlike(problem.node, start, end, error);
    if (compared !== undefined) return compared;
  }
  if (problem.code?.includes('overload') || problem.code?.includes('type')) {
    return new FilterError(
      'FILTER_TYPE',
      `${sentence(summary)} Check the types: text is in quotes, numbers are not.`,
      start,
      end,
      { cause: error },
    );
  }
  const slip = slipAt(source, start, end);
  if (slip !== undefined) {
    const { meant, ...place } = slip;
    const text = source.slice(place.start, place.end);
    return new FilterError('FILTER_SYNTAX', `Write ${meant} for ${text}.`, place.start, place.end, {
      cause: error,
      suggestion: meant,
    });
  }
  const shown = summary.includes('EOF')
    ? 'The filter ends too early: something is missing at its end'
    : summary;
  return new FilterError('FILTER_SYNTAX', sentence(shown), start, end, { cause: error });
}

function unknownField(source: string, start: number, end: number, cause: unknown): FilterError {
  const before = /[\w.]*$/.exec(source.slice(0, start))?.[0] ?? '';
  const name = before + source.slice(start, end);
  const best = nearestField(name);
  const hint =
    NOT_KEPT[name] ??
    (best === undefined ? 'The fields are listed in the reference.' : `Did you mean ${best}?`);
  return new FilterError('FILTER_FIELD', `There is no field ${name}. ${hint}`, start - before.length, end, {
    cause,
    ...(best === undefined ? {} : { suggestion: best }),
  });
}

/** For a call of what is no function at all; undefined for one that is given the wrong things. */
function unknownFunction(node: ASTNode, cause: unknown): FilterError | undefined {
  if (node.op !== 'call' && node.op !== 'rcall') return undefined;
  const name = node.args[0];
  if (FUNCTIONS.some((known) => known.name === name) || !/^\w+$/.test(name)) return undefined;
  const best = nearest(
    name,
    FUNCTIONS.filter(({ of }) => of.length > 0 === (node.op === 'rcall')).map((known) => known.name),
  );
  // Where the engine has one of that name after all, it is better at saying what is wrong.
  if (best === undefined) return undefined;
  const start = node.input.indexOf(name, node.op === 'rcall' ? node.args[1].end : node.start);
  return new FilterError(
    'FILTER_FUNCTION',
    `There is no function ${name}. Did you mean ${best}?`,
    start,
    start + name.length,
    { cause, suggestion: best },
  );
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed[0].toUpperCase() + trimmed.slice(1) + (/[.?!]$/.test(trimmed) ? '' : '.');
}
