import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatFlowId, MAX_TIME, parseFlowId } from './flow-id.ts';

const word = fc.integer({ min: 0, max: 0xffff_ffff });

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), word, word, (time, high, low) => {
      const id = formatFlowId(time, high, low);
      expect(id).toMatch(/^[0-9a-f]{14}-[0-9a-f]{16}$/);
      expect(parseFlowId(id)).toEqual({ time, high, low });
    }),
  );
});

test('ids sort as their times do, then by the hash', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.maxSafeNat(), word, word), { minLength: 2 }), (all) => {
      const byNumber = all.toSorted((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
      expect(all.map((one) => formatFlowId(...one)).sort()).toEqual(
        byNumber.map((one) => formatFlowId(...one)),
      );
    }),
  );
});

test('the id of a known time; fractions of a microsecond are cut off', () => {
  expect(formatFlowId(1_700_000_000_000_000.5, 1, 0xabcdef01)).toBe('060a24181e4000-00000001abcdef01');
});

test.each([
  '',
  'x',
  '060a24181e4000-00000001abcdef0',
  '060a24181e4000-00000001abcdef011',
  '060A24181e4000-00000001abcdef01',
  '060a24181e4000_00000001abcdef01',
  'ffffffffffffff-0000000000000000',
  ' 60a24181e4000-00000001abcdef01',
])('no id: %j', (text) => expect(parseFlowId(text)).toBeUndefined());

test('the largest time', () => {
  expect(parseFlowId(formatFlowId(MAX_TIME, 0, 0))?.time).toBe(MAX_TIME);
});
