import { expect, test } from 'vitest';
import type { Health } from '../../../flow/api.ts';
import { figuresOf, matching, spaced } from './figures.ts';

const health = {
  hub: { counters: { mergedFlows: 3, slowSubscribers: 0 }, limits: { storageBytes: 100 } },
  workers: [
    { node: 'a', counters: { kernelDrops: 7, packets: 10 }, limits: {} },
    { node: 'b', counters: { kernelDrops: 0 }, limits: { droppedAfter: 5 } },
  ],
} as unknown as Health;

test('what was lost comes first; nought and limits are no alarm', () => {
  const figures = figuresOf(health);
  expect(figures[0]).toMatchObject({ where: 'a', name: 'kernelDrops', bad: true });
  expect(figures.filter((figure) => figure.bad)).toHaveLength(1);
  expect(figures.map((figure) => figure.kind)).toEqual([...Array(5).fill('counter'), 'limit', 'limit']);
});

test('search finds by words, in any order, in name and place', () => {
  const figures = figuresOf(health);
  expect(matching(figures, 'drops kernel').map((figure) => figure.where)).toEqual(['a', 'b']);
  expect(matching(figures, 'KERNELDROPS b')).toHaveLength(1);
  expect(matching(figures, '')).toHaveLength(7);
  expect(matching(figures, 'nothing')).toHaveLength(0);
});

test('names read as words', () => {
  expect(spaced('kernelDrops')).toBe('kernel drops');
  expect(spaced('spool_dropped-flows')).toBe('spool dropped flows');
});
