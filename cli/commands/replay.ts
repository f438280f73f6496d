/** `remora replay`: its flags. */

import type { Command } from 'commander';
import { setHelp, verboseOption } from '../help.ts';
import type { ReplayFlags } from '../replay/replay.ts';
import type { SettingKey } from '../settings/table.ts';
import { addSettings, CLUSTER_SETTINGS, givenSettings, urlOption, WHERE_TO_LOOK } from './options.ts';

const KEYS: SettingKey[] = ['filter', ...CLUSTER_SETTINGS];

export function addReplay(program: Command): void {
  const command = program
    .command('replay')
    .description('send recorded requests again, to a server of yours')
    .argument('[FLOW_ID]', 'this one; or else those of --filter, the oldest first')
    .requiredOption('--to <URL>', 'where to: http://localhost:8080')
    .option('--set <NAME=VALUE>', 'the value of a redacted one (may be repeated)', repeated)
    .option('--timing', 'with the time between them that there was')
    .option('--since <DURATION>', 'how far back: 30s, 15m, 2h, 1d')
    .option('--yes', 'also to where they went at first')
    .addOption(urlOption())
    .addOption(verboseOption());
  addSettings(command, KEYS, WHERE_TO_LOOK);
  setHelp(command, {
    text: [
      'Values that were redacted have to be given, or nothing is sent; it says which. Host, Content-Length and what belongs to ' +
        'a connection are made anew. Redirections are not followed.',
      'A line for each: status, time and size of the answer, and what was recorded where that differs. Exit status 1 where ' +
        'a status differs.',
    ],
    examples: [
      [
        'one request, to a server on this machine',
        'remora replay 0006541f0c1a2b-9f86d081884c7d65 --to http://localhost:8080',
      ],
      [
        'what failed in the last hour',
        "remora replay -f 'status_code >= 500' --since 1h --to http://localhost:8080 --set AUTHORIZATION='Bearer abc'",
      ],
    ],
  });
  command.action(async (flow: string | undefined, flags: ReplayFlags) => {
    const { replay } = await import('../replay/replay.ts');
    process.exitCode = await replay(flow, flags, givenSettings(command, KEYS));
  });
}

function repeated(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}
