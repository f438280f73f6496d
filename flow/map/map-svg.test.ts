import { expect, test } from 'vitest';
import { type Box, type MapColours, mapSvg } from './map-svg.ts';

const colours = new Proxy({}, { get: (_, name) => String(name) }) as MapColours;
const box = (id: string, x: number, change: Partial<Box> = {}): Box => ({
  ...{ id, x, y: 0, width: 150, height: 50, label: id, failing: false, isFrame: false },
  ...change,
});
const line = (from: string, to: string) => ({
  ...{ from, to, label: '4/s\np95 3 ms', width: 2, dashed: false },
  colour: 'accent-line' as const,
});

test('is as large as what is on it, frames behind lines behind nodes', () => {
  const svg = mapSvg({
    colours,
    boxes: [box('web', 0), box('cart', 400), box('shop', 200, { width: 700, height: 150, isFrame: true })],
    lines: [line('web', 'cart')],
  });
  expect(svg).toContain('viewBox="-180 -105 760 210"');
  const order = ['>shop<', '<path', '>4/s<', '>web<'].map((part) => svg.indexOf(part));
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order[0]).toBeGreaterThan(0);
  // From the right side of one to the left side of the other, the arrow's head short of it.
  expect(svg).toMatch(/<path d="M75 7L315\.2 7"/);
});

test('a line to itself is a loop, one to nowhere is left out', () => {
  const svg = mapSvg({ colours, boxes: [box('web', 0)], lines: [line('web', 'web'), line('web', 'gone')] });
  expect(svg.match(/<path/g)).toHaveLength(1);
  expect(svg).not.toContain('NaN');
});

test('a name is text and nothing else', () => {
  const svg = mapSvg({ colours, boxes: [box('x', 0, { label: '</text><script>"&\u0000' })], lines: [] });
  expect(svg).toContain('&#60;/text&#62;&#60;script&#62;&#34;&#38;\ufffd</text>');
});
