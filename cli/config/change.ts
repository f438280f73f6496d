/** `remora config --init`, `set` and `unset`: what writes settings files. */

import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CliError, describeError, usageError } from '../errors.ts';
import { Terminal } from '../output/terminal.ts';
import { userSettingsFile } from '../paths.ts';
import { checkFilter } from '../settings/check-filter.ts';
import { withoutSetting, withSetting } from '../settings/edit.ts';
import { currentSettings, PROJECT_FILE } from '../settings/resolve.ts';
import { SETTINGS, type Setting, type SettingKey } from '../settings/table.ts';
import { settingsTemplate } from '../settings/template.ts';
import { WrongValue } from '../settings/values.ts';
import { knownSetting } from './known.ts';

export interface FileFlags {
  /** The working directory's file instead of the user's. */
  project?: boolean;
}

export interface InitFlags extends FileFlags {
  init?: boolean;
  /** Replace the file that is there. */
  force?: boolean;
}

/** Throws CliError SETTINGS_FILE_EXISTS, SETTINGS_FILE. */
export function initConfig(flags: InitFlags): void {
  const file = fileOf(flags);
  if (existsSync(file) && !flags.force) {
    throw new CliError('SETTINGS_FILE_EXISTS', `${file} is there already`, {
      remedy: 'Change it with `remora config set NAME VALUE`, or replace it with --force.',
    });
  }
  write(file, settingsTemplate());
  process.stdout.write(`${file} is written: every setting is in it, and none is set yet.\n`);
}

/** Throws a usage error for a value that the setting cannot have, CliError SETTINGS_FILE where it cannot be written. */
export function setSetting(name: string, words: readonly string[], flags: FileFlags): void {
  const key = knownSetting(name);
  const setting = SETTINGS[key] as Setting<unknown>;
  const value = readWords(setting, words);
  if (key === 'filter') checkFilter(String(value));
  const file = fileOf(flags);
  write(file, withSetting(read(file), file, setting, value));
  process.stdout.write(`${name} is ${setting.type.show(value) || '(nothing)'} in ${file}.\n`);
  warnOfStronger(key, file);
}

export function unsetSetting(name: string, flags: FileFlags): void {
  const key = knownSetting(name);
  const file = fileOf(flags);
  const changed = withoutSetting(read(file), file, name);
  if (changed === undefined) {
    process.stdout.write(`${name} is not set in ${file}.\n`);
  } else {
    write(file, changed);
    process.stdout.write(`${name} is no longer set in ${file}.\n`);
  }
  warnOfStronger(key, file);
}

function readWords({ name, type }: Setting<unknown>, words: readonly string[]): unknown {
  if (words.length > 1 && type.many === undefined) {
    throw usageError(
      `${name} takes one value, not ${words.length}`,
      'Put quotes around a value with spaces.',
    );
  }
  try {
    // A relative path is meant from here, wherever the file is.
    return type.parse(type.many === undefined ? words[0] : words, process.cwd());
  } catch (error) {
    if (error instanceof WrongValue) throw usageError(`${name}: ${error.message}`);
    throw error;
  }
}

function fileOf({ project }: FileFlags): string {
  return project ? resolve(PROJECT_FILE) : userSettingsFile(process.env);
}

/** What was written has no effect where a stronger place says something else: better told now than wondered at later. */
function warnOfStronger(key: SettingKey, file: string): void {
  const terminal = new Terminal(process.stderr, process.env, false);
  try {
    const { layers, origins } = currentSettings({});
    if (layers[key] === 'default' || origins[key].startsWith(`${file}:`)) return;
    if (layers[key] === 'file' && resolve(PROJECT_FILE) === file) return;
    terminal.warn(`${origins[key]} has it too, and wins`);
  } catch (error) {
    terminal.warn(`other settings are wrong: ${describeError(error)}`);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw notWritten('read', file, cause);
  }
}

/** At once or not at all; a link stays a link, and the file's rights stay as they are. */
function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const target = existsSync(file) ? realpathSync(file) : file;
    const mode = existsSync(target) ? statSync(target).mode & 0o777 : 0o644;
    const written = `${target}.${process.pid}.new`;
    try {
      writeFileSync(written, text, { mode });
      renameSync(written, target);
    } finally {
      rmSync(written, { force: true });
    }
  } catch (cause) {
    throw notWritten('write', file, cause);
  }
}

function notWritten(verb: string, file: string, cause: unknown): CliError {
  const { code = '' } = cause as NodeJS.ErrnoException;
  return new CliError('SETTINGS_FILE', `cannot ${verb} ${file} (${code})`, {
    remedy: 'Look at the rights of the file and of its directory.',
    cause,
  });
}
