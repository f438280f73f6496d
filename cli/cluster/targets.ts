/** From the words of a command line to a spec of pods. */

import { compileTargets, TargetError, type TargetSpec, type Targets } from '../../flow/targets.ts';
import { usageError } from '../errors.ts';
import type { Settings } from '../settings/table.ts';

export interface WantedPods {
  pods: string;
  refs: readonly string[];
  /** undefined: not said. [] is all. */
  namespaces: readonly string[] | undefined;
}

/** Throws usage errors. `contextNamespace` is for what names no namespace itself. */
export function readTargets(
  wanted: WantedPods,
  settings: Pick<Settings, 'excludeNamespace' | 'selector'>,
  contextNamespace: string,
): Targets {
  const spec: TargetSpec = {
    pods: wanted.pods,
    namespaces: [...new Set(wanted.namespaces ?? impliedNamespaces(wanted, contextNamespace))],
    excludeNamespaces: [...settings.excludeNamespace],
    selector: settings.selector,
    refs: [...wanted.refs],
  };
  try {
    return compileTargets(spec);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    throw usageError(error.message, placeOf(spec, error));
  }
}

/** `shop/svc/cart` says where it is; everything else is in the context's namespace. */
function impliedNamespaces({ pods, refs }: WantedPods, contextNamespace: string): string[] {
  const named = refs.map((ref) => ref.split('/')).map((parts) => (parts.length === 3 ? parts[0] : undefined));
  const bare = pods !== '' || refs.length === 0 || named.includes(undefined);
  return [...named.filter((name) => name !== undefined), ...(bare ? [contextNamespace] : [])];
}

/** Points at what is wrong, where the place is in a text long enough to look for it. */
function placeOf(spec: TargetSpec, { field, start, end }: TargetError): string | undefined {
  if (field !== 'pods' && field !== 'selector') return undefined;
  const text = spec[field];
  if (start >= end || end - start === text.length) return undefined;
  return `It is at ${JSON.stringify(text.slice(start, end))} (column ${start + 1}).`;
}

/** As one would write it on the command line. */
export function describeTargets({ pods, refs, namespaces, excludeNamespaces, selector }: TargetSpec): string {
  const parts = [
    ...(pods === '' ? [] : [`'${pods}'`]),
    ...refs,
    ...(namespaces.length === 0 ? ['-A'] : namespaces.map((name) => `-n ${name}`)),
    ...excludeNamespaces.map((name) => `--exclude-namespace ${name}`),
    ...(selector === '' ? [] : [`-l ${selector}`]),
  ];
  return parts.join(' ');
}

export function sameTargets(a: TargetSpec, b: TargetSpec): boolean {
  const text = (spec: TargetSpec) =>
    JSON.stringify([
      spec.pods,
      spec.selector,
      spec.namespaces.toSorted(),
      spec.excludeNamespaces.toSorted(),
      spec.refs.toSorted(),
    ]);
  return text(a) === text(b);
}
