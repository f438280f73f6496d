import { readFile, stat } from 'node:fs/promises';
import { ClusterError } from './error.ts';
import { Identity } from './identity.ts';
import type { KubeObject } from './objects.ts';
import { parseObjects } from './read-objects.ts';
import { slicesFromSelectors } from './selectors.ts';

/** A text cannot be longer in JavaScript. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;

/** Identity from a file of Kubernetes objects. Rejects with ClusterError. */
export async function readIdentity(path: string): Promise<Identity> {
  const bytes = await readWhole(path);
  try {
    return identityOf(parseObjects(decode(bytes)));
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    throw new ClusterError(error.code, `${path} cannot be used: ${error.message}`, error);
  }
}

/** Objects that were read once, and stand for all time as far as they do not say since when. */
export function identityOf(objects: readonly KubeObject[]): Identity {
  const identity = new Identity();
  for (const object of [...objects, ...slicesFromSelectors(objects)]) identity.set(object, -Infinity);
  return identity;
}

async function readWhole(path: string): Promise<Buffer> {
  let size: number;
  try {
    ({ size } = await stat(path));
    if (size <= MAX_FILE_BYTES) return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`;
    throw new ClusterError('OBJECTS_NOT_FOUND', `${path}: ${why}`, error);
  }
  throw new ClusterError(
    'OBJECTS_INVALID',
    `${path} has ${size} bytes, and at most ${MAX_FILE_BYTES} can be read: leave out namespaces that are not needed`,
  );
}

/** UTF-8, or what `>` of Windows PowerShell makes of it: UTF-16 with a byte order mark. */
function decode(bytes: Buffer): string {
  const utf16 = bytes.length >= 2 && bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(utf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}
