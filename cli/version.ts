import { readFileSync } from 'node:fs';
import { packageFile } from './paths.ts';

/** Of package.json. */
export function version(): string {
  return (JSON.parse(readFileSync(packageFile(), 'utf8')) as { version: string }).version;
}
