/** `remora config` and `remora config get`: the settings in force, and where each comes from. */

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { colorsFor } from '../output/terminal.ts';
import { visibleLine } from '../output/visible.ts';
import { userSettingsFile } from '../paths.ts';
import { currentSettings, PROJECT_FILE, type ResolvedSettings } from '../settings/resolve.ts';
import { SETTING_KEYS, SETTINGS, type Setting } from '../settings/table.ts';
import { knownSetting } from './known.ts';

export interface ShowFlags {
  output: 'text' | 'json';
}

/** Throws usage errors for what is wrong in any of the places. */
export function showConfig({ output }: ShowFlags): void {
  const resolved = currentSettings({});
  process.stdout.write(output === 'json' ? json(resolved) : table(resolved));
}

/** As one would write it in a file or in the environment, with a line end. */
export function getSetting(name: string): void {
  const key = knownSetting(name);
  const setting = SETTINGS[key] as Setting<unknown>;
  process.stdout.write(`${setting.type.show(currentSettings({}).values[key])}\n`);
}

function json({ values, layers, origins }: ResolvedSettings): string {
  const settings = SETTING_KEYS.map((key) => ({
    name: SETTINGS[key].name,
    value: values[key],
    layer: layers[key],
    from: origins[key],
  }));
  return `${JSON.stringify({ settings, files: settingsFiles() }, undefined, 2)}\n`;
}

/** One long value does not push every other line aside. */
const MAX_COLUMN = 40;

function table({ values, layers, origins }: ResolvedSettings): string {
  const colors = colorsFor(process.stdout, process.env);
  const rows = SETTING_KEYS.map((key) => {
    const { name, type, defaultText } = SETTINGS[key] as Setting<unknown>;
    const isDefault = layers[key] === 'default';
    const shown = type.show(values[key]);
    // A default in words says more than nothing at all.
    const value = isDefault && shown === '' ? `(${defaultText ?? 'none'})` : visibleLine(homely(shown));
    return { name, value, from: visibleLine(homely(origins[key])), isDefault };
  });
  const width = (column: 'name' | 'value') =>
    Math.min(MAX_COLUMN, Math.max(...rows.map((row) => row[column].length)));
  const [nameWidth, valueWidth] = [width('name'), width('value')];
  const lines = rows.map(({ name, value, from, isDefault }) => {
    const line = `${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}  ${from}`;
    return isDefault ? colors.dim(line) : line;
  });
  const files = settingsFiles().map(
    ({ path, exists }) => `${homely(path)}${exists ? '' : ' (there is none)'}`,
  );
  return `${lines.join('\n')}\n\nfiles: ${files.join(', ')}\n`;
}

function settingsFiles(): { path: string; exists: boolean }[] {
  return [join(process.cwd(), PROJECT_FILE), userSettingsFile(process.env)].map((path) => ({
    path,
    exists: existsSync(path),
  }));
}

/** Paths shorter by what everybody knows. */
function homely(text: string): string {
  const inProject = relative(process.cwd(), text);
  if (inProject.startsWith(PROJECT_FILE)) return `.${sep}${inProject}`;
  const home = homedir();
  return text.startsWith(`${home}${sep}`) ? `~${text.slice(home.length)}` : text;
}
