import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AgeList } from './age-list.ts';

test('does what an ordered map would', () => {
  const operation = fc.tuple(fc.constantFrom('add', 'remove', 'touch'), fc.integer({ min: 0, max: 40 }));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const list = new AgeList();
      const model = new Map<number, number>();
      operations.forEach(([what, key], now) => {
        if (what === 'remove') {
          list.remove(key);
          model.delete(key);
        } else if (what === 'add') {
          list.add(key, now);
          model.delete(key);
          model.set(key, now);
        } else if (model.has(key)) {
          list.touch(key, now, 5);
          if (now - model.get(key)! > 5) {
            model.delete(key);
            model.set(key, now);
          }
        }
        const [oldest] = model;
        expect(list.oldest).toBe(oldest?.[0] ?? -1);
        expect(list.size).toBe(model.size);
        expect(list.has(key)).toBe(model.has(key));
        expect(list.olderThan(now - 10)).toBe(oldest !== undefined && oldest[1] < now - 10 ? oldest[0] : -1);
      });
    }),
  );
});
