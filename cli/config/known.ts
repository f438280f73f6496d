import { nearest } from '../../flow/filter/nearest.ts';
import { usageError } from '../errors.ts';
import { SETTING_KEYS, SETTINGS, type SettingKey } from '../settings/table.ts';

/** The setting of this name, as it is written in files. Throws a usage error with the name that was meant. */
export function knownSetting(name: string): SettingKey {
  const key = SETTING_KEYS.find((candidate) => SETTINGS[candidate].name === name);
  if (key !== undefined) return key;
  const names = SETTING_KEYS.map((candidate) => SETTINGS[candidate].name);
  const meant = nearest(name, names);
  throw usageError(
    `there is no setting "${name}"`,
    meant === undefined ? '`remora config` lists all.' : `Did you mean ${meant}?`,
  );
}
