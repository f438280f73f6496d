/** The settings of cli/settings/table.ts as flags of a command. */

import { type Command, Option } from 'commander';
import { SETTINGS, type Setting, type SettingKey } from '../settings/table.ts';
import { toggle } from '../settings/values.ts';

/** Settings that every command needs that talks to a cluster. */
export const CLUSTER_SETTINGS = [
  'kubeconfig',
  'context',
  'namespace',
  'remoraNamespace',
] as const satisfies SettingKey[];

export function addSettings(command: Command, keys: readonly SettingKey[]): void {
  for (const key of keys) command.addOption(settingOption(SETTINGS[key]));
}

/** What stands on the command line, and not what commander fills in. */
export function givenSettings(
  command: Command,
  keys: readonly SettingKey[],
): Partial<Record<SettingKey, unknown>> {
  const given = keys.filter((key) => command.getOptionValueSource(key) === 'cli');
  return Object.fromEntries(given.map((key) => [key, command.getOptionValue(key)]));
}

function settingOption(setting: Setting<unknown>): Option {
  const { name, short, type, description, defaultText } = setting;
  const shortFlag = short === undefined ? '' : `-${short}, `;
  if (type === toggle) {
    return setting.default === true
      ? new Option(`${shortFlag}--no-${name}`, `do not ${description}`)
      : new Option(`${shortFlag}--${name}`, description);
  }
  const standard = defaultText ?? type.show(setting.default);
  const option = new Option(
    `${shortFlag}--${name} <${type.placeholder}${type.many === 'words' ? '...' : ''}>`,
    standard === '' ? description : `${description} (default: ${standard})`,
  );
  if (type.many === 'repeated') {
    option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
  }
  return option;
}
