import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterAll, expect, test } from 'vitest';
import { writeArchive } from './archive.ts';
import { runConfig } from './config.ts';
import { writeDirectory } from './directory.ts';
import { writeLayer } from './layer.ts';
import { Tree } from './tree.ts';

const directory = mkdtempSync(join(tmpdir(), 'remora-layer-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const TIME = new Date(86_400_000);
const source = join(directory, 'source');
writeFileSync(source, 'from a file'.repeat(10_000), { mode: 0o600 });

function tree(order: 1 | -1 = 1): Tree {
  const result = new Tree();
  const steps = [
    () => result.file('/app/main.js', Buffer.from('run()')),
    () => result.file('/usr/local/bin/node', source, 0o755),
    () => result.directory('/data', 0o700, 65532),
    () => result.directory('/tmp', 0o1777),
    () => result.file('/empty', Buffer.alloc(0)),
    () => result.file(`/app/${'deep/'.repeat(40)}end`, Buffer.from('long')),
  ];
  for (const step of order === 1 ? steps : steps.reverse()) step();
  return result;
}

const sha256 = (content: Buffer) => `sha256:${createHash('sha256').update(content).digest('hex')}`;

async function entries(tar: Buffer) {
  const unpack = extract();
  unpack.end(tar);
  const found: Record<
    string,
    { type: string; mode: number; uid: number; gid: number; mtime: Date; text: string }
  > = {};
  for await (const entry of unpack) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const { name, type, mode, uid, gid, mtime } = entry.header;
    found[name] = { type, mode, uid, gid, mtime, text: Buffer.concat(chunks).toString() };
  }
  return found;
}

test('a layer has what is in the tree, with owners and modes of its own, at one time', async () => {
  const layer = await writeLayer(tree(), join(directory, 'layer'), TIME);
  const found = await entries(gunzipSync(readFileSync(layer.file)));
  const common = { uid: 0, gid: 0, mtime: TIME };
  expect(found['app/main.js']).toEqual({ ...common, type: 'file', mode: 0o644, text: 'run()' });
  expect(found['usr/local/bin/node']).toMatchObject({
    ...common,
    mode: 0o755,
    text: readFileSync(source, 'utf8'),
  });
  expect(found['data/'] ?? found['data']).toEqual({
    ...{ type: 'directory', mode: 0o700, uid: 65532, gid: 65532, mtime: TIME, text: '' },
  });
  expect((found['tmp/'] ?? found['tmp']).mode).toBe(0o1777);
  expect(found['empty'].text).toBe('');
  expect(found[`app/${'deep/'.repeat(40)}end`].text).toBe('long');
  const names = Object.keys(found);
  const position = (name: string) => names.findIndex((found) => found.replace(/\/$/, '') === name);
  expect(position('usr/local')).toBeGreaterThanOrEqual(0);
  expect(position('usr/local')).toBeLessThan(position('usr/local/bin/node'));
});

test('digests are those of the bytes', async () => {
  const layer = await writeLayer(tree(), join(directory, 'digests'), TIME);
  const content = readFileSync(layer.file);
  expect(layer.size).toBe(content.length);
  expect(layer.digest).toBe(sha256(content));
  expect(layer.diffId).toBe(sha256(gunzipSync(content)));
});

test('the same tree gives the same archive, whenever and in whatever order it was put together', async () => {
  const archive = async (name: string, order: 1 | -1) => {
    utimesSync(source, new Date(), new Date(Date.now() - 1e9 * order));
    const layers = [await writeLayer(tree(order), join(directory, `${name}-layer`), TIME)];
    const file = join(directory, name);
    const config = runConfig('hub');
    await writeArchive({ name: 'r/hub:1', architecture: 'arm64', config, layers, created: TIME }, file);
    return sha256(readFileSync(file));
  };
  expect(await archive('a', 1)).toBe(await archive('b', -1));
});

test('a file that cannot be read is an error and not a broken layer', async () => {
  const broken = new Tree();
  broken.file('/x', join(directory, 'absent'));
  await expect(writeLayer(broken, join(directory, 'broken'), TIME)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a tree can be written as directories too', async () => {
  const root = join(directory, 'root');
  await writeDirectory(tree(), root);
  expect(readFileSync(join(root, 'app/main.js'), 'utf8')).toBe('run()');
  expect(statSync(join(root, 'usr/local/bin/node')).mode & 0o7777).toBe(0o755);
  expect(statSync(join(root, 'tmp')).mode & 0o7777).toBe(0o1777);
});
