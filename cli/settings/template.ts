/** A settings file with every setting in it, explained and not yet set: what `remora config --init` writes. */

import { stringify } from 'yaml';
import { environmentName, SETTING_KEYS, SETTINGS, type Setting } from './table.ts';

const HEAD = `# Settings of Remora.
# None is set yet: take the "#" off a line and write your value, or type "remora config set NAME VALUE".
# The command line and the environment win over this file, ./remora.yaml over ~/.config/remora/config.yaml.
# "remora config" shows what is in force, and where it comes from.
`;

/** How wide the comments may be. */
const WIDTH = 100;

export function settingsTemplate(): string {
  const entries = SETTING_KEYS.map((key) => entry(SETTINGS[key] as Setting<unknown>));
  return [HEAD, ...entries].join('\n');
}

function entry(setting: Setting<unknown>): string {
  const { name, description, type, default: standard, defaultText } = setting;
  const about = `${capital(description)}. ${capital(type.form)}.`;
  const otherwise = defaultText === undefined ? '' : ` Default: ${defaultText}.`;
  // A default that depends on the machine is not for a file that may go to another.
  const value = defaultText === undefined ? ` ${yamlValue(fileValue(setting, standard))}` : '';
  return [...comment(`${about}${otherwise} (${environmentName(setting)})`), `#${name}:${value}`, ''].join(
    '\n',
  );
}

/** A setting's value as it should stand in a file: as a person would write it, with YAML's own types. */
export function fileValue({ type }: Setting<unknown>, value: unknown): unknown {
  if (typeof value === 'boolean' || Array.isArray(value)) return value;
  const shown = type.show(value);
  return typeof value === 'number' && /^\d+$/.test(shown) ? Number(shown) : shown;
}

/** On one line. */
export function yamlValue(value: unknown): string {
  return stringify(value, { lineWidth: 0, collectionStyle: 'flow', flowCollectionPadding: false }).trimEnd();
}

function comment(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines;
}

function capital(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}`;
}
