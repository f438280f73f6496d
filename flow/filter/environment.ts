import { Environment } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import { buildModel, type FieldObjectClass } from './context.ts';

/** Patterns are compiled once; a filter uses few of them. */
const MAX_PATTERNS = 256;

export interface FilterEnvironment {
  readonly cel: Environment;
  readonly root: FieldObjectClass;
}

/**
 * CEL with the fields of the table, and: `map_get(map, key)` and `map_get(map, key, default)`, `now()`, and what stands in
 * for other things (see rewrite.ts): `json_get`, and `re2_matches`, linear in the text whatever the pattern.
 */
export function createEnvironment(): FilterEnvironment {
  const { variables, types, root } = buildModel();
  const cel = new Environment({
    unlistedVariablesAreDyn: false,
    limits: { maxAstNodes: 2000, maxDepth: 100 },
  });
  for (const type of types) cel.registerType(type.typeName, { ctor: type.objectClass, fields: type.fields });
  for (const [name, type] of Object.entries(variables)) cel.registerVariable(name, type);

  const patterns = new Map<string, RE2JS>();
  cel.registerFunction(
    'map_get(map<string, string>, string): string',
    (map: Map<string, string>, key: string) => map.get(key) ?? '',
  );
  cel.registerFunction(
    'map_get(map<string, string>, string, string): string',
    (map: Map<string, string>, key: string, otherwise: string) => map.get(key) ?? otherwise,
  );
  cel.registerFunction('json_get(dyn, dyn): dyn', jsonGet);
  cel.registerFunction('now(): google.protobuf.Timestamp', () => new Date());
  cel.registerFunction('re2_matches(string, string): bool', (text: string, pattern: string) =>
    compiled(patterns, pattern).matcher(text).find(),
  );
  return { cel, root };
}

/** A member by name, an element by number; null where there is none. */
function jsonGet(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) return value[Number(key)] ?? null;
  if (typeof value !== 'object' || value === null || typeof key !== 'string') return null;
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : null;
}

function compiled(patterns: Map<string, RE2JS>, pattern: string): RE2JS {
  let regex = patterns.get(pattern);
  if (regex === undefined) {
    if (patterns.size >= MAX_PATTERNS) patterns.clear();
    regex = RE2JS.compile(pattern);
    patterns.set(pattern, regex);
  }
  return regex;
}
