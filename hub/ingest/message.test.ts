import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IngestError } from './error.ts';
import { parseBatchHeader, parseMessage } from './message.ts';

const hello = {
  type: 'hello',
  wire: 1,
  version: '0.1.0',
  session: 'abcdef0123456789',
  node: 'n1',
  mode: 'live',
  sources: ['any'],
  limits: { spoolBytes: 5 },
};
const parse = (message: unknown) => parseMessage(JSON.stringify(message));

test('a hello and a status are read', () => {
  expect(parse(hello)).toEqual(hello);
  const status = {
    type: 'status',
    counters: { packets: 1, 'a.b-c': 0.5 },
    progress: 0.5,
    problem: { code: 'CAPTURE_FAILED', message: 'no', remedy: 'none' },
    done: true,
    recordedSessions: ['session-before'],
  };
  expect(parse(status)).toEqual(status);
});

test('a long problem is shortened: its worker is not sent away for it', () => {
  const problem = { code: 'CAPTURE_FAILED', message: 'm'.repeat(5000), remedy: 'r'.repeat(5000) };
  const status = parse({ type: 'status', counters: {}, problem });
  expect(status).toMatchObject({ problem: { message: 'm'.repeat(1024), remedy: 'r'.repeat(1024) } });
});

const MARK = {
  ...{ time: 1.7e15, from: '10.0.0.1:1', to: '10.0.0.2:80' },
  mark: {
    flow: 'f',
    way: 1,
    ways: 2,
    service: 'cart',
    ends: { src: { ip: '10.0.0.1', port: 1 }, dst: { ip: '::1', port: 80 } },
  },
};
const marks = (...given: unknown[]) => ({ type: 'marks', marks: given });

test('marks are read, and of them only what they have', () => {
  const plain = { ...MARK, mark: { flow: 'f', way: 1, ways: 2 } };
  expect(parse(marks({ ...MARK, more: 1 }, plain))).toEqual(marks(MARK, plain));
});

test.each([
  ['no list', { type: 'marks', marks: 'f' }],
  ['no objects', marks(null)],
  ['a time that is no number', marks({ ...MARK, time: '1' })],
  ['a long address', marks({ ...MARK, from: 'x'.repeat(65) })],
  [
    'ends that are no addresses',
    marks({ ...MARK, mark: { ...MARK.mark, ends: { src: { ip: '<b>', port: 1 } } } }),
  ],
  ['a service that is no name', marks({ ...MARK, mark: { ...MARK.mark, service: '<b>' } })],
  ['no flow', marks({ ...MARK, mark: { way: 1, ways: 2 } })],
])('marks that cannot be: %s', (_, message) => {
  expect(() => parse(message)).toThrow(IngestError);
});

test.each([
  ['another wire version', { ...hello, wire: 2 }, 'WIRE_VERSION'],
  ['a session that would break ids', { ...hello, session: '../../../etc' }, 'MESSAGE_INVALID'],
  ['no node', { ...hello, node: undefined }, 'MESSAGE_INVALID'],
  ['a very long node', { ...hello, node: 'x'.repeat(2000) }, 'MESSAGE_INVALID'],
  ['limits that are no numbers', { ...hello, limits: { a: '1' } }, 'MESSAGE_INVALID'],
  [
    'a counter named __proto__',
    JSON.parse('{"type":"status","counters":{"__proto__":1}}'),
    'MESSAGE_INVALID',
  ],
  [
    'an earlier session that is no name of one',
    { type: 'status', counters: {}, recordedSessions: ['a b'] },
    'MESSAGE_INVALID',
  ],
  [
    'more earlier sessions than anybody has',
    { type: 'status', counters: {}, recordedSessions: Array.from({ length: 201 }, () => 'session-a') },
    'MESSAGE_INVALID',
  ],
  ['progress beyond one', { type: 'status', counters: {}, progress: 7 }, 'MESSAGE_INVALID'],
  ['a clock that is no number', { type: 'status', counters: {}, clock: '12:00' }, 'MESSAGE_INVALID'],
  ['a problem of words alone', { type: 'status', counters: {}, problem: 'no' }, 'MESSAGE_INVALID'],
  [
    'a problem whose code is none',
    { type: 'status', counters: {}, problem: { code: 'a b', message: 'no' } },
    'MESSAGE_INVALID',
  ],
  ['a problem without words', { type: 'status', counters: {}, problem: { code: 'A' } }, 'MESSAGE_INVALID'],
  ['neither', { type: 'ack' }, 'MESSAGE_INVALID'],
  ['null', null, 'MESSAGE_INVALID'],
])('refused: %s', (_, message, code) => {
  expect(() => parse(message)).toThrow(expect.objectContaining({ name: 'IngestError', code }));
});

test('whatever the text, it is read or refused', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc
          .record({ type: fc.constantFrom('hello', 'status') }, { requiredKeys: [] })
          .map((o) => JSON.stringify(o)),
      ),
      (text) => {
        try {
          parseMessage(text);
        } catch (error) {
          expect(error).toBeInstanceOf(IngestError);
        }
      },
    ),
  );
});

test('the header of a batch', () => {
  const frame = Uint8Array.of(1, 0, 0, 0, 2, 1, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0);
  expect(parseBatchHeader(frame)).toEqual({ batch: 258, count: 3 });
  expect(() => parseBatchHeader(frame.subarray(1))).toThrow(IngestError);
  expect(() => parseBatchHeader(Uint8Array.of(2, ...frame.subarray(1)))).toThrow(IngestError);
  expect(() => parseBatchHeader(new Uint8Array(16).fill(1, 0, 1))).toThrow(IngestError);
});
