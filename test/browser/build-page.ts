import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'vite';

const ROOT = resolve(import.meta.dirname, '../..');

/** Builds the page if it is missing or older than what it is made from. Runs once before the browser tests. */
export default async function buildPage(): Promise<void> {
  const built = statSync(join(ROOT, 'dist/ui/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = [...files(join(ROOT, 'ui')), ...files(join(ROOT, 'flow'))];
  if (built > Math.max(...sources.map((file) => statSync(file).mtimeMs))) return;
  await build({ configFile: join(ROOT, 'ui/vite.config.ts'), logLevel: 'warn' });
}

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
