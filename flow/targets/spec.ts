import type { TargetSpec } from '../targets.ts';
import { TargetError } from './error.ts';

/** Of namespaces, excluded namespaces and references, each. */
export const MAX_ENTRIES = 10_000;

const TEXTS = ['pods', 'selector'] as const;
const LISTS = ['namespaces', 'excludeNamespaces', 'refs'] as const;

/** A spec from JSON that anybody may have written: what is left out is empty. Throws TargetError. */
export function readTargetSpec(value: unknown): TargetSpec {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TargetError('', 'Targets are a JSON object with pods, namespaces, selector or refs.', 0, 0);
  }
  const given = value as Record<string, unknown>;
  const unknown = Object.keys(given).find((name) => !([...TEXTS, ...LISTS] as string[]).includes(name));
  if (unknown !== undefined) {
    const known = [...TEXTS, ...LISTS].join(', ');
    throw new TargetError('', `Targets have no field "${unknown}". Their fields are: ${known}.`, 0, 0);
  }
  for (const field of TEXTS) {
    if (given[field] !== undefined && typeof given[field] !== 'string') {
      throw new TargetError(field, `"${field}" of the targets is not a text.`, 0, 0);
    }
  }
  for (const field of LISTS) checkList(field, given[field]);
  return { pods: '', selector: '', namespaces: [], excludeNamespaces: [], refs: [], ...given };
}

function checkList(field: (typeof LISTS)[number], list: unknown): void {
  if (list === undefined) return;
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === 'string')) {
    throw new TargetError(field, `"${field}" of the targets is not a list of texts.`, 0, 0);
  }
  if (list.length > MAX_ENTRIES) {
    throw new TargetError(field, `"${field}" has ${list.length} entries; the limit is ${MAX_ENTRIES}.`, 0, 0);
  }
}
