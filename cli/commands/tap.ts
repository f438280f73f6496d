/** `remora tap`: its flags. What it does is in `cli/tap`, loaded when it is asked for. */

import { type Command, Option } from 'commander';
import { SETTING_KEYS, SETTINGS, type Setting, type SettingKey } from '../settings/table.ts';
import { names, toggle } from '../settings/values.ts';
import type { TapFlags } from '../tap/plan.ts';

export function addTap(program: Command): void {
  const command = program
    .command('tap')
    .description('see the traffic of this machine (--local) or of capture files (--pcap)')
    .option('--local', 'the traffic of this machine, live')
    .option('--pcap <[NODE=]FILE...>', 'capture files: pcap, pcapng, gzip of either, - for standard input')
    .option(
      '--objects <FILE>',
      'with --pcap: names for the addresses: kubectl get pods,svc,endpointslices,nodes -A -o json',
    )
    .option('--demo', 'with --local: also run a small demo shop, so that there is something to see')
    .option('--no-redact', 'keep secrets as they are; needs --yes-show-secrets')
    .option('--yes-show-secrets', 'say that you know what --no-redact means')
    .option('-v, --verbose', 'tell more, on stderr');
  for (const key of SETTING_KEYS) command.addOption(settingOption(SETTINGS[key]));
  command.addHelpText('after', HELP);
  command.action(async (flags: TapFlags) => {
    const { tap } = await import('../tap/tap.ts');
    process.exitCode = await tap(flags, givenSettings(command));
  });
}

const HELP = `
Settings can also stand in the environment (REMORA_PORT=8900), in ./remora.yaml and in
~/.config/remora/config.yaml (port: 8900). Flags win over the environment, and that over files.

Examples:
  $ remora tap --local                              # a page with live traffic
  $ remora tap --local -o text -f 'status_code >= 400'  # a line for each failed request
  $ remora tap --pcap node1=a.pcap node2=b.pcap -o json | jq .request.url
  $ remora tap --pcap node1=a.pcap node2=b.pcap --objects objects.json  # with the names of a cluster`;

function settingOption(setting: Setting<unknown>): Option {
  const { name, short, type, description, defaultText } = setting;
  if (type === toggle) return new Option(`--no-${name}`, `do not ${description}`);
  const value = type === names ? `<${type.placeholder}...>` : `<${type.placeholder}>`;
  const standard = defaultText ?? type.show(setting.default);
  return new Option(
    `${short === undefined ? '' : `-${short}, `}--${name} ${value}`,
    standard === '' ? description : `${description} (default: ${standard})`,
  );
}

/** What stands on the command line, and not what commander fills in. */
function givenSettings(command: Command): Partial<Record<SettingKey, unknown>> {
  const given = SETTING_KEYS.filter((key) => command.getOptionValueSource(key) === 'cli');
  return Object.fromEntries(given.map((key) => [key, command.getOptionValue(key)]));
}
