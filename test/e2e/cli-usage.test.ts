/** The command line's contract with scripts: exit statuses, what goes to which stream, where settings come from. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSandbox, type Sandbox } from './cli-support.ts';

let sandbox: Sandbox;
beforeAll(() => {
  sandbox = openSandbox();
});
afterAll(() => sandbox.close());

test.each([
  [['version', '--client']],
  [['--version']],
  [['help']],
  [['--help']],
  [['help', 'tap']],
  [['help', 'config', 'set']],
  [['help', 'help']],
  [['tap', '--help']],
  [[]],
])('remora %j answers on stdout with status 0', async (args) => {
  const { status, stdout, stderr } = await sandbox.run(args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(args.some((arg) => arg.includes('version')) ? /\d+\.\d+\.\d+/ : /Usage: remora/);
});

test.each([
  ['an unknown command', ['frobnicate']],
  ['help for an unknown command', ['help', 'frobnicate']],
  ['help for an unknown command within another', ['help', 'config', 'frobnicate']],
  ['an unknown option', ['tap', '--frobnicate']],
  ['a stray argument', ['tap', '--local', 'pod']],
  ['an option without its value', ['tap', '--local', '--port']],
  ['a value of the wrong kind', ['tap', '--local', '--port', 'eighty']],
  ['an unknown output', ['tap', '--local', '-o', 'xml']],
  ['two sources', ['tap', '--local', '--pcap', 'x.pcap']],
  ['no redaction without the second flag', ['tap', '--local', '--no-redact']],
])('%s is wrong usage: status 2, one line on stderr, nothing on stdout', async (_what, args) => {
  const { status, stdout, stderr } = await sandbox.run(args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^error: /);
  // Commander adds its guess of what was meant in brackets.
  expect(
    stderr
      .replace(/^\(Did you mean.*\)\n/m, '')
      .trimEnd()
      .split('\n'),
  ).toHaveLength(1);
});

test.each([['tap', '--local'], ['map', '--since', '1h'], ['export', '-w', 'out.har'], ['view']])(
  'a wrong filter of %s is pointed at before anything is done',
  async (...command) => {
    expect(await sandbox.run([...command, '-f', 'http && metod == "GET"'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr:
        'error: wrong filter: There is no field metod. Did you mean method?\n' +
        '  http && metod == "GET"\n' +
        '          ^^^^^\n',
    });
  },
);

test('tap without a source says what works', async () => {
  const { status, stdout, stderr } = await sandbox.run(['tap']);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('remora tap --local');
});

test('a file that is not there fails with its name', async () => {
  const { status, stderr } = await sandbox.run(['tap', '--pcap', 'no-such.pcap', '-o', 'json']);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^error: no-such\.pcap: no such file/);
});

test('a port that is taken fails with a port to take instead', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const { status, stdout, stderr } = await sandbox.run([
    'tap',
    '--local',
    '--port',
    String(port),
    '--no-open',
  ]);
  other.close();
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(new RegExp(`^error: port ${port} is in use.*--port ${port + 1}\n$`));
});

test('--verbose adds what a developer needs', async () => {
  const { stderr } = await sandbox.run(['tap', '--pcap', 'no-such.pcap', '--verbose']);
  expect(stderr).toMatch(/error: no-such.*\n[\s\S]*at .*plan\.js/);
});

test('results that cannot be written are no success', async () => {
  for (const args of [['version', '--client'], ['config'], ['help']]) {
    const prefix = ['sh', '-c', '"$@" > /dev/full', 'sh'];
    expect(await sandbox.run(args, { prefix })).toMatchObject({
      status: 1,
      stderr: 'error: cannot write the output (ENOSPC)\n',
    });
  }
});

describe('colours', () => {
  test('are for terminals only: none in a pipe, whatever the environment', async () => {
    for (const environment of [{}, { CI: '1' }, { FORCE_COLOR: '1' }, { NO_COLOR: '1' }]) {
      expect((await sandbox.run(['tap'], { environment })).stderr).not.toContain('\u001b');
    }
  });
});

describe('settings', () => {
  // The port of another program tells which setting won without starting anything.
  const taken = createServer();
  let port: number;
  beforeAll(async () => {
    taken.listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    port = (taken.address() as AddressInfo).port;
  });
  afterAll(() => taken.close());

  const userFile = () => join(sandbox.root, '.config', 'remora', 'config.yaml');
  const projectFile = () => join(sandbox.root, 'remora.yaml');

  test('each place wins over the one below it', async () => {
    mkdirSync(join(sandbox.root, '.config', 'remora'), { recursive: true });
    const complaint = async (args: string[] = [], environment: Record<string, string> = {}) =>
      (await sandbox.run(['tap', '--local', '--no-open', ...args], { environment })).stderr;
    writeFileSync(userFile(), `port: ${port}\n`);
    expect(await complaint()).toContain(`port ${port} is in use`);
    writeFileSync(projectFile(), 'output: json\nfilter: "nonsense ="\n');
    expect(await complaint()).toContain('wrong filter');
    expect(await complaint([], { REMORA_FILTER: 'unheard_of == 1' })).toContain('unheard_of');
    expect(await complaint(['-f', 'from_flag == 1'], { REMORA_FILTER: 'unheard_of == 1' })).toContain(
      'from_flag',
    );
    writeFileSync(projectFile(), '');
    writeFileSync(userFile(), '');
  });

  test.each([
    ['an unknown name', 'prot: 1\n', /remora\.yaml:1: unknown setting "prot"/],
    ['a wrong type', '# mine\nsnaplen: [1]\n', /remora\.yaml:2: snaplen: expected a size/],
  ])('%s in ./remora.yaml names the file, the line and the key', async (_what, yaml, message) => {
    writeFileSync(projectFile(), yaml);
    const { status, stderr } = await sandbox.run(['tap', '--local', '--no-open']);
    writeFileSync(projectFile(), '');
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});
