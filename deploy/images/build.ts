/**
 * `npm run images`: the images, with no container engine, from what is built and installed on this machine. Also the
 * last step of the Dockerfile's build stage, so that both make the same.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DeployError } from '../errors.ts';
import { defaultOptions } from '../options.ts';
import { buildArchives, buildDirectories } from './images.ts';

const USAGE = `npm run images -- [--output dist/images] [--registry ghcr.io/remora-dev] [--tag VERSION]   archives
npm run images -- --directories DIR                                                       directories
Environment: SOURCE_DATE_EPOCH, the time of all files, s (0)`;

const repository = fileURLToPath(new URL('../..', import.meta.url));
const { image } = defaultOptions();
const { values } = parseArgs({
  options: {
    output: { type: 'string', default: join(repository, 'dist/images') },
    registry: { type: 'string', default: image.registry },
    tag: { type: 'string', default: image.tag },
    directories: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

try {
  if (values.help) say(USAGE);
  else if (values.directories !== undefined) await buildDirectories(repository, values.directories);
  else {
    const created = new Date(Number(process.env['SOURCE_DATE_EPOCH'] ?? 0) * 1000);
    const options = { repository, created, image: { ...image, registry: values.registry, tag: values.tag } };
    for (const file of await buildArchives(options, values.output)) say(file);
  }
} catch (error) {
  if (!(error instanceof DeployError)) throw error;
  process.stderr.write(`${error.message}. ${error.remedy}\n`);
  process.exitCode = 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
