import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CliError, Exit } from '../errors.ts';
import { resolveSettings } from '../settings/resolve.ts';
import type { SettingKey } from '../settings/table.ts';
import { type ClusterSource, nameFiles, planTap, type TapFlags } from './plan.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'remora-plan-'));
  for (const name of ['a.pcap', 'b.pcap', 'odd=name.pcap']) writeFileSync(join(folder, name), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

function plan(
  flags: Partial<TapFlags>,
  given: Partial<Record<SettingKey, unknown>> = {},
  environment = {},
  words: string[] = [],
) {
  const places = { flags: given, environment, directory: folder, userFile: join(folder, 'none.yaml') };
  return planTap(words, { redact: true, ...flags }, resolveSettings(places));
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

test('without --local or --pcap it is a cluster, in the namespace of the context', () => {
  expect(plan({}).source).toEqual({
    kind: 'cluster',
    pods: '',
    refs: [],
    namespaces: undefined,
    dryRun: false,
    wait: false,
    retarget: false,
  });
});

test('words with a slash are references, the other one is for the names of pods', () => {
  const { source } = plan({}, {}, {}, ['deploy/checkout', '(cart|front).*', 'shop/svc/cart']);
  expect(source).toMatchObject({ pods: '(cart|front).*', refs: ['deploy/checkout', 'shop/svc/cart'] });
});

test('two regular expressions are a usage error that says how to join them', () => {
  const error = refusal({}, {}, {}, ['cart', 'front']);
  expect(error.exit).toBe(Exit.usage);
  expect(error.remedy).toContain('"(cart|front)"');
});

test('namespaces: those of -n; all with -A; the stronger place wins; both at once are a usage error', () => {
  const namespaces = (given: Partial<Record<SettingKey, unknown>>, environment = {}) =>
    (plan({}, given, environment).source as ClusterSource).namespaces;
  expect(namespaces({ namespace: ['a', 'b,c'] })).toEqual(['a', 'b', 'c']);
  expect(namespaces({ allNamespaces: true })).toEqual([]);
  expect(namespaces({ allNamespaces: true }, { REMORA_NAMESPACE: 'a' })).toEqual([]);
  expect(namespaces({ namespace: ['a'] }, { REMORA_ALL_NAMESPACES: 'true' })).toEqual(['a']);
  expect(refusal({}, { namespace: ['a'], allNamespaces: true }).exit).toBe(Exit.usage);
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

test.each<[string, Partial<TapFlags>, Partial<Record<SettingKey, unknown>>, string[]?]>([
  ['two sources', { local: true, pcap: ['a.pcap'] }, {}],
  ['the demo without a live tap', { demo: true, pcap: ['a.pcap'] }, {}],
  ['no redaction by one flag alone', { local: true, redact: false }, {}],
  ['a confirmation of nothing', { local: true, yesShowSecrets: true }, {}],
  ['pods of this machine', { local: true }, {}, ['cart']],
  ['a dry run of this machine', { local: true, dryRun: true }, {}],
  ['secrets shown on a cluster', { redact: false, yesShowSecrets: true }, {}],
  ['a namespace of this machine', { local: true }, { namespace: ['shop'] }],
  ['an interface on a cluster', {}, { interface: 'eth0' }],
  ['a data directory on a cluster', {}, { dataDir: 'x' }],
  ['a port where there is no page', { local: true }, { output: 'json', port: '8900' }],
  ['a data directory where nothing is kept', { local: true }, { output: 'text', dataDir: 'x' }],
  ['a filter that is none', { local: true }, { filter: 'status_code >=' }],
])('%s is a usage error', (_what, flags, given, words = []) => {
  expect(refusal(flags, given, {}, words).exit).toBe(Exit.usage);
});

test('an interface for a capture file is a usage error', () => {
  const error = refusal({ pcap: [join(folder, 'a.pcap')] }, { interface: 'eth0' });
  expect(error).toMatchObject({ exit: Exit.usage, message: '--interface has a meaning only with --local' });
});

test('a setting of the environment that has no meaning here is no mistake', () => {
  expect(plan({ local: true }, { output: 'json' }, { REMORA_PORT: '8900' }).output).toBe('json');
});

test('a wrong filter is told with the place', () => {
  expect(refusal({ local: true }, { filter: 'methud == "GET"' }).message).toContain(
    '  methud == "GET"\n  ^^^^^^',
  );
});

test('secrets are kept only when both flags say so', () => {
  expect(plan({ local: true, redact: false, yesShowSecrets: true }).redact).toBe(false);
});
