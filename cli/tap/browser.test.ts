import { expect, test } from 'vitest';
import { noBrowserBecause } from './browser.ts';

test.each<[string, NodeJS.ProcessEnv, boolean]>([
  ['in CI', { CI: 'true', DISPLAY: ':0' }, true],
  ['where output is no terminal', { DISPLAY: ':0' }, false],
  ['over SSH', { SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22', DISPLAY: ':0' }, true],
])('no browser is opened %s', (_where, environment, interactive) => {
  expect(noBrowserBecause(environment, interactive)).toBeTypeOf('string');
});

test.skipIf(process.getuid?.() === 0 || process.platform !== 'linux')(
  'on a desktop one is, without a display none',
  () => {
    expect(noBrowserBecause({ WAYLAND_DISPLAY: 'wayland-0' }, true)).toBeUndefined();
    expect(noBrowserBecause({}, true)).toBe('there is no display');
  },
);

test.runIf(process.getuid?.() === 0)('none as root', () => {
  expect(noBrowserBecause({ DISPLAY: ':0' }, true)).toBe('this runs as root');
});
