import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { settingsReference } from '../../scripts/settings-reference.ts';
import { environmentName, SETTING_KEYS, SETTINGS } from './table.ts';
import type { ValueType } from './values.ts';

test('docs/settings.md is what the table makes (npm run docs)', () => {
  expect(readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8')).toBe(settingsReference());
});

test.each(SETTING_KEYS)('the default of %s is a value one could write', (key) => {
  const { type, default: standard } = SETTINGS[key];
  const { parse, show } = type as ValueType<unknown>;
  expect(parse(show(standard), '/')).toEqual(standard);
});

test('names are unique, and so are short flags', () => {
  const names = SETTING_KEYS.map((key) => environmentName(SETTINGS[key]));
  expect(new Set(names).size).toBe(names.length);
  const shorts = SETTING_KEYS.flatMap((key) => SETTINGS[key].short ?? []);
  expect(new Set(shorts).size).toBe(shorts.length);
});
