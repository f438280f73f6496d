/** `remora map`: its flags. What it does is in `cli/map`, loaded when it is asked for. */

import { type Command, Option } from 'commander';
import { MAP_LEVELS } from '../../flow/api.ts';
import { setHelp, verboseOption } from '../help.ts';
import type { MapFormat } from '../map/formats.ts';
import type { MapFlags } from '../map/map.ts';
import type { SettingKey } from '../settings/table.ts';
import { addSettings, CLUSTER_SETTINGS, givenSettings, urlOption, WHERE_TO_LOOK } from './options.ts';

const FORMATS: readonly MapFormat[] = ['table', 'json', 'dot', 'mermaid'];
const KEYS: SettingKey[] = ['filter', ...CLUSTER_SETTINGS];

export function addMap(program: Command): void {
  const command = program
    .command('map')
    .description('print who calls whom, and what of it is new since a snapshot')
    .optionsGroup('Where the flows come from (default: a hub that runs):')
    .addOption(urlOption())
    .option('--since <DURATION>', 'of the hub, how far back: 30s, 15m, 2h, 1d', '15m')
    .option('--pcap <[NODE=]FILE...>', 'capture files: pcap, pcapng, gzip of either, - for standard input')
    .option(
      '--objects <FILE>',
      'with --pcap: names for the addresses: kubectl get pods,svc,endpointslices,nodes -A -o json',
    )
    .optionsGroup('Output:')
    .addOption(new Option('-o, --output <FORMAT>', 'how it is printed').choices(FORMATS).default('table'))
    .addOption(
      new Option('--level <LEVEL>', 'what the nodes of the map are').choices(MAP_LEVELS).default('workload'),
    )
    .option('--snapshot <FILE>', 'write it to a file that --diff compares with, and print nothing')
    .option('--diff <FILE>', 'print what is new since this snapshot; exit status 1 if there is something')
    .addOption(verboseOption());
  addSettings(command, KEYS, WHERE_TO_LOOK);
  setHelp(command, {
    text: [
      'An endpoint is a method and a path, with {id} for what looks like an identifier. Errors are 5xx answers and ' +
        'requests that never got one.',
      'A snapshot is text, sorted, a line an endpoint: from, to, method, path, errors in percent. New to --diff are edges, ' +
        'endpoints, errors where there were none, and 5 percentage points more of them. What is gone is told, but is no failure.',
      'Exit status: 0 done, 1 something new or failed, 2 wrong usage.',
    ],
    examples: [
      ['of capture files', 'remora map --pcap node1=a.pcap node2=b.pcap --objects objects.json'],
      ['a picture', 'remora map --pcap a.pcap -o dot | dot -Tsvg > map.svg'],
      ['of the last hour of a tap that runs, without health probes', "remora map --since 1h -f '!probe'"],
      ['in CI: keep what is as it should be', 'remora map --pcap test.pcap --snapshot map.txt'],
      [
        'in CI: fail where a test makes calls that are not in it',
        'remora map --pcap test.pcap --diff map.txt',
      ],
    ],
  });
  command.action(async (flags: MapFlags) => {
    const { map } = await import('../map/map.ts');
    process.exitCode = await map(flags, givenSettings(command, KEYS));
  });
}
