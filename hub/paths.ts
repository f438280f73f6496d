/** Where the hub's own files are. */

import { readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(import.meta.url);
/** The built tree lies in `dist`, one folder deeper than the sources. */
const repository = join(dirname(here), extname(here) === '.ts' ? '..' : '../..');

/** The built page, unless told otherwise. */
export const PAGE_DIRECTORY = join(repository, 'dist', 'ui');

export function readVersion(): string {
  return JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')).version;
}
