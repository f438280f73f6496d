import { expect, test } from 'vitest';
import { STEPS } from '../../../flow/map/layout.ts';
import { mapEdge as edge, mapNode as node } from '../../../test/map-parts.ts';
import { Placement } from './placement.ts';

const SHOP = ['web', 'cart', 'orders', 'ledger'].map((id) => node(id));
const CALLS = [edge('web', 'cart'), edge('web', 'orders'), edge('orders', 'ledger')];

test('what has a place keeps it, and new nodes come near those they talk to', () => {
  const places = new Placement();
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
  const places = new Placement();
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
