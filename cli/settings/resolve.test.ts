import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CliError, Exit } from '../errors.ts';
import { resolveSettings, type SettingPlaces } from './resolve.ts';

let root: string;
let places: SettingPlaces;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'remora-settings-'));
  mkdirSync(join(root, 'project'));
  places = {
    flags: {},
    environment: {},
    directory: join(root, 'project'),
    userFile: join(root, 'config.yaml'),
  };
});
afterEach(() => rmSync(root, { recursive: true }));

const project = (yaml: string) => writeFileSync(join(root, 'project', 'remora.yaml'), yaml);
const user = (yaml: string) => writeFileSync(join(root, 'config.yaml'), yaml);

function refusal(): CliError {
  try {
    resolveSettings(places);
  } catch (error) {
    return error as CliError;
  }
  throw new Error('expected a usage error');
}

test('with nothing given everything has its default', () => {
  const { values, layers } = resolveSettings(places);
  expect(values).toMatchObject({ output: 'ui', port: 8899, open: true, maxBody: 65536, redactField: [] });
  expect(new Set(Object.values(layers))).toEqual(new Set(['default']));
});

test('flags win over the environment, that over ./remora.yaml, that over the file in the home directory', () => {
  const seen = () => {
    const { values, layers } = resolveSettings(places);
    return [values.port, layers.port];
  };
  user('port: 1001\n');
  expect(seen()).toEqual([1001, 'file']);
  project('port: 1002\n');
  expect(seen()).toEqual([1002, 'file']);
  places.environment['REMORA_PORT'] = '1003';
  expect(seen()).toEqual([1003, 'environment']);
  places.flags = { port: '1004' };
  expect(seen()).toEqual([1004, 'flag']);
});

test('places do not hide each other: each setting is taken from the strongest place that has it', () => {
  user('port: 1001\nmax-body: 1Ki\nopen: false\n');
  project('max-body: 2Ki\n');
  places.environment = { REMORA_STORAGE_LIMIT: '1Gi' };
  const { values } = resolveSettings(places);
  expect(values).toMatchObject({ port: 1001, maxBody: 2048, open: false, storageLimit: 2 ** 30 });
});

test('an unknown name in a file is told with the file, the line and the name', () => {
  project('port: 8900\nprot: 1\n');
  const error = refusal();
  expect(error.exit).toBe(Exit.usage);
  expect(error.message).toBe(`${join(root, 'project', 'remora.yaml')}:2: unknown setting "prot"`);
  expect(error.remedy).toContain('port, open');
});

test('a value of the wrong type in a file is told with the file, the line and the name', () => {
  user('\n\nport: eighty\n');
  expect(refusal().message).toBe(
    `${join(root, 'config.yaml')}:3: port: expected a whole number from 0 to 65535, not "eighty"`,
  );
});

test('a mistake is told even where a stronger place overrides it', () => {
  user('port: eighty\n');
  places.flags = { port: '9000' };
  expect(refusal().message).toContain('config.yaml:1: port');
});

test('a wrong value in the environment or on the command line names its place', () => {
  places.environment = { REMORA_MAX_BODY: 'lots' };
  expect(refusal().message).toMatch(/^REMORA_MAX_BODY: expected a size/);
  places.environment = {};
  places.flags = { maxBody: 'lots' };
  expect(refusal().message).toMatch(/^--max-body: expected a size/);
});

test('an empty variable is as good as none', () => {
  places.environment = { REMORA_PORT: '' };
  expect(resolveSettings(places).values.port).toBe(8899);
});

test.each([
  ['broken YAML', 'port: [1\n', /remora\.yaml:\d+: /],
  ['a repeated name', 'port: 1\nport: 2\n', /remora\.yaml:2: .*unique/],
  ['a list', '- port\n', /expected lines of the form/],
  ['a nested mapping', 'port: {a: 1}\n', /remora\.yaml:1: port: expected/],
  ['a name that is no text', '1: 2\n', /unknown setting "1"/],
])('%s in a file is a usage error', (_what, yaml, message) => {
  project(yaml);
  const error = refusal();
  expect(error.exit).toBe(Exit.usage);
  expect(error.message).toMatch(message);
});

test('an empty file is no file', () => {
  project('# nothing yet\n');
  expect(resolveSettings(places).values.port).toBe(8899);
});

test('redaction cannot be turned off in a file that somebody else may have put there', () => {
  project('no-redact: true\n');
  expect(refusal().remedy).toContain('on the command line only');
});

test('aliases cannot blow up', () => {
  let bomb = '&a0 [x, x, x, x, x, x, x, x]';
  for (let i = 1; i < 9; i++) bomb = `&a${i} [${bomb}${`, *a${i - 1}`.repeat(8)}]`;
  project(`redact-field: ${bomb}\n`);
  expect(refusal().message).toMatch(/remora\.yaml:1: .*alias/i);
});

test('relative paths in a file are against the file, elsewhere against the working directory', () => {
  user('data-dir: flows\n');
  expect(resolveSettings(places).values.dataDir).toBe(join(root, 'flows'));
  places.flags = { dataDir: 'flows' };
  expect(resolveSettings(places).values.dataDir).toBe(join(root, 'project', 'flows'));
});

test('room for packets depends on where they are, unless it is given', () => {
  const room = () => resolveSettings(places).values.recordLimit;
  expect(room()).toBe(512 * 2 ** 20);
  places.flags = { recordOn: 'memory' };
  expect(room()).toBe(128 * 2 ** 20);
  places.flags = { recordOn: 'memory', recordLimit: '1Gi' };
  expect(room()).toBe(2 ** 30);
});
