import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { withoutSetting, withSetting } from './edit.ts';
import { SETTINGS, type Setting } from './table.ts';
import { settingsTemplate } from './template.ts';

const set = (source: string, key: keyof typeof SETTINGS, value: unknown) =>
  withSetting(source, 'remora.yaml', SETTINGS[key] as Setting<unknown>, value);

test('a setting that is not there is added at the end, and nothing else changes', () => {
  expect(set('', 'port', 9000)).toBe('port: 9000\n');
  expect(set('# mine\nfilter:   "a ==  1"  # why', 'port', 9000)).toBe(
    '# mine\nfilter:   "a ==  1"  # why\nport: 9000\n',
  );
});

test('a setting that is there is replaced in place, with all comments around it', () => {
  const source = '# top\n\nport: 1 # the port\n# of bodies\nmax-body: 1Ki\n\n# end\n';
  expect(set(source, 'port', 9000)).toBe(source.replace('port: 1', 'port: 9000'));
});

test('values are written as a person would: sizes with units, lists, YAML booleans, text quoted where it must be', () => {
  expect(set('', 'maxBody', 65536)).toBe('max-body: 64Ki\n');
  expect(set('', 'maxBody', 1000)).toBe('max-body: 1000\n');
  expect(set('', 'open', false)).toBe('open: false\n');
  expect(set('', 'redactField', ['a', 'b c'])).toBe('redact-field: [a, b c]\n');
  expect(set('', 'filter', 'a: #b')).toBe('filter: "a: #b"\n');
  expect(set('redact-field:\n  - x\n  - y\n', 'redactField', ['a'])).toBe('redact-field: [a]\n');
});

describe('in a file that --init wrote', () => {
  test('the value takes the place of its explained line', () => {
    const template = settingsTemplate();
    const changed = set(template, 'port', 9000);
    expect(changed).toBe(template.replace('#port: 8899', 'port: 9000'));
    expect(changed).not.toBe(template);
  });

  test('every setting has its line, and none is set', () => {
    const template = settingsTemplate();
    for (const { name } of Object.values(SETTINGS)) expect(template).toMatch(new RegExp(`^#${name}:`, 'm'));
    expect(parse(template)).toBeNull();
    expect(Math.max(...template.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
  });

  test('with all lines uncommented it is a file of the defaults', () => {
    const uncommented = settingsTemplate().replace(/^#(?! )/gm, '');
    for (const setting of Object.values(SETTINGS) as Setting<unknown>[]) {
      if (setting.defaultText !== undefined) continue;
      const raw = parse(uncommented)[setting.name];
      expect(setting.type.parse(raw, '/')).toEqual(setting.default);
    }
  });
});

test('what only looks like the line of a setting is not taken for it', () => {
  const source = 'filter: |\n  # no comment\n#port: 1\n  still the filter\n';
  // YAML ends the text at the comment: such a file is broken, and stays untouched.
  expect(() => set(source, 'port', 2)).toThrow(/remora\.yaml:\d+/);
  const block = 'redact-field: [\n#port: 1\n  a ]\n';
  expect(parse(set(block, 'port', 2))).toEqual({ 'redact-field': ['a'], port: 2 });
});

test.each([
  ['a mapping in braces', '{ max-body: 1Ki }\n'],
  ['an end of document', 'max-body: 1Ki\n...\n'],
  ['an anchor', 'max-body: &a 1Ki\n'],
  ['indentation', '  max-body: 1Ki\n'],
  ['Windows line ends', 'max-body: 1Ki\r\n'],
])('%s keeps what it said', (_what, source) => {
  expect(parse(set(source, 'port', 2))).toEqual({ 'max-body': '1Ki', port: 2 });
  expect(parse(set(source, 'maxBody', 2048))).toEqual({ 'max-body': '2Ki' });
});

test.each([['port: [1\n'], ['- port\n'], ['port: 1\nport: 2\n']])(
  '%j is refused with its place',
  (source) => {
    expect(() => set(source, 'maxBody', 1)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  },
);

test('a setting is taken out, with its line and no other', () => {
  expect(withoutSetting('# a\nport: 1\n# b\nmax-body: 1Ki\n', 'f', 'port')).toContain('max-body: 1Ki');
  expect(withoutSetting('max-body: 1Ki\n', 'f', 'port')).toBeUndefined();
  expect(parse(withoutSetting('port: 1\n', 'f', 'port') ?? '') ?? {}).toEqual({});
});

test('whatever text a filter is, it is read back as it was, beside all that was there', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.boolean(), (text, initialised) => {
      const source = `${initialised ? settingsTemplate() : ''}port: 7 # seven\n`;
      const changed = set(source, 'filter', text);
      expect(parse(changed)).toEqual({ port: 7, filter: text });
      expect(changed).toContain('# seven');
    }),
    { numRuns: 50 },
  );
});
