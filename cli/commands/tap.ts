/** `remora tap`: see what services say to each other, live or in capture files. */

import { type Command, Option } from 'commander';
import { Exit } from '../errors.ts';
import { formatJson, textFormat } from '../output/format.ts';
import { resultOutput } from '../output/stdout.ts';
import { colorsFor, Terminal } from '../output/terminal.ts';
import { userSettingsFile } from '../paths.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { resolveSettings } from '../settings/resolve.ts';
import { SETTING_KEYS, SETTINGS, type Setting, type SettingKey } from '../settings/table.ts';
import { names, toggle } from '../settings/values.ts';
import { planTap, type TapFlags, type TapPlan } from '../tap/plan.ts';
import type { Session } from '../tap/session.ts';
import { tapFiles } from '../tap/tap-files.ts';
import { tapLive } from '../tap/tap-live.ts';
import { tapToPage } from '../tap/tap-ui.ts';

export function addTap(program: Command): void {
  const command = program
    .command('tap')
    .description('see the traffic of this machine (--local) or of capture files (--pcap)')
    .option('--local', 'the traffic of this machine, live')
    .option('--pcap <[NODE=]FILE...>', 'capture files: pcap, pcapng, gzip of either, - for standard input')
    .option('--demo', 'with --local: also run a small demo shop, so that there is something to see')
    .option('--no-redact', 'keep secrets as they are; needs --yes-show-secrets')
    .option('--yes-show-secrets', 'say that you know what --no-redact means')
    .option('-v, --verbose', 'tell more, on stderr');
  for (const key of SETTING_KEYS) command.addOption(settingOption(SETTINGS[key]));
  command.addHelpText('after', HELP);
  command.action(async (flags: TapFlags) => {
    process.exitCode = await tap(flags, givenSettings(command));
  });
}

const HELP = `
Settings can also stand in the environment (REMORA_PORT=8900), in ./remora.yaml and in
~/.config/remora/config.yaml (port: 8900). Flags win over the environment, and that over files.

Examples:
  $ remora tap --local                              # a page with live traffic
  $ remora tap --local -o text -f 'status_code >= 400'  # a line for each failed request
  $ remora tap --pcap node1=a.pcap node2=b.pcap -o json | jq .request.url`;

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

async function tap(flags: TapFlags, given: Partial<Record<SettingKey, unknown>>): Promise<number> {
  const resolved = resolveSettings({
    flags: given,
    environment: process.env,
    directory: process.cwd(),
    userFile: userSettingsFile(process.env),
  });
  const plan = planTap(flags, resolved);
  const terminal = new Terminal(process.stderr, process.env, flags.verbose === true);
  let session: Session | undefined;
  const interrupt = listenForInterrupt(() => {
    session?.kill();
    process.exit(Exit.interrupted);
  });
  try {
    await run(plan, terminal, interrupt.signal, (opened) => {
      session = opened;
    });
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
  } finally {
    terminal.clearStatus();
    interrupt.release();
  }
  return interrupt.signal.aborted ? Exit.interrupted : Exit.done;
}

async function run(
  plan: TapPlan,
  terminal: Terminal,
  stop: AbortSignal,
  onSession: (session: Session) => void,
): Promise<void> {
  const output = resultOutput(process.stdout);
  if (plan.output === 'ui') {
    const say = (line: string) => void output.write(`${line}\n`);
    return await tapToPage(plan, terminal, say, stop, onSession);
  }
  const format = plan.output === 'json' ? formatJson : textFormat(colorsFor(process.stdout, process.env));
  if (plan.source.kind === 'local') return await tapLive(plan, terminal, format, output, stop, onSession);
  return await tapFiles(plan, terminal, format, output, stop);
}
