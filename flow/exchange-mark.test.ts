import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ExchangeMark, formatMark, MARK_START, MAX_MARK, parseMark } from './exchange-mark.ts';

const FLOW = '00060e1d5f0000-0123456789abcdef';
const ENDS = { src: { ip: '10.0.0.1', port: 40_000 }, dst: { ip: 'fd00:1::5', port: 8080 } };

test.each<[string, ExchangeMark]>([
  [`flow ${FLOW}, way 2 of 3`, { flow: FLOW, way: 2, ways: 3 }],
  [`flow ${FLOW}, from 10.0.0.1:40000 to [fd00:1::5]:8080`, { flow: FLOW, way: 1, ways: 1, ends: ENDS }],
  [
    `flow ${FLOW}, way 1 of 2, from 10.0.0.1:40000 to [fd00:1::5]:8080`,
    { flow: FLOW, way: 1, ways: 2, ends: ENDS },
  ],
  [`flow ${FLOW}, of service cart`, { flow: FLOW, way: 1, ways: 1, service: 'cart' }],
  [`flow ${FLOW}, of no name`, { flow: FLOW, way: 1, ways: 1, name: '' }],
  [
    `flow ${FLOW}, of name a.b-c.org, by name d1`,
    { flow: FLOW, way: 1, ways: 1, name: 'a.b-c.org', clientName: 'd1' },
  ],
  [
    `flow ${FLOW}, of no service, from 10.0.0.1:40000 to [fd00:1::5]:8080`,
    { flow: FLOW, way: 1, ways: 1, service: '', ends: ENDS },
  ],
])('%s', (text, mark) => {
  expect(formatMark(mark)).toBe(text);
  expect(parseMark(`${text}: GET / → 200`)).toEqual(mark);
});

test('an exchange whose packets say the same is not marked', () => {
  const plain = formatMark({ flow: FLOW, way: 1, ways: 1 });
  expect(plain).toBe(`flow ${FLOW}`);
  expect(parseMark(`${plain}: GET / → 200`)).toBeUndefined();
});

test.each([
  '',
  'flow: way 1 of 2:',
  `a flow ${FLOW}, way 1 of 2:`,
  `flow ${FLOW}, way 1 of 2`,
  `flow ${FLOW}, way 3 of 2:`,
  `flow ${FLOW}, way 0 of 2:`,
  `flow ${FLOW}, way 1 of 10:`,
  `flow ${FLOW}, from 10.0.0.1:40000:`,
  `flow ${FLOW}, from <b>:1 to 10.0.0.1:2:`,
  `flow ${FLOW}, from \u001b[31m:1 to 10.0.0.1:2:`,
  `flow ${FLOW}, of service <b>:`,
  `flow ${FLOW}, of name <b>:`,
  `flow ${FLOW}, of name 10.0.0.1:`,
  `flow ${'a'.repeat(65)}, way 1 of 2:`,
])('what others wrote is no mark: %j', (comment) => expect(parseMark(comment)).toBeUndefined());

const NAMES = fc.constantFrom('', 'www.example.org', 'a'.repeat(253));

test('any mark is read as it was written, starts as marks do and is short', () => {
  const socket = fc.record({
    ip: fc.oneof(fc.ipV4(), fc.constantFrom('::1', 'fd00::1', '2001:db8:1:2:3:4:5:6')),
    port: fc.nat(65_535),
  });
  const marks = fc.record({
    ...{ flow: fc.constant(FLOW), ways: fc.integer({ min: 2, max: 9 }), way: fc.constant(2) },
    service: fc.constantFrom('', 'cart', 'a'.repeat(63)),
    ...{ name: NAMES, clientName: NAMES },
    ends: fc.record({ src: socket, dst: socket }),
  });
  fc.assert(
    fc.property(marks, (mark) => {
      const text = `${formatMark(mark)}:`;
      expect(parseMark(text)).toEqual(mark);
      expect(text.startsWith(MARK_START) && text.length <= MAX_MARK).toBe(true);
    }),
  );
});
