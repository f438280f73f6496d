import { expect, test } from 'vitest';
import { largeMap } from '../../test/browser/mock-map.ts';
import { mapEdge as edge, mapNode as node } from '../../test/map-parts.ts';
import { layout } from './layout.ts';

const SHOP = ['web', 'cart', 'orders', 'ledger'].map((id) => node(id));
const CALLS = [edge('web', 'cart'), edge('web', 'orders'), edge('orders', 'ledger')];

test('callers stand before those they call, left of them or above', () => {
  const at = layout(SHOP, CALLS);
  for (const { from, to } of CALLS) expect(at.get(from)!.x).toBeLessThan(at.get(to)!.x);
  const down = layout(SHOP, CALLS, 'down');
  for (const { from, to } of CALLS) expect(down.get(from)!.y).toBeLessThan(down.get(to)!.y);
});

test('a line that passes a column has a place of its own in it', () => {
  // web calls ledger past orders: all in one row would draw the one line beneath orders.
  const at = layout(SHOP, [edge('web', 'orders'), edge('orders', 'ledger'), edge('web', 'ledger')]);
  expect(at.get('orders')!.y).not.toBe((at.get('web')!.y + at.get('ledger')!.y) / 2);
});

test('the same map gives the same places, in whatever order it comes', () => {
  const { nodes, edges } = largeMap(120, 400);
  expect([...layout([...nodes].reverse(), [...edges].reverse())].sort()).toEqual(
    [...layout(nodes, edges)].sort(),
  );
});

test('circles and calls to oneself are laid out like anything else', () => {
  const ring = [edge('web', 'cart'), edge('cart', 'orders'), edge('orders', 'web'), edge('web', 'web')];
  const at = layout(SHOP, ring);
  expect(new Set([...at.values()].map(({ x, y }) => `${x},${y}`)).size).toBe(4);
});

test('no two nodes stand on one another, namespaces do not mix, and a thousand take no time', () => {
  const { nodes, edges } = largeMap(1000, 5000);
  const started = performance.now();
  const at = layout(nodes, edges);
  expect(performance.now() - started).toBeLessThan(1500);
  const seen = new Set([...at.values()].map(({ x, y }) => `${Math.round(x)},${Math.round(y)}`));
  expect(seen.size).toBe(1000);
  const boxes = [...new Set(nodes.map((one) => one.namespace!))].map((namespace) => {
    const points = nodes.filter((one) => one.namespace === namespace).map((one) => at.get(one.id)!);
    const xs = points.map((point) => point.x);
    const ys = points.map((point) => point.y);
    return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
  });
  for (const a of boxes) {
    for (const b of boxes) {
      if (a === b) continue;
      expect(a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top).toBe(true);
    }
  }
});
