import { expect, test } from 'vitest';
import { DEFAULT_STATE, readState, writeState } from './location.ts';

test('what is written is read back', () => {
  const state = {
    ...DEFAULT_STATE,
    view: 'map' as const,
    filter: 'path == "/a?b&c=d#e"',
    flow: '0f-1',
    range: '15m',
    from: '-15m',
    paused: 'yes',
    hidden: 'size,protocol',
  };
  expect(readState(writeState(state))).toEqual(state);
});

test('the default page has a bare address', () => {
  expect(writeState(DEFAULT_STATE)).toBe('');
  expect(readState('')).toEqual(DEFAULT_STATE);
});

test('unknown views and parameters are let go, a token above all', () => {
  const state = readState('?view=__proto__&token=s3cret&filter=a');
  expect(state.view).toBe('traffic');
  expect(writeState(state)).toBe('?filter=a');
});

test('an address stays of a length that works', () => {
  expect(writeState({ ...DEFAULT_STATE, filter: 'x'.repeat(10_000) })).toBe('');
  expect(readState(`?filter=${'x'.repeat(10_000)}`).filter).toHaveLength(4_000);
});
