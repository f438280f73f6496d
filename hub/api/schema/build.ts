import Type, { type TUnsafe } from 'typebox';

/** A reference to a schema of the OpenAPI document's components, with the type it stands for. */
export function ref<T>(id: string): TUnsafe<T> {
  return Type.Unsafe<T>({ $ref: `${id}#` });
}

/** One of a few texts. */
export function oneOf<const T extends string>(values: readonly T[], description: string): TUnsafe<T> {
  return Type.Unsafe<T>({ type: 'string', enum: [...values], description });
}

export function nullable<T extends 'number' | 'string'>(
  type: T,
  description: string,
): TUnsafe<(T extends 'number' ? number : string) | null> {
  return Type.Unsafe({ type: [type, 'null'], description });
}

export function text(description: string) {
  return Type.String({ description });
}

export function number(description: string) {
  return Type.Number({ description });
}

export function integer(description: string) {
  return Type.Integer({ description });
}

export function time(description: string) {
  return Type.String({ format: 'date-time', description: `${description} RFC 3339, UTC, µs.` });
}
