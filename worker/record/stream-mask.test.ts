import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamMask } from './stream-mask.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

/** The parts of `text`, which was sent at `offset`, that may be seen. */
function seen(mask: StreamMask, text: string, offset: number): string {
  const data = bytes(text);
  const hidden = mask.hidden(data, 0, data.length, offset);
  for (let i = 0; i < hidden.length; i += 2) data.fill('*', hidden[i], hidden[i + 1]);
  return data.toString('latin1');
}

test('nothing is shown but what was said to be harmless', () => {
  const mask = new StreamMask();
  mask.put(0, bytes('abcdef'), 0, 6);
  expect(seen(mask, 'abcdef', 0)).toBe('******');
  mask.show(1, 5);
  mask.hide(3, 4);
  expect(seen(mask, 'abcdef', 0)).toBe('*bc*e*');
});

test('a copy that says something else is not shown, nor one in a gap, before the first byte or behind the last', () => {
  const mask = new StreamMask();
  mask.put(4, bytes('good'), 0, 4);
  mask.put(100, bytes('more'), 0, 4);
  mask.show(-10, 1000);
  expect(seen(mask, 'goad', 4)).toBe('go*d');
  expect(seen(mask, 'xxxxgoodxx', 0)).toBe('****good**');
  expect(seen(mask, 'xmorex', 99)).toBe('*more*');
  expect(seen(mask, 'good', -2)).toBe('****');
});

test('a gap has no octets', () => {
  const mask = new StreamMask();
  mask.put(0, bytes('ab'), 0, 2);
  mask.put(4, bytes('ef'), 0, 2);
  expect([0, 1, 2, 3, 4, 5, 6, -1].map((offset) => mask.at(offset))).toEqual(
    [0x61, 0x62, -1, -1, 0x65, 0x66, -1, -1], // ab, gap, ef
  );
  expect(mask.holds(0, bytes('ab'), 0, 2)).toBe(true);
  expect(mask.holds(1, bytes('be'), 0, 2)).toBe(false);
  expect(mask.holds(5, bytes('fx'), 0, 2)).toBe(false);
});

test('packets far apart in the stream take no more memory than packets', () => {
  const before = process.memoryUsage().arrayBuffers;
  const masks = Array.from({ length: 20 }, () => new StreamMask());
  for (const mask of masks)
    for (let i = 0; i < 40; i++) mask.put(i * 1_000_000, bytes('x'.repeat(100)), 0, 100);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4_000_000);
  expect(masks[0].at(39_000_099)).toBe(0x78);
  expect(masks[0].at(39_000_100)).toBe(-1);
});

test('whatever is put, shown and hidden: as a map of every octet would have it', () => {
  const puts = fc.array(fc.record({ gap: fc.nat(5), text: fc.string({ maxLength: 6 }) }), { maxLength: 8 });
  const marks = fc.array(fc.tuple(fc.integer({ min: -3, max: 80 }), fc.nat(30), fc.boolean()), {
    maxLength: 8,
  });
  const check = fc.property(puts, marks, (parts, spans) => {
    const mask = new StreamMask();
    const octets = new Map<number, number>();
    let offset = 0;
    for (const { gap, text } of parts) {
      offset += gap;
      const data = bytes(text);
      mask.put(offset, data, 0, data.length);
      for (const octet of data) octets.set(offset++, octet);
    }
    const shown = new Set<number>();
    for (const [start, length, isShown] of spans) {
      if (isShown) mask.show(start, start + length);
      else mask.hide(start, start + length);
      for (let i = start; i < start + length; i++) {
        if (isShown && octets.has(i)) shown.add(i);
        else shown.delete(i);
      }
    }
    for (let i = -3; i < 120; i++) {
      const octet = octets.get(i);
      expect(mask.at(i)).toBe(octet ?? -1);
      const data = Uint8Array.of(octet ?? 0);
      expect(mask.hidden(data, 0, 1, i)).toEqual(shown.has(i) ? [] : [0, 1]);
    }
  });
  fc.assert(check);
});
