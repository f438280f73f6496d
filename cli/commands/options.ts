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

/** Under which heading the help has it. */
const GROUPS: Record<SettingKey, string> = {
  output: 'Output:',
  filter: 'Output:',
  port: 'Output:',
  open: 'Output:',
  dataDir: 'Storage:',
  storageLimit: 'Storage:',
  volumeSize: 'Storage:',
  storageClass: 'Storage:',
  maxBody: 'Capture:',
  recordLimit: 'Capture:',
  recordOn: 'Capture:',
  interface: 'Capture:',
  bpf: 'Capture:',
  snaplen: 'Capture:',
  bufferSize: 'Capture:',
  redactField: 'Redaction:',
  redactKeep: 'Redaction:',
  allowRawExport: 'Redaction:',
  namespace: 'Which pods:',
  allNamespaces: 'Which pods:',
  excludeNamespace: 'Which pods:',
  selector: 'Which pods:',
  kubeconfig: 'Cluster:',
  context: 'Cluster:',
  remoraNamespace: 'Cluster:',
  namespaceOnly: 'Cluster:',
  nodeCidr: 'Cluster:',
  keep: 'Cluster:',
  timeout: 'Cluster:',
  imageRegistry: 'Images:',
  imageTag: 'Images:',
  imagePullPolicy: 'Images:',
  imagePullSecret: 'Images:',
};

/** A namespace for commands that tap nothing: where they look for Remora. */
export const WHERE_TO_LOOK = {
  namespace: 'look for Remora in this namespace too (may be repeated)',
} as const satisfies Descriptions;

/** For commands that ask a hub that runs already (cli/hub/running.ts). */
export function urlOption(): Option {
  return new Option(
    '--url <URL>',
    'the hub, with its token in REMORA_TOKEN (default: with a token http://localhost:8899, without one the hub in ' +
      'the cluster)',
  );
}

type Descriptions = Partial<Record<SettingKey, string>>;

/** `descriptions`: of settings that mean something else to this command. */
export function addSettings(
  command: Command,
  keys: readonly SettingKey[],
  descriptions: Descriptions = {},
): void {
  for (const key of keys) {
    const setting: Setting<unknown> = SETTINGS[key];
    const description = descriptions[key];
    const { defaultText: _, ...rest } = setting;
    const shown = description === undefined ? setting : { ...rest, description };
    command.addOption(settingOption(shown).helpGroup(description === undefined ? GROUPS[key] : 'Cluster:'));
  }
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
