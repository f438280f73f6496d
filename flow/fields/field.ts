import type { Flow } from '../flow.ts';

export type FieldType =
  | 'bool'
  | 'int'
  | 'double'
  | 'string'
  | 'timestamp'
  | 'list<string>'
  | 'map<string,string>'
  /** Any JSON value; null where there is none. */
  | 'json';
export type FieldValue = boolean | bigint | number | string | Date | string[] | FieldMap | JsonValue;
export type JsonValue = null | boolean | number | string | JsonValue[] | { [name: string]: JsonValue };

/** Where the store keeps a field as a value of its own, so that history can be searched by it without reading the flows. */
export type Column =
  | 'time'
  | 'protocol'
  | 'elapsed'
  | 'method'
  | 'host'
  | 'path'
  | 'status'
  | 'request_size'
  | 'response_size'
  | 'redacted'
  | 'node'
  | `${'src' | 'dst'}.${'ip' | 'port' | 'name' | 'namespace' | 'pod' | 'service' | 'workload' | 'node'}`;

export interface Field {
  /** As written in a filter. */
  readonly name: string;
  readonly type: FieldType;
  /** µs, bytes, … where there is one. */
  readonly unit?: string;
  readonly meaning: string;
  /** A filter that uses it. */
  readonly example: string;
  readonly column?: Column;
  /** A flow without it gives the type's default: false, 0, "", an empty map. */
  readonly read: (flow: Flow) => FieldValue;
}

/** Header fields, cookies or parameters by name. Of a repeated name: the values joined by `, ` (RFC 9110 §5.3). */
export class FieldMap extends Map<string, string> {
  readonly #fold: boolean;

  /** `fold`: names are compared without regard to case (header fields). */
  constructor(fold: boolean) {
    super();
    this.#fold = fold;
  }
  append(name: string, value: string): void {
    const key = this.#fold ? name.toLowerCase() : name;
    const before = super.get(key);
    super.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  override get(name: string): string | undefined {
    return super.get(this.#fold ? name.toLowerCase() : name);
  }
  override has(name: string): boolean {
    return super.has(this.#fold ? name.toLowerCase() : name);
  }
}

// The filter engine tells maps by their constructor.
Object.defineProperty(FieldMap.prototype, 'constructor', { value: Map });

export function fieldMap(entries: Iterable<[string, string | string[]]>, fold: boolean): FieldMap {
  const map = new FieldMap(fold);
  for (const [name, value] of entries) for (const one of [value].flat()) map.append(name, one);
  return map;
}

export function integer(value: number | undefined): bigint {
  return BigInt(Math.round(value ?? 0));
}
