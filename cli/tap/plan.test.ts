import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CliError, Exit } from '../errors.ts';
import { resolveSettings } from '../settings/resolve.ts';
import type { SettingKey } from '../settings/table.ts';
import { nameFiles, planTap, type TapFlags } from './plan.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'remora-plan-'));
  for (const name of ['a.pcap', 'b.pcap', 'odd=name.pcap']) writeFileSync(join(folder, name), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

function plan(flags: Partial<TapFlags>, given: Partial<Record<SettingKey, unknown>> = {}, environment = {}) {
  const places = { flags: given, environment, directory: folder, userFile: join(folder, 'none.yaml') };
  return planTap({ redact: true, ...flags }, resolveSettings(places));
}

function refusal(...args: Parameters<typeof plan>): CliError {
  try {
    plan(...args);
  } catch (error) {
    expect(error).toBeInstanceOf(CliError);
    return error as CliError;
  }
  throw new Error('expected a refusal');
}

test('this machine, with the page', () => {
  expect(plan({ local: true })).toMatchObject({
    source: { kind: 'local', demo: false },
    output: 'ui',
    redact: true,
  });
});

test('without --local or --pcap it says what works', () => {
  const error = refusal({});
  expect(error.exit).toBe(Exit.failed);
  expect(error.remedy).toContain('tap --local');
  expect(error.remedy).toContain('tap --pcap');
});

test('files are named after their node where one is given, after themselves where not', () => {
  const [a, b, odd] = ['a.pcap', 'b.pcap', 'odd=name.pcap'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  expect(nameFiles([a, `node-1=${b}`, odd, `node-2=${odd}`])).toEqual([
    { node: 'a.pcap', path: a },
    { node: 'node-1', path: b },
    { node: 'odd=name.pcap', path: odd },
    { node: 'node-2', path: odd },
  ]);
});

test('a file that is not there is told by its name', () => {
  expect(refusal({ pcap: ['/no/such.pcap'] }).message).toBe('/no/such.pcap: no such file');
  expect(refusal({ pcap: ['node=/no/such.pcap'] }).message).toBe('/no/such.pcap: no such file');
});

test.each<[string, Partial<TapFlags>, Partial<Record<SettingKey, unknown>>]>([
  ['two sources', { local: true, pcap: ['a.pcap'] }, {}],
  ['the demo without a live tap', { demo: true, pcap: ['a.pcap'] }, {}],
  ['no redaction by one flag alone', { local: true, redact: false }, {}],
  ['a confirmation of nothing', { local: true, yesShowSecrets: true }, {}],
  ['a port where there is no page', { local: true }, { output: 'json', port: '8900' }],
  ['a data directory where nothing is kept', { local: true }, { output: 'text', dataDir: 'x' }],
  ['a filter that is none', { local: true }, { filter: 'status_code >=' }],
])('%s is a usage error', (_what, flags, given) => {
  expect(refusal(flags, given).exit).toBe(Exit.usage);
});

test('an interface for a capture file is a usage error', () => {
  const error = refusal({ pcap: [join(folder, 'a.pcap')] }, { interface: 'eth0' });
  expect(error).toMatchObject({ exit: Exit.usage, message: '--interface has no meaning with --pcap' });
});

test('a setting of the environment that has no meaning here is no mistake', () => {
  expect(plan({ local: true }, { output: 'json' }, { REMORA_PORT: '8900' }).output).toBe('json');
});

test('a wrong filter is told with the place', () => {
  expect(refusal({ local: true }, { filter: 'status_code == 200 && methud == "GET"' }).message).toContain(
    'at "methud" (column 23)',
  );
});

test('secrets are kept only when both flags say so', () => {
  expect(plan({ local: true, redact: false, yesShowSecrets: true }).redact).toBe(false);
});
