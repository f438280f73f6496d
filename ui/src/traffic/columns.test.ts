import { expect, test } from 'vitest';
import { COLUMNS, fitting, parseHidden, parseLayout, template } from './columns.ts';

const all = { widths: {}, hidden: [] };
const idsAt = (room: number): string[] => fitting(all, room).map((column) => column.id);

test('wide windows show all, narrow ones what matters', () => {
  expect(idsAt(2000)).toHaveLength(COLUMNS.length);
  expect(idsAt(900)).not.toContain('protocol');
  expect(idsAt(620)).toEqual(['time', 'method', 'path', 'status', 'elapsed']);
  expect(idsAt(0)).toEqual(['status']);
});

test('a day takes room, unless the user gave the column a width', () => {
  expect(fitting(all, 2000, true)[0]!.width).toBeGreaterThan(fitting(all, 2000)[0]!.width);
  expect(fitting({ widths: { time: 90 }, hidden: [] }, 2000, true)[0]!.width).toBe(90);
});

test('what the user hid stays hidden and makes room for others', () => {
  const ids = fitting({ widths: { source: 60 }, hidden: ['time', 'path'] }, 560).map((column) => column.id);
  expect(ids).not.toContain('time');
  expect(ids).toContain('source');
});

test('the path takes the room that is left', () => {
  expect(template(fitting({ widths: {}, hidden: [] }, 620))).toBe('108px 72px minmax(260px, 1fr) 66px 78px');
  expect(template(fitting({ widths: {}, hidden: ['path'] }, 170))).toBe('72px minmax(66px, 1fr)');
});

test('columns that an address names', () => {
  expect(parseHidden('')).toBeUndefined();
  expect(parseHidden('none')).toEqual([]);
  expect(parseHidden('size,protocol,x')).toEqual(['protocol', 'size']);
  expect(parseHidden(COLUMNS.map((column) => column.id).join(','))).toBeUndefined();
});

test('a stored layout is not trusted', () => {
  expect(parseLayout(null)).toEqual(all);
  expect(parseLayout('[1')).toEqual(all);
  expect(parseLayout('null')).toEqual(all);
  expect(parseLayout('{"widths":{"time":1e9,"path":300,"x":5},"hidden":["size","y"]}')).toEqual({
    widths: { path: 300 },
    hidden: ['size'],
  });
  expect(parseLayout(JSON.stringify({ hidden: COLUMNS.map((column) => column.id) }))).toEqual(all);
});
