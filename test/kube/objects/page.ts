/** Continue tokens: where the next page of a list begins and which revision it shows. Opaque to clients. */

import { badRequest } from '../status.ts';

export interface Continuation {
  /** -1: whatever is there now (an inconsistent list, after an expired token). */
  revision: number;
  /** The key after which the page begins. */
  start: string;
}

export function encodeContinue({ revision, start }: Continuation): string {
  const token = JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${start}\0` });
  return Buffer.from(token.replaceAll('\0', '\\u0000')).toString('base64url');
}

export function decodeContinue(token: string): Continuation {
  try {
    const { v, rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as Record<
      string,
      unknown
    >;
    if (v !== 'meta.k8s.io/v1' || typeof rv !== 'number' || typeof start !== 'string')
      throw new Error('form');
    return { revision: rv, start: start.replace(/\0$/, '') };
  } catch {
    throw badRequest(
      'invalid continue token: continue key is not valid: invalid character looking for beginning of value',
    );
  }
}
