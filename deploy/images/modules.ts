/** Which npm packages a component needs when it runs, and which of their files. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { DeployError } from '../errors.ts';
import type { Tree } from './tree.ts';

interface PackageFile {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** `from 'x'`, `import 'x'`, `import('x')`, `require('x')` and `createRequire(…)('x')`, of what is no path. */
const IMPORT = /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\(|\)\s*\()\s*['"]([^'"./][^'"]*)['"]/g;

/** What no program reads: declarations, maps, prose. Licences are kept. */
const UNUSED_FILE = /\.(?:[cm]?ts|map|md|markdown|flow|tsbuildinfo|bare|gypi?|c|cc|cpp|h|hpp)$|^\.(?!node)/i;
/** Directories of a package, at its top, that are for its own developers. */
const UNUSED_DIRECTORY = new Set([
  'test',
  'tests',
  '__tests__',
  'benchmark',
  'benchmarks',
  'example',
  'examples',
]);
/** In an addon the sources too: what was compiled lies in build/Release. */
const ADDON_SOURCES = new Set(['src', 'deps', 'build']);
/** better-sqlite3 builds one for its own tests. */
const UNUSED_ADDON = 'test_extension.node';

/** The packages, of those in the repository's package.json, that the compiled files of `directories` import. */
export function importedPackages(repository: string, directories: readonly string[]): string[] {
  const known = Object.keys(readPackage(repository).dependencies ?? {});
  const imported = new Set<string>();
  for (const directory of directories) {
    for (const file of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.js')) continue;
      for (const [, name] of readFileSync(join(directory, file), 'utf8').matchAll(IMPORT)) imported.add(name);
    }
  }
  return known.filter((name) => [...imported].some((path) => path === name || path.startsWith(`${name}/`)));
}

/** Adds the packages and all they depend on, in the places where they are installed. */
export function addModules(
  tree: Tree,
  repository: string,
  names: readonly string[],
  destination: string,
): void {
  const directories = new Set<string>();
  const waiting = names.map((name) => ({ name, from: repository, needed: true }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const directory = installedAt(next.name, next.from, repository);
    if (directory === undefined && next.needed) throw notInstalled(next.name);
    if (directory === undefined || directories.has(directory)) continue;
    directories.add(directory);
    const { dependencies = {}, optionalDependencies = {} } = readPackage(directory);
    for (const name of Object.keys(dependencies)) {
      if (name.startsWith('@types/')) continue;
      waiting.push({ name, from: directory, needed: !(name in optionalDependencies) });
    }
    for (const name of Object.keys(optionalDependencies))
      waiting.push({ name, from: directory, needed: false });
  }
  for (const directory of directories)
    addPackage(tree, directory, join(destination, relative(repository, directory)));
}

/** As Node looks for it: here, then upwards, not past the repository. */
function installedAt(name: string, from: string, repository: string): string | undefined {
  for (let directory = from; ; directory = dirname(directory)) {
    const candidate = join(directory, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (directory === repository || directory === dirname(directory)) return undefined;
  }
}

function addPackage(tree: Tree, directory: string, destination: string): void {
  const addon = existsSync(join(directory, 'binding.gyp'));
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (!entry.isDirectory()) {
      if (entry.isFile() && !UNUSED_FILE.test(entry.name)) {
        tree.file(join(destination, entry.name), join(directory, entry.name));
      }
      continue;
    }
    if (entry.name === 'node_modules' || entry.name.startsWith('.') || UNUSED_DIRECTORY.has(entry.name))
      continue;
    if (addon && ADDON_SOURCES.has(entry.name)) continue;
    addFiles(
      tree,
      join(directory, entry.name),
      join(destination, entry.name),
      (name) => !UNUSED_FILE.test(name),
    );
  }
  if (addon) {
    const built = join('build', 'Release');
    if (!existsSync(join(directory, built))) throw notInstalled(directory);
    for (const name of readdirSync(join(directory, built))) {
      if (!name.endsWith('.node') || name === UNUSED_ADDON) continue;
      tree.file(join(destination, built, name), join(directory, built, name));
    }
  }
}

/** Adds a directory's files, at any depth, whose names are wanted. */
export function addFiles(
  tree: Tree,
  directory: string,
  destination: string,
  wanted: (name: string) => boolean,
): void {
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !wanted(entry.name)) continue;
    const source = join(entry.parentPath, entry.name);
    tree.file(join(destination, relative(directory, source)), source);
  }
}

function readPackage(directory: string): PackageFile {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
}

function notInstalled(what: string): DeployError {
  return new DeployError('IMAGE_PARTS_MISSING', `${what} is not installed or not built`, 'Run npm ci first.');
}
