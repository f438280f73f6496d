/** `remora export`: its flags. */

import { type Command, Option } from 'commander';
import { FORMAT_NAMES } from '../export/formats.ts';
import type { ExportFlags } from '../export/plan.ts';
import { setHelp, verboseOption } from '../help.ts';
import type { SettingKey } from '../settings/table.ts';
import { addSettings, CLUSTER_SETTINGS, givenSettings, urlOption, WHERE_TO_LOOK } from './options.ts';

const KEYS: SettingKey[] = ['filter', ...CLUSTER_SETTINGS];

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description('take flows and packets away as a file: for Wireshark, developer tools, scripts')
    .optionsGroup('Which flows (default: all that are stored):')
    .option('--since <DURATION>', 'how far back: 30s, 15m, 2h, 1d')
    .option('--from <TIME>', 'the start: 2026-01-31T12:00:00Z, -15m')
    .option('--to <TIME>', 'the end, exclusive')
    .option('--flow <ID>', 'this one')
    .option('--connection <ID>', 'those of this TCP connection')
    .option('--follow', 'those to come, until Ctrl-C: pcapng, pcap, ndjson')
    .addOption(urlOption())
    .optionsGroup('Output:')
    .option('-w, --write <FILE>', 'where to; - for standard output')
    .addOption(new Option('--format <FORMAT>', 'as what (default: what FILE ends in)').choices(FORMAT_NAMES))
    .option('--note <TEXT>', 'what you have to say of it, in an incident file (html)')
    .option('--force', 'replace FILE where it is there')
    .optionsGroup('Secrets:')
    .option('--raw', 'packets as they were captured, with the secrets in them; asks whether that is meant')
    .option('--yes', 'with --raw: it is meant, do not ask')
    .optionsGroup('Output:')
    .addOption(verboseOption());
  addSettings(command, KEYS, WHERE_TO_LOOK);
  setHelp(command, {
    text: [
      'pcapng and pcap are packets, for Wireshark; har is for the developer tools of browsers; ndjson is a JSON object a ' +
        'line; csv is a table without headers and bodies; openapi (FILE.openapi.json) describes what the services offer, as ' +
        'far as it was seen; html is an incident file: map, flows and your note in one file for those who have no Remora; curl (FILE.sh) and k6 (FILE.js) are scripts that send the requests again, to $TARGET. All of it is redacted as the page shows it.',
      '--raw takes a Remora that was started with --allow-raw-export, and pcapng or pcap. Who exported what is written to audit.log in its data directory.',
      'FILE appears when it is whole: an export that fails or is interrupted leaves nothing. One with --follow is kept at ' +
        'Ctrl-C. To standard output without --format and --since it is pcapng, and follows.',
    ],
    examples: [
      [
        'the packets of failed requests, for Wireshark',
        "remora export -f 'status_code >= 500' --since 15m -w out.pcapng",
      ],
      ['live in Wireshark', 'remora export -w - | wireshark -k -i -'],
      [
        'an incident file',
        "remora export -f 'dst.name == \"orders\"' --since 15m --note 'since 10:02' -w incident.html",
      ],
      ['of a tap on this machine', 'REMORA_TOKEN=... remora export --since 1h -w out.har'],
    ],
  });
  command.action(async (flags: ExportFlags) => {
    const { exportTraffic } = await import('../export/export.ts');
    process.exitCode = await exportTraffic(flags, givenSettings(command, KEYS));
  });
}
