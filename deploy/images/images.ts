import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeployError } from '../errors.ts';
import type { Component } from '../names.ts';
import type { ImageOptions } from '../options.ts';
import { imageReference } from '../pod.ts';
import { type Image, writeArchive } from './archive.ts';
import { runConfig } from './config.ts';
import { applicationTree, systemTree } from './content.ts';
import { writeDirectory } from './directory.ts';
import { writeLayer } from './layer.ts';

export interface BuildOptions {
  /** Root of the sources: dist/ is built, node_modules/ installed. */
  repository: string;
  image: Pick<ImageOptions, 'registry' | 'repositoryHub' | 'repositoryWorker' | 'tag'>;
  /** The time of all files and of the image. */
  created: Date;
}

const COMPONENTS: readonly Component[] = ['hub', 'worker'];

/**
 * Writes an archive for each component to `output`, for the architecture of this machine. The same sources and
 * machine give the same bytes. Resolves with the files. Rejects with DeployError IMAGE_PARTS_MISSING.
 */
export async function buildArchives(options: BuildOptions, output: string): Promise<string[]> {
  const architecture = imageArchitecture();
  await mkdir(output, { recursive: true });
  const workspace = await mkdtemp(join(tmpdir(), 'remora-images-'));
  try {
    const files: string[] = [];
    const system = systemTree();
    // The same for both: a node keeps it once.
    const systemLayer = await writeLayer(system, join(workspace, 'system'), options.created);
    for (const component of COMPONENTS) {
      const application = applicationTree(component, options.repository, system);
      const layer = await writeLayer(application, join(workspace, component), options.created);
      const image: Image = {
        name: reference(options.image, component),
        architecture,
        config: runConfig(component),
        layers: [systemLayer, layer],
        created: options.created,
      };
      const file = join(output, `remora-${component}-${options.image.tag}-${architecture}.tar`);
      await writeArchive(image, file);
      files.push(file);
    }
    return files;
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

/** Writes `output/system`, `output/hub` and `output/worker`: the Dockerfile's layers. */
export async function buildDirectories(repository: string, output: string): Promise<void> {
  const system = systemTree();
  await writeDirectory(system, join(output, 'system'));
  for (const component of COMPONENTS) {
    await writeDirectory(applicationTree(component, repository, system), join(output, component));
  }
}

function reference(image: BuildOptions['image'], component: Component): string {
  return imageReference(image, component === 'hub' ? image.repositoryHub : image.repositoryWorker);
}

function imageArchitecture(): Image['architecture'] {
  if (process.platform === 'linux' && process.arch === 'x64') return 'amd64';
  if (process.platform === 'linux' && process.arch === 'arm64') return 'arm64';
  throw new DeployError(
    'IMAGE_PARTS_MISSING',
    `images are of what is installed here, and this is ${process.platform} on ${process.arch}`,
    'Run it on Linux on amd64 or arm64, or use the Dockerfile.',
  );
}
