import { expect, test } from 'vitest';
import { KeptPlaces, MOST_KEPT } from './kept-places.ts';

/** As much of a browser's store as there is use for. */
function storage(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
    key: (n: number) => [...items.keys()][n] ?? null,
    get length() {
      return items.size;
    },
  } as Storage;
}

test('places are kept by level and by direction, until they are forgotten', () => {
  const store = storage();
  const kept = new KeptPlaces('workload', store);
  kept.write('right', new Map([['shop/web', { x: 12.4, y: -3 }]]));
  kept.write('down', new Map([['shop/web', { x: 1, y: 2 }]]));
  const pods = new KeptPlaces('pod', store);
  pods.write('right', new Map([['shop/web-1', { x: 5, y: 5 }]]));
  expect(new KeptPlaces('workload', store).read('right')).toEqual(new Map([['shop/web', { x: 12, y: -3 }]]));
  kept.forget();
  expect([kept.read('right').size, kept.read('down').size, pods.read('right').size]).toEqual([0, 0, 1]);
});

test('the newest of too many are kept', () => {
  const kept = new KeptPlaces('workload', storage());
  kept.write('right', new Map(Array.from({ length: MOST_KEPT + 5 }, (_, n) => [`n${n}`, { x: n, y: 0 }])));
  const ids = [...kept.read('right').keys()];
  expect([ids.length, ids[0]]).toEqual([MOST_KEPT, 'n5']);
});

test.each(['', '{', 'null', '{"a":1}', '[1,[2],["x","1",2],["y",null,0]]'])('%j has no place', (text) => {
  const store = storage();
  store.setItem('remora.map.places.workload.right', text);
  expect(new KeptPlaces('workload', store).read('right').size).toBe(0);
});
