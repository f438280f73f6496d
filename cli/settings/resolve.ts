/** Settings from all their places: flags > environment > ./remora.yaml > ~/.config/remora/config.yaml > defaults. */

import { resolve } from 'node:path';
import { usageError } from '../errors.ts';
import { readSettingsFile } from './file.ts';
import {
  environmentName,
  SETTING_KEYS,
  SETTINGS,
  type Setting,
  type SettingKey,
  type Settings,
} from './table.ts';
import { WrongValue } from './values.ts';

export type Layer = 'flag' | 'environment' | 'file' | 'default';

export interface ResolvedSettings {
  values: Settings;
  /** Which place won, for each setting. */
  layers: Record<SettingKey, Layer>;
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
  const put = (key: SettingKey, layer: Layer, value: unknown) => {
    values[key] = value;
    layers[key] = layer;
  };

  for (const key of SETTING_KEYS) put(key, 'default', SETTINGS[key].default);
  for (const file of [places.userFile, resolve(places.directory, PROJECT_FILE)]) {
    for (const { key, raw, place, base } of readSettingsFile(file)) {
      put(key, 'file', read(SETTINGS[key], raw, `${place}: ${SETTINGS[key].name}`, base));
    }
  }
  for (const key of SETTING_KEYS) {
    const name = environmentName(SETTINGS[key]);
    const raw = places.environment[name];
    if (raw) put(key, 'environment', read(SETTINGS[key], raw, name, places.directory));
  }
  for (const key of SETTING_KEYS) {
    const raw = places.flags[key];
    if (raw !== undefined)
      put(key, 'flag', read(SETTINGS[key], raw, `--${SETTINGS[key].name}`, places.directory));
  }
  return { values: values as unknown as Settings, layers };
}

function read(setting: Setting<unknown>, raw: unknown, place: string, base: string): unknown {
  try {
    return setting.type.parse(raw, base);
  } catch (error) {
    if (error instanceof WrongValue) throw usageError(`${place}: ${error.message}`);
    throw error;
  }
}
