import { expect, test } from 'vitest';
import { compileFilter } from '../../../flow/filter.ts';
import { flowId, shopFlow } from '../../../test/browser/shop.ts';
import { DEFAULT_STATE, readState, writeState } from '../lib/location.ts';
import {
  MOST_SELECTED,
  parseSelection,
  selectionFilter,
  selectionText,
  toggled,
  withStretch,
} from './flow-selection.ts';

const idOf = (n: number): string => flowId(n, 1_700_000_000_000);
const list = { fromNewest: (n: number) => (n < 500 ? { id: idOf(n) } : undefined) };

test('flows are selected one by one and in stretches, each once', () => {
  const some = toggled(toggled([], idOf(1)), idOf(7));
  expect(withStretch(some, list, 4, 2)).toEqual([1, 7, 2, 3, 4].map(idOf));
  expect(withStretch(some, list, 1, 1)).toEqual(some);
  expect(toggled(some, idOf(1))).toEqual([idOf(7)]);
  expect(parseSelection(selectionText(some))).toEqual(some);
  expect(parseSelection('')).toEqual([]);
});

test('as many as can be selected make a filter that is not too long, and finds them alone', () => {
  const most = parseSelection(selectionText(withStretch([], list, 0, 499)));
  expect(most).toHaveLength(MOST_SELECTED);
  const filter = compileFilter(selectionFilter(most));
  expect(filter.matches(shopFlow(5, 1_700_000_000_000))).toBe(true);
  expect(filter.matches(shopFlow(MOST_SELECTED, 1_700_000_000_000))).toBe(false);
});

test('as many as can be selected fit into the address of the page', () => {
  const ids = Array.from({ length: MOST_SELECTED }, (_, n) => `0123456789abcdefghij.${1e9 + n}`);
  expect(ids[0]).toHaveLength(31);
  const selected = selectionText(ids);
  expect(parseSelection(readState(writeState({ ...DEFAULT_STATE, selected })).selected)).toEqual(ids);
});
