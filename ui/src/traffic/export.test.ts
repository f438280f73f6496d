import { expect, test } from 'vitest';
import { exportAddress } from './export.ts';

test('the address asks for what is shown', () => {
  expect(exportAddress('har', { filter: '', from: '', to: '' })).toBe('/api/v1/flows.har');
  const address = exportAddress('csv', { filter: 'path == "/a&b"', from: '-15m', to: '' });
  expect(Object.fromEntries(new URL(address, 'http://hub').searchParams)).toEqual({
    filter: 'path == "/a&b"',
    from: '-15m',
  });
});
