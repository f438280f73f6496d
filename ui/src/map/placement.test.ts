import { expect, test } from 'vitest';
import { type Direction, type Point, STEPS } from '../../../flow/map/layout.ts';
import { mapEdge as edge, mapNode as node } from '../../../test/map-parts.ts';
import { Placement } from './placement.ts';

/** What keeps places from one visit to the next. */
function keep() {
  const kept = new Map<Direction, Map<string, Point>>();
  return {
    read: (direction: Direction) => new Map(kept.get(direction)),
    write: (direction: Direction, places: ReadonlyMap<string, Point>) =>
      void kept.set(direction, new Map(places)),
    forget: () => kept.clear(),
  };
}

const SHOP = ['web', 'cart', 'orders', 'ledger'].map((id) => node(id));
const CALLS = [edge('web', 'cart'), edge('web', 'orders'), edge('orders', 'ledger')];

test('what has a place keeps it, and new nodes come near those they talk to', () => {
  const places = new Placement(keep());
  places.place(SHOP, CALLS, 'right');
  const before = SHOP.map(({ id }) => places.get(id));
  const more = [...SHOP, node('mail')];
  places.place(more, [...CALLS, edge('orders', 'mail')], 'right');
  expect(SHOP.map(({ id }) => places.get(id))).toEqual(before);
  const mail = places.get('mail')!;
  const orders = places.get('orders')!;
  expect(Math.abs(mail.x - orders.x)).toBeLessThanOrEqual(2 * STEPS.right.along);
  expect(Math.abs(mail.y - orders.y)).toBeLessThanOrEqual(3 * STEPS.right.across);
  expect(places.added).toBe(1);
});

test('many new ones find free ground, and a node that went away comes back to its place', () => {
  const places = new Placement(keep());
  places.place(SHOP, CALLS, 'right');
  const crowd = Array.from({ length: 60 }, (_, n) => node(`n${n}`));
  places.place([...SHOP.slice(1), ...crowd], [], 'right');
  const all = [...SHOP, ...crowd].map(({ id }) => places.get(id)!);
  for (const a of all) {
    for (const b of all) {
      if (a !== b) expect(Math.abs(a.x - b.x) > 100 || Math.abs(a.y - b.y) > 30).toBe(true);
    }
  }
  expect(places.get('web')).toBeDefined();
});

test('what was put somewhere by hand is there on the next visit, until all is laid out anew', () => {
  const kept = keep();
  const places = new Placement(kept);
  places.place(SHOP, CALLS, 'right');
  const [web, cart] = [places.get('web'), places.get('cart')];
  places.move('web', { x: 900, y: 700 });
  const next = new Placement(kept);
  next.place(SHOP, CALLS, 'right');
  expect([next.get('web'), next.get('cart')]).toEqual([{ x: 900, y: 700 }, cart]);
  const narrow = new Placement(kept);
  narrow.place(SHOP, CALLS, 'down');
  expect(narrow.get('web')).not.toEqual({ x: 900, y: 700 });
  next.reset(SHOP, CALLS, 'right');
  expect(next.get('web')).toEqual(web);
  const last = new Placement(kept);
  last.place(SHOP, CALLS, 'right');
  expect(last.get('web')).toEqual(web);
});

test('a node that comes later goes where it was put before, and what is moved then is kept beside it', () => {
  const kept = keep();
  const before = new Placement(kept);
  before.place(SHOP, CALLS, 'right');
  before.move('ledger', { x: -400, y: 40 });
  const places = new Placement(kept);
  places.place(SHOP.slice(0, 3), CALLS.slice(0, 2), 'right');
  places.move('web', { x: 1, y: 2 });
  places.place(SHOP, CALLS, 'right');
  expect(places.get('ledger')).toEqual({ x: -400, y: 40 });
  expect([...kept.read('right').keys()]).toEqual(['ledger', 'web']);
});
