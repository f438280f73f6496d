import type { Argument, Command, Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../program.ts';
import { type Candidate, complete, formatCompletion } from './complete.ts';
import { createValueSource, isKnownSource } from './values.ts';

const asked: unknown[] = [];
const CLUSTER: Record<string, Candidate[]> = {
  pods: [{ value: 'front-1' }, { value: 'front-2' }, { value: 'cart-1' }],
  namespaces: [{ value: 'shop' }, { value: 'lab' }],
  contexts: [{ value: 'arn:aws:eks:eu-1:7:cluster/x' }, { value: 'kind kind' }],
  deploy: [{ value: 'deploy/front' }],
};
const source = createValueSource(async (place, lookup) => {
  asked.push({ place, lookup });
  return CLUSTER[lookup] ?? [];
});

/** The word behind the last space is completed. */
async function values(line: string): Promise<string[]> {
  const { candidates } = await complete(createProgram(), line.split(' '), source);
  return candidates.map(({ value }) => value);
}
const directive = async (line: string) =>
  (await complete(createProgram(), line.split(' '), source)).directive;

test('commands, and none that is hidden', async () => {
  const commands = await values('');
  expect(commands).toEqual(expect.arrayContaining(['tap', 'config', 'completion', 'version', 'help']));
  expect(commands).not.toContain('__complete');
  expect(await values('conf')).toEqual(['config']);
  expect(await values('config ')).toEqual(['get', 'set', 'unset']);
  expect(await values('help conf')).toEqual(['config']);
  expect(await values('help config u')).toEqual(['unset']);
  expect(await values('nonsense ')).toEqual([]);
});

describe('options', () => {
  test('of the command, once each, unless they may be repeated', async () => {
    expect(await values('tap --outp')).toEqual(['--output']);
    expect(await values('tap -o text --outp')).toEqual([]);
    expect(await values('tap -otext --outp')).toEqual([]);
    expect(await values('tap --output=text --outp')).toEqual([]);
    expect(await values('tap --namespace shop --namesp')).toContain('--namespace');
    expect(await values('config set --')).toEqual(expect.arrayContaining(['--project', '--help']));
    expect(await values('config --')).toEqual(expect.arrayContaining(['--init']));
  });

  test('none after --, where only operands are', async () => {
    expect(await values('tap -- --out')).toEqual([]);
    expect(await values('tap -- fro')).toEqual(['front-1', 'front-2']);
  });
});

describe('values', () => {
  test('of choices, joined to the option or not', async () => {
    expect(await values('tap -o ')).toEqual(['ui', 'text', 'json']);
    expect(await values('tap --output=t')).toEqual(['--output=text']);
    expect(await values('completion ')).toEqual(['bash', 'zsh', 'fish']);
  });

  test('of settings', async () => {
    expect(await values('config get max')).toEqual(['max-body']);
    expect(await values('config set output ')).toEqual(['ui', 'text', 'json']);
    expect(await values('config set --project open ')).toEqual(['true', 'false']);
    expect(await values('config set context kind')).toEqual(['kind kind']);
    expect(await values('config set port ')).toEqual([]);
  });

  test('files and directories are left to the shell', async () => {
    expect(await directive('tap --pcap ')).toBe(0);
    expect(await directive('tap --pcap a.pcap ')).toBe(0);
    expect(await directive('tap --data-dir ')).toBe(16);
    expect(await directive('tap --port ')).toBe(4);
  });

  test('an option after a list of values is an option', async () => {
    expect(await values('tap --pcap a.pcap --outp')).toEqual(['--output']);
  });
});

describe('of a cluster', () => {
  test('pods, references, namespaces', async () => {
    expect(await values('tap fr')).toEqual(['front-1', 'front-2']);
    expect(await values('tap front-1 ca')).toEqual(['cart-1']);
    expect(await values('tap dep')).toEqual(['deploy/']);
    expect(await directive('tap dep')).toBe(4 | 2);
    expect(await values('tap deploy/f')).toEqual(['deploy/front']);
    expect(await values('tap -n ')).toEqual(['shop', 'lab']);
    expect(await values('tap -n lab,s')).toEqual(['lab,shop']);
    expect(await values('tap --context arn:')).toEqual(['arn:aws:eks:eu-1:7:cluster/x']);
  });

  test('the place that the words before name is asked', async () => {
    asked.length = 0;
    await values('tap --kubeconfig /k --context c -n shop,lab -n x fr');
    expect(asked).toEqual([
      {
        lookup: 'pods',
        place: { kubeconfig: '/k', context: 'c', namespaces: ['shop', 'lab', 'x'], allNamespaces: false },
      },
    ]);
    asked.length = 0;
    await values('tap -A fr');
    expect(asked).toMatchObject([{ place: { allNamespaces: true } }]);
  });
});

test('what a cluster answers cannot become lines or escapes of its own', () => {
  const hostile = ['a\nb', 'a\tb', '\u001b[2J', 'fine'].map((value) => ({
    value,
    description: `${value}\n:0`,
  }));
  expect(formatCompletion({ candidates: hostile, directive: 4 })).toBe('fine\tfine\\u000a:0\n:4\n');
});

/** Options whose value is free, so that nothing can be offered: a new option has to be put here or into values.ts. */
const FREE = [
  ...[
    '--url',
    '--since',
    '--from',
    '--to',
    '--flow',
    '--connection',
    '--note',
    '--to',
    '--set',
    'replay FLOW_ID',
  ],
  ...[
    '--port',
    '--storage-limit',
    '--record-limit',
    '--max-body',
    '--redact-field',
    '--redact-keep',
    '--bpf',
    '--node-cidr',
    '--snaplen',
  ],
  ...[
    '--buffer-size',
    '--timeout',
    '--image-registry',
    '--image-tag',
    '--image-pull-secret',
    '--volume-size',
  ],
];

test('no option and no argument was forgotten', () => {
  const forgotten: string[] = [];
  const visit = (command: Command) => {
    const subjects: (Option | Argument)[] = [
      ...command.options.filter((option) => option.required || option.optional),
      ...command.registeredArguments,
    ];
    for (const subject of subjects) {
      const name = 'flags' in subject ? (subject.long ?? '') : `${command.name()} ${subject.name()}`;
      const listed =
        subject.argChoices !== undefined || ('flags' in subject && /\|[\w-]+>/.test(subject.flags));
      if (!listed && !FREE.includes(name) && !isKnownSource(subject, { command })) forgotten.push(name);
    }
    for (const sub of command.commands) if (!sub.name().startsWith('_')) visit(sub);
  };
  visit(createProgram());
  expect(forgotten).toEqual([]);
});
