/** `remora config`: what is shown, and what becomes of the files. */

import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSandbox, type Sandbox } from './cli-support.ts';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = openSandbox();
});
afterEach(() => sandbox.close());

const userFile = () => join(sandbox.root, '.config', 'remora', 'config.yaml');
const projectFile = () => join(sandbox.root, 'remora.yaml');
const config = (...args: string[]) => sandbox.run(['config', ...args]);

/** As `config -o json` has it. */
interface Shown {
  settings: { name: string; value: unknown; layer: string; from: string }[];
}

async function shown(name: string, environment: Record<string, string> = {}) {
  const { stdout } = await sandbox.run(['config', '-o', 'json'], { environment });
  return (JSON.parse(stdout) as Shown).settings.find((each) => each.name === name);
}

test('each setting with its value and the place it comes from', async () => {
  mkdirSync(dirname(userFile()), { recursive: true });
  writeFileSync(userFile(), '# mine\nport: 7001\nmax-body: 1Ki\n');
  writeFileSync(projectFile(), 'max-body: 2Ki\n');
  expect(await shown('port')).toEqual({ name: 'port', value: 7001, layer: 'file', from: `${userFile()}:2` });
  expect(await shown('max-body')).toMatchObject({ value: 2048, from: `${projectFile()}:1` });
  expect(await shown('port', { REMORA_PORT: '7002' })).toMatchObject({ value: 7002, from: 'REMORA_PORT' });
  expect(await shown('snaplen')).toMatchObject({ layer: 'default', from: 'default' });

  const { status, stdout } = await config();
  expect(status).toBe(0);
  expect(stdout).toMatch(/^port +7001 +~\/\.config\/remora\/config\.yaml:2$/m);
  expect(stdout).toMatch(/^max-body +2Ki +\.\/remora\.yaml:1$/m);
  expect((await config('get', 'max-body')).stdout).toBe('2Ki\n');
});

describe('--init', () => {
  test('writes a file that changes nothing yet, and never over another', async () => {
    const before = (await config()).stdout;
    expect(await config('--init')).toMatchObject({ status: 0, stderr: '' });
    const after = (await config()).stdout;
    expect(after.split('\n\n')[0]).toBe(before.split('\n\n')[0]);

    writeFileSync(userFile(), 'port: 7001\n');
    const again = await config('--init');
    expect(again).toMatchObject({ status: 1, stdout: '' });
    expect(again.stderr).toMatch(/^error: .*config\.yaml is there already\. .*--force\.\n$/);
    expect(readFileSync(userFile(), 'utf8')).toBe('port: 7001\n');
    expect((await config('--init', '--force')).status).toBe(0);
    expect(readFileSync(userFile(), 'utf8')).toContain('#port: 8899');
  });

  test('--project writes ./remora.yaml, whose lines then take values', async () => {
    await config('--init', '--project');
    const template = readFileSync(projectFile(), 'utf8');
    await config('set', '--project', 'redact-field', 'shoe size', 'pet');
    await config('set', '--project', 'output', 'json');
    expect(readFileSync(projectFile(), 'utf8')).toBe(
      template
        .replace('#redact-field: []', 'redact-field: [shoe size, pet]')
        .replace('#output: ui', 'output: json'),
    );
    expect(await shown('redact-field')).toMatchObject({ value: ['shoe size', 'pet'] });
    await config('unset', '--project', 'output');
    expect((await config('get', 'output')).stdout).toBe('ui\n');
  });
});

describe('set', () => {
  test('makes the file where there is none, with nothing beside it', async () => {
    expect(await config('set', 'port', '7001')).toEqual({
      ...{ status: 0, signal: null, stderr: '' },
      stdout: `port is 7001 in ${userFile()}.\n`,
    });
    expect(readFileSync(userFile(), 'utf8')).toBe('port: 7001\n');
    expect(readdirSync(dirname(userFile()))).toEqual(['config.yaml']);
  });

  test('a relative path is meant from here, wherever the file is', async () => {
    await config('set', 'data-dir', 'flows');
    expect(await shown('data-dir')).toMatchObject({ value: join(sandbox.root, 'flows') });
  });

  test('a file that is a link stays one', async () => {
    mkdirSync(dirname(userFile()), { recursive: true });
    writeFileSync(join(sandbox.root, 'dotfile'), 'port: 1\n');
    symlinkSync(join(sandbox.root, 'dotfile'), userFile());
    await config('set', 'port', '7001');
    expect(lstatSync(userFile()).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(sandbox.root, 'dotfile'), 'utf8')).toBe('port: 7001\n');
  });

  test('says so when another place wins', async () => {
    writeFileSync(projectFile(), 'port: 7000\n');
    const { status, stderr } = await config('set', 'port', '7001');
    expect(status).toBe(0);
    expect(stderr).toMatch(/^warning: .*remora\.yaml:1 has it too, and wins\n$/);
    const { stderr: other } = await sandbox.run(['config', 'set', '--project', 'port', '7002'], {
      environment: { REMORA_PORT: '7003' },
    });
    expect(other).toBe('warning: REMORA_PORT has it too, and wins\n');
    rmSync(projectFile());
    expect((await config('set', 'port', '7001')).stderr).toBe('');
  });

  test.each([
    ['a name that is none', ['set', 'prot', '1'], /no setting "prot"\. Did you mean port\?/],
    ['a value of the wrong kind', ['set', 'port', 'x'], /port: expected a whole number/],
    ['a filter that is none', ['set', 'filter', 'status_code >='], /wrong filter/],
    ['several values for one', ['set', 'filter', 'a', '==', 'b'], /one value, not 3\. Put quotes/],
    ['a name to be read that is none', ['get', 'nothing-like-it'], /`remora config` lists all/],
  ])('%s is wrong usage, and changes nothing', async (_what, args, message) => {
    const { status, stdout, stderr } = await config(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(readdirSync(sandbox.root)).not.toContain('.config');
  });

  test('a broken file is not made worse', async () => {
    writeFileSync(projectFile(), 'port: [1\n');
    const { status, stderr } = await config('set', '--project', 'port', '2');
    expect(status).toBe(2);
    expect(stderr).toMatch(/remora\.yaml:\d: .*Mend the file by hand first/);
    expect(readFileSync(projectFile(), 'utf8')).toBe('port: [1\n');
  });

  test('a file that has something else wrong can be mended with it', async () => {
    writeFileSync(projectFile(), 'port: x\n');
    expect((await config()).status).toBe(2);
    expect(await config('set', '--project', 'port', '2')).toMatchObject({ status: 0, stderr: '' });
    expect((await config('get', 'port')).stdout).toBe('2\n');
  });
});
