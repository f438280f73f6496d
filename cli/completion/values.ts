/** The values of options and arguments that only something else knows: the table of settings, this machine, the cluster. */

import { networkInterfaces } from 'node:os';
import type { Argument, Option } from 'commander';
import { FIELDS } from '../../flow/fields.ts';
import { SETTING_KEYS, SETTINGS, type Setting } from '../settings/table.ts';
import { toggle } from '../settings/values.ts';
import type { Candidate, ValueSource, Values } from './complete.ts';
import type { Lookup, LookupPlace } from './lookup.ts';
import type { Position } from './position.ts';

/** Asks a cluster, or what is remembered of it. Never rejects; empty where nothing is known in time. */
export type Ask = (place: LookupPlace, lookup: Lookup) => Promise<readonly Candidate[]>;

export function createValueSource(ask: Ask): ValueSource {
  return (subject, position) => {
    const source = SOURCES[keyOf(subject, position)];
    return typeof source === 'function' ? source(position, ask) : source;
  };
}

type Source = Values | ((position: Position, ask: Ask) => Promise<Values | undefined> | Values | undefined);

/** Options by their long name, arguments by command and placeholder. */
const SOURCES: Record<string, Source> = {
  '--kubeconfig': 'files',
  '--pcap': 'files',
  '--objects': 'files',
  '--write': 'files',
  '--snapshot': 'files',
  '--diff': 'files',
  '--data-dir': 'directories',
  '--interface': () => [...['any', ...Object.keys(networkInterfaces())].map((value) => ({ value }))],
  '--filter': () => FIELDS.map(({ name, meaning }) => ({ value: name, description: meaning })),
  '--context': inCluster('contexts'),
  '--namespace': eachOf('namespaces'),
  '--exclude-namespace': eachOf('namespaces'),
  '--remora-namespace': inCluster('namespaces'),
  '--selector': inCluster('labels'),
  '--storage-class': inCluster('storage-classes'),
  'tap PODS': targets,
  'install PODS': targets,
  'help COMMAND': commandsBelow,
  'get NAME': settingNames,
  'set NAME': settingNames,
  'unset NAME': settingNames,
  'set VALUE': settingValues,
};

/** For the test that none was forgotten. */
export function isKnownSource(subject: Option | Argument, position: Pick<Position, 'command'>): boolean {
  return keyOf(subject, position) in SOURCES;
}

function keyOf(subject: Option | Argument, { command }: Pick<Position, 'command'>): string {
  return 'flags' in subject ? (subject.long ?? subject.flags) : `${command.name()} ${subject.name()}`;
}

/** Whom to ask, as far as the words before say it. */
function placeOf({ given }: Position): LookupPlace {
  const last = (name: string) => given.get(name)?.at(-1);
  return {
    kubeconfig: last('kubeconfig'),
    context: last('context'),
    namespaces: given.get('namespace')?.flatMap((value) => value.split(',')),
    allNamespaces: given.has('all-namespaces'),
  };
}

function inCluster(lookup: Lookup): Source {
  return (position, ask) => ask(placeOf(position), lookup);
}

/** Names with commas between them: the last one is completed. */
function eachOf(lookup: Lookup): Source {
  return async (position, ask) => {
    const before = position.word.slice(0, position.word.lastIndexOf(',') + 1);
    const found = await ask({ ...placeOf(position), namespaces: undefined }, lookup);
    return found.map(({ value, ...rest }) => ({ value: `${before}${value}`, ...rest }));
  };
}

/** The kinds that most references are of; more are understood. */
const REF_KINDS = ['deploy', 'svc', 'sts', 'ds', 'job', 'cronjob'] as const;
export type RefLookup = (typeof REF_KINDS)[number];

async function targets(position: Position, ask: Ask): Promise<Values> {
  const kind = REF_KINDS.find((each) => position.word.startsWith(`${each}/`));
  if (kind !== undefined) return await ask(placeOf(position), kind);
  const pods = await ask(placeOf(position), 'pods');
  return [...pods, ...REF_KINDS.map((each) => ({ value: `${each}/` }))];
}

/** Of the command that the words before name. */
function commandsBelow({ program, operands }: Position): Values {
  let known = program.createHelp().visibleCommands(program);
  for (const word of operands) {
    const command = known.find((each) => each.name() === word);
    known = command === undefined ? [] : command.createHelp().visibleCommands(command);
  }
  return known.map((each) => ({ value: each.name() }));
}

function settingNames(): Candidate[] {
  return SETTING_KEYS.map((key) => ({
    value: SETTINGS[key].name,
    description: SETTINGS[key].description,
  }));
}

/** Those that the flag of the same name has. */
function settingValues(position: Position, ask: Ask): ReturnType<ValueSource> {
  const name = position.operands[0] ?? '';
  const setting = (Object.values(SETTINGS) as Setting<unknown>[]).find((each) => each.name === name);
  if (setting === undefined) return undefined;
  if (setting.type === toggle) return [{ value: 'true' }, { value: 'false' }];
  const choices = setting.type.placeholder.split('|');
  if (choices.length > 1) return choices.map((value) => ({ value }));
  const source = SOURCES[`--${name}`];
  return typeof source === 'function' ? source(position, ask) : source;
}
