import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Message } from '../message.ts';
import { FieldReader } from './fields.ts';
import { Framing } from './framing.ts';

const LINES = [
  'Host: shop.example\r\n',
  'Accept: */*\r\n',
  'accept:*/*\r\n',
  'X-Request-Id: 5b1f3c52-00000001\r\n',
  'X-Request-Id: 5b1f3c52-00000002\r\n',
  'Content-Length: 10\r\n',
  'Content-Length: 11\r\n',
  'Connection: keep-alive\r\n',
  'Connection: close\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Upgrade: websocket\r\n',
  'A:\r\n',
  'A: \t b \t\r\n',
  ' folded\r\n',
  'no colon\r\n',
  'Bare: line feed\n',
  `Long: ${'x'.repeat(300)}\r\n`,
  'B: \u0001\r\n',
];

interface Read {
  end: number;
  fields: readonly (readonly [name: string, value: string])[];
  problem: string;
  framing: Record<string, unknown>;
}

/** Reads the head at `shift` of its buffer, and tells of each line number which line it was. */
function read(
  reader: FieldReader,
  head: string,
  shift: number,
  framing = new Framing(),
  told?: Map<number, string>,
): Read {
  const data = Uint8Array.from(Buffer.from(' '.repeat(shift) + head));
  const message = new Message();
  message.status = 200;
  const end = reader.read(message, data, shift, data.length, shift, false);
  const text = (from: number, to: number) => Buffer.from(data.subarray(from + shift, to + shift)).toString();
  const fields: [string, string][] = [];
  for (let i = 0; i < message.fieldCount; i++) {
    const [nameStart, nameEnd, valueStart, valueEnd] = message.fields.subarray(i * 4, i * 4 + 4);
    fields.push([text(nameStart, nameEnd), text(valueStart, valueEnd)]);
    const number = message.lines[i];
    if (number === 0 || told === undefined) continue;
    const line = text(nameStart, valueEnd);
    expect(told.get(number) ?? line).toBe(line);
    told.set(number, line);
  }
  framing.read(message, data, shift);
  const { contentLength, badLength, chunked, close, keepAlive, upgradeField } = framing;
  return {
    end: end < 0 ? ~end - shift : end - shift,
    fields,
    problem: message.problem,
    framing: { contentLength, badLength, chunked, close, keepAlive, upgradeField },
  };
}

test('a head is read the same whatever was read before, and a number stands for one line for ever', () => {
  const practised = new FieldReader();
  const framing = new Framing();
  const told = new Map<number, string>();
  const heads = fc.array(fc.constantFrom(...LINES), { maxLength: 8 });
  fc.assert(
    fc.property(
      heads,
      fc.constantFrom('\r\n', '', 'Hos', 'Host: shop.example'),
      fc.nat(9),
      (lines, end, shift) => {
        const head = lines.join('') + end;
        expect(read(practised, head, shift, framing, told)).toEqual(read(new FieldReader(), head, 0));
      },
    ),
    { numRuns: 600 },
  );
  expect(told.size).toBeGreaterThan(8);
});

test('a line has a number that comes again and again, and one that goes on has none', () => {
  const reader = new FieldReader();
  const numbers = (head: string) => {
    const message = new Message();
    const data = Uint8Array.from(Buffer.from(head));
    reader.read(message, data, 0, data.length, 0, false);
    return [...message.lines.subarray(0, message.fieldCount)].map(Math.sign);
  };
  const head = 'Host: a.example\r\nConnection: close\r\nX-Token: abc\r\n';
  expect(numbers(`${head}\r\n`)).toEqual([0, 0, 0]);
  numbers(`${head}\r\n`);
  expect(numbers(`${head}\r\n`)).toEqual([1, -1, 1]);
  // The same line, and more of its value on the next one: what is known of the line does not hold.
  expect(numbers(`${head} def\r\n\r\n`)).toEqual([1, -1, 0]);
});
