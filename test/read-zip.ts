/** The files in a zip archive, as text, by name. Rejects for one that is not whole. */

import { text } from 'node:stream/consumers';
import yauzl from 'yauzl';

export async function readZip(archive: Buffer): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const zip = await yauzl.fromBufferPromise(archive);
  for await (const entry of zip.eachEntry()) {
    files.set(entry.fileName, await text(await zip.openReadStreamPromise(entry)));
  }
  return files;
}
