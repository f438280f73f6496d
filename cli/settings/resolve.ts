/** Settings from all their places: flags > environment > ./remora.yaml > ~/.config/remora/config.yaml > defaults. */

import { resolve } from 'node:path';
import { usageError } from '../errors.ts';
import { userSettingsFile } from '../paths.ts';
import { readSettingsFile } from './file.ts';
import {
  environmentName,
  RECORD_LIMITS,
  SETTING_KEYS,
  SETTINGS,
  type Setting,
  type SettingKey,
  type Settings,
} from './table.ts';
import { WrongValue } from './values.ts';

/** Strongest first. */
export const LAYERS = ['flag', 'environment', 'file', 'default'] as const;
export type Layer = (typeof LAYERS)[number];

export interface ResolvedSettings {
  values: Settings;
  /** Which place won, for each setting. */
  layers: Record<SettingKey, Layer>;
  /** The same in words: `--port`, `REMORA_PORT`, `/home/me/remora.yaml:3`, `default`. */
  origins: Record<SettingKey, string>;
}

export interface SettingPlaces {
  /** What the command line gave, unread: absent keys were not given. */
  flags: Partial<Record<SettingKey, unknown>>;
  environment: NodeJS.ProcessEnv;
  directory: string;
  userFile: string;
}

export const PROJECT_FILE = 'remora.yaml';

/**
 * Every value of every place is checked, also one that a stronger place overrides: a mistake in a file is
 * told at once and not on the day the flag is left out. Throws a usage error that names the place.
 */
export function resolveSettings(places: SettingPlaces): ResolvedSettings {
  const values: Record<string, unknown> = {};
  const layers = {} as Record<SettingKey, Layer>;
  const origins = {} as Record<SettingKey, string>;
  const put = (key: SettingKey, layer: Layer, origin: string, value: unknown) => {
    values[key] = value;
    layers[key] = layer;
    origins[key] = origin;
  };

  for (const key of SETTING_KEYS) put(key, 'default', 'default', SETTINGS[key].default);
  for (const file of [places.userFile, resolve(places.directory, PROJECT_FILE)]) {
    for (const { key, raw, place, base } of readSettingsFile(file)) {
      put(key, 'file', place, read(SETTINGS[key], raw, `${place}: ${SETTINGS[key].name}`, base));
    }
  }
  for (const key of SETTING_KEYS) {
    const name = environmentName(SETTINGS[key]);
    const raw = places.environment[name];
    if (raw) put(key, 'environment', name, read(SETTINGS[key], raw, name, places.directory));
  }
  for (const key of SETTING_KEYS) {
    const raw = places.flags[key];
    if (raw === undefined) continue;
    const flag = `--${SETTINGS[key].name}`;
    put(key, 'flag', flag, read(SETTINGS[key], raw, flag, places.directory));
  }
  const settings = values as unknown as Settings;
  if (layers.recordLimit === 'default') settings.recordLimit = RECORD_LIMITS[settings.recordOn];
  return { values: settings, layers, origins };
}

/** The settings of a command that was started here and now. `flags` as in SettingPlaces. */
export function currentSettings(flags: SettingPlaces['flags']): ResolvedSettings {
  return resolveSettings({
    flags,
    environment: process.env,
    directory: process.cwd(),
    userFile: userSettingsFile(process.env),
  });
}

function read(setting: Setting<unknown>, raw: unknown, place: string, base: string): unknown {
  try {
    return setting.type.parse(raw, base);
  } catch (error) {
    if (error instanceof WrongValue) throw usageError(`${place}: ${error.message}`);
    throw error;
  }
}
