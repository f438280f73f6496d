/** What is in the images: a system that is just enough for Node, and the application. No shell, no package manager. */

import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { DeployError } from '../errors.ts';
import type { Component } from '../names.ts';
import { addLibraries } from './libraries.ts';
import { addFiles, addModules, importedPackages } from './modules.ts';
import { Tree } from './tree.ts';

export const NODE = '/usr/local/bin/node';
export const APPLICATION = '/app';
export const DATA = '/data';
/** The hub's user and group. */
export const NONROOT = 65532;

const ROOMS: Record<Component, string[]> = { hub: ['flow', 'hub'], worker: ['flow', 'worker'] };
const ADDONS: Record<Component, string> = {
  hub: 'node_modules/better-sqlite3/build/Release/better_sqlite3.node',
  worker: 'node_modules/pcap/build/Release/pcap_binding.node',
};

/** What both images stand on: the Node that runs this, its libraries, and the files that glibc reads. */
export function systemTree(): Tree {
  const tree = new Tree();
  const node = realpathSync(process.execPath);
  tree.file(NODE, node, 0o755);
  addLibraries(tree, node);
  tree.file(
    '/etc/passwd',
    text('root:x:0:0:root:/:/none', `nonroot:x:${NONROOT}:${NONROOT}:nonroot:/:/none`),
  );
  tree.file('/etc/group', text('root:x:0:', `nonroot:x:${NONROOT}:`));
  tree.file('/etc/nsswitch.conf', text('passwd: files', 'group: files', 'hosts: files dns'));
  // Where the runtime mounts.
  for (const path of ['/dev', '/proc', '/sys', '/etc/remora']) tree.directory(path);
  tree.directory('/tmp', 0o1777);
  return tree;
}

/** What lies above `system`. Throws DeployError IMAGE_PARTS_MISSING where it has not been built. */
export function applicationTree(component: Component, repository: string, system: Tree): Tree {
  const tree = new Tree();
  addLibraries(tree, join(repository, ADDONS[component]), system);
  const rooms = ROOMS[component].map((room) => join('dist', room));
  const page = join('dist', 'ui');
  for (const room of component === 'hub' ? [...rooms, page] : rooms) {
    if (!existsSync(join(repository, room))) {
      throw new DeployError('IMAGE_PARTS_MISSING', `${room} is not built`, 'Run npm run build first.');
    }
    addFiles(
      tree,
      join(repository, room),
      join(APPLICATION, room),
      (name) => !/\.(map|tsbuildinfo)$/.test(name),
    );
  }
  // It says that these are modules, and the version.
  tree.file(join(APPLICATION, 'package.json'), join(repository, 'package.json'));
  tree.file('/LICENSE', join(repository, 'LICENSE'));
  const packages = importedPackages(
    repository,
    rooms.map((room) => join(repository, room)),
  );
  addModules(tree, repository, packages, APPLICATION);
  if (component === 'hub') {
    tree.file(join(APPLICATION, 'healthcheck.mjs'), join(repository, 'deploy/images/healthcheck.mjs'));
    tree.directory(DATA, 0o700, NONROOT);
  }
  return tree;
}

function text(...lines: string[]): Buffer {
  return Buffer.from(`${lines.join('\n')}\n`);
}
