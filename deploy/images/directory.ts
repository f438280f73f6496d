import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tree } from './tree.ts';

/** Writes a tree below `root`. Owners are whoever does so: the Dockerfile sets them. */
export async function writeDirectory(tree: Tree, root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const [path, entry] of tree.entries()) {
    const target = join(root, path);
    if (entry.kind === 'directory') await mkdir(target, { recursive: true });
    else if (typeof entry.source === 'string') await copyFile(entry.source, target);
    else await writeFile(target, entry.source);
    await chmod(target, entry.mode);
  }
}
