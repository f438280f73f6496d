import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addModules, importedPackages } from './modules.ts';
import { Tree } from './tree.ts';

let repository: string;
beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'remora-modules-'));
});
afterEach(() => rmSync(repository, { recursive: true, force: true }));

function write(path: string, content: string | object = ''): void {
  const file = join(repository, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}

function added(...names: string[]): string[] {
  const tree = new Tree();
  addModules(tree, repository, names, '/app');
  return tree
    .entries()
    .filter(([, entry]) => entry.kind === 'file')
    .map(([path]) => path.slice('/app/node_modules/'.length));
}

test('packages are those that compiled code names, in every way of importing', () => {
  const dependencies = { a: '1', '@b/c': '1', d: '1', e: '1', f: '1', open: '1', ab: '1' };
  write('package.json', { dependencies });
  write(
    'dist/hub/x.js',
    `import x from 'a'; import './own.js'; import fs from 'node:fs'; socket.on('open', go);`,
  );
  write('dist/hub/deep/y.js', `export * from "@b/c/part"; await import('d'); require('e');`);
  write('dist/hub/z.js', `createRequire(import.meta.url)('f/build/f.node'); // not installed: import 'g'`);
  write('dist/hub/declared.d.ts', `import 'ab';`);
  expect(importedPackages(repository, [join(repository, 'dist/hub')])).toEqual(['a', '@b/c', 'd', 'e', 'f']);
});

test('a package comes with all it depends on, from where Node would find it, and without what never runs', () => {
  write('node_modules/a/package.json', { dependencies: { b: '2', c: '1', '@types/node': '1' } });
  for (const file of ['index.js', 'lib/x.mjs', 'data.json', 'LICENSE', 'lib/deep/test/runs.js'])
    write(`node_modules/a/${file}`);
  for (const file of ['index.d.ts', 'lib/x.mjs.map', 'README.md', 'test/x.js', '.github/x.yml'])
    write(`node_modules/a/${file}`);
  write('node_modules/a/node_modules/b/package.json', { version: '2' });
  write('node_modules/b/package.json', { version: '1' });
  write('node_modules/c/package.json', { dependencies: { a: '1' } });
  write('node_modules/unused/package.json', {});
  write('node_modules/@types/node/package.json', {});
  expect(added('a')).toEqual([
    'a/LICENSE',
    'a/data.json',
    'a/index.js',
    'a/lib/deep/test/runs.js',
    'a/lib/x.mjs',
    'a/node_modules/b/package.json',
    'a/package.json',
    'c/package.json',
  ]);
});

test('of an addon, what was compiled, without what it was compiled from', () => {
  write('node_modules/addon/package.json', {});
  for (const file of ['binding.gyp', 'lib/index.js', 'src/addon.cc', 'deps/big.c'])
    write(`node_modules/addon/${file}`);
  for (const file of ['addon.node', 'test_extension.node', 'obj.target/x.o'])
    write(`node_modules/addon/build/Release/${file}`);
  expect(added('addon')).toEqual([
    'addon/build/Release/addon.node',
    'addon/lib/index.js',
    'addon/package.json',
  ]);
});

test('what is optional may be absent, all else may not', () => {
  write('node_modules/a/package.json', {
    dependencies: { b: '1' },
    optionalDependencies: { b: '1', c: '1' },
  });
  expect(added('a')).toEqual(['a/package.json']);
  write('node_modules/a/package.json', { dependencies: { b: '1' } });
  expect(() => added('a')).toThrow(expect.objectContaining({ code: 'IMAGE_PARTS_MISSING' }));
  write('node_modules/addon/package.json', {});
  write('node_modules/addon/binding.gyp', '');
  expect(() => added('addon')).toThrow(expect.objectContaining({ code: 'IMAGE_PARTS_MISSING' }));
});
