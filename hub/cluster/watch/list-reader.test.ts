import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ListReader } from './list-reader.ts';

interface Read {
  items: unknown[];
  list: Record<string, unknown>;
  skipped: number;
}

/** Reads a text that comes in chunks of these sizes, over and over. */
function read(text: string, sizes: number[] = [1 << 20], itemBytes = 1 << 20, envelopeBytes = 1 << 20): Read {
  const items: unknown[] = [];
  let skipped = 0;
  const reader = new ListReader(itemBytes, envelopeBytes, () => skipped++);
  const bytes = Buffer.from(text);
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const size = sizes[n % sizes.length];
    // A chunk's memory is used again by the socket it came from.
    const chunk = Buffer.from(bytes.subarray(at, at + size));
    reader.push(chunk, (item) => items.push(JSON.parse(item)));
    at += size;
  }
  return { items, list: reader.end(), skipped };
}

const LIST = {
  kind: 'PodList',
  apiVersion: 'v1',
  metadata: { resourceVersion: '42', continue: 'abc' },
  items: [{ a: 1 }, { b: '}]"\\', c: [[1], { items: [2] }] }, {}, { d: 'ü€😀' }],
};

test('items one by one, and the rest of the list without them', () => {
  const { items, list } = read(JSON.stringify(LIST));
  expect(items).toEqual(LIST.items);
  expect(list).toEqual({ ...LIST, items: [] });
});

test('however it is cut into chunks', () => {
  const text = JSON.stringify(LIST);
  for (let size = 1; size < text.length; size++) expect(read(text, [size]).items).toEqual(LIST.items);
});

test.each([
  ['indented', JSON.stringify(LIST, null, 2), 4],
  ['items first', '{"items" : [ {"a":1} , {"b":2} ], "metadata":{"resourceVersion":"1"}}', 2],
  ['none', '{"metadata":{},"items":[]}', 0],
  ['null', '{"metadata":{},"items":null}', 0],
  ['no field of that name', '{"metadata":{}}', 0],
  ['other arrays are not the items', '{"columns":[{"items":[1]}],"metadata":{"x":[{}]},"items":[{}]}', 1],
  ['a name that only ends like it', '{"notitems":[1],"my\\"items":[2],"items":[{}]}', 1],
  ['a text that looks like it', '{"a":"\\"items\\":[{","items":[{}]}', 1],
])('%s', (_, text, count) => {
  expect(read(text, [1]).items).toHaveLength(count);
  expect(read(text, [7]).items).toHaveLength(count);
});

test.each([
  ['nothing', ''],
  ['cut in an item', '{"items":[{"a":'],
  ['cut between items', '{"items":[{},'],
  ['cut after the items', '{"items":[{}]'],
  ['no JSON', '<html>Log in</html>'],
  ['no object', '42'],
  ['null', 'null'],
  ['numbers for items', '{"items":[1,2]}'],
  ['texts for items', '{"items":["a"]}'],
  ['too much behind it', '{"items":[]}}'],
])('%s is no list', (_, text) => {
  expect(() => read(text)).toThrow(SyntaxError);
});

test('an item that is too long is left out and counted; those around it are read', () => {
  const text = JSON.stringify({ items: [{ a: 1 }, { long: 'x'.repeat(1000) }, { b: 2 }] });
  for (const size of [1, 100, 5000]) {
    expect(read(text, [size], 100)).toMatchObject({ items: [{ a: 1 }, { b: 2 }], skipped: 1 });
  }
});

test('what is beside the items is bounded too', () => {
  expect(() =>
    read(JSON.stringify({ metadata: { x: 'y'.repeat(1000) }, items: [] }), [10], 100, 100),
  ).toThrow(/too much/);
});

test('any list, in any chunks, reads as JSON.parse reads it', () => {
  const item = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());
  const envelope = fc.dictionary(
    fc.string({ unit: 'grapheme' }).filter((key) => key !== 'items' && key !== '__proto__'),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(
      ...[envelope, fc.array(item), envelope],
      ...[fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), fc.constantFrom(0, 2)],
      (before, items, after, sizes, indent) => {
        // What comes later counts, and must not replace the items.
        const text = JSON.stringify({ ...before, items, ...after }, null, indent);
        const expected = JSON.parse(text) as { items: unknown[] };
        const found = read(text, sizes);
        expect(found.items).toEqual(expected.items);
        expect(found.list).toEqual({ ...expected, items: [] });
      },
    ),
    { numRuns: 300 },
  );
});
