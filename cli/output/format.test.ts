import { expect, test } from 'vitest';
import type { Flow } from '../../flow/flow.ts';
import { formatJson, textFormat } from './format.ts';
import { colorsFor } from './terminal.ts';

const plain = colorsFor({ isTTY: false }, {});

function flow(changes: Partial<Flow> = {}): Flow {
  return {
    id: '1',
    time: '2026-01-02T03:04:05.000006Z',
    protocol: { name: 'http', version: '1.1' },
    node: 'here',
    src: { ip: '10.0.0.1', port: 4000, name: '10.0.0.1' },
    dst: { ip: '10.0.0.2', port: 80, name: 'cart' },
    request: {
      method: 'GET',
      target: '/items?x=1',
      url: 'http://cart/items?x=1',
      path: '/items',
      query: { x: '1' },
      host: 'cart',
      headers: [],
      cookies: {},
      bodySize: 0,
    },
    response: { status: 200, reason: 'OK', headers: [], bodySize: 1536 },
    elapsedMs: 12.34,
    timing: {},
    completeness: ['complete'],
    redacted: 0,
    bytes: { request: 100, response: 200 },
    fingerprint: 'f',
    connection: 'c',
    ...changes,
  };
}

const words = (line: string) => line.trim().split(/\s{2,}/);

test('a line has time, both ends, method, address, status, size and elapsed', () => {
  expect(words(textFormat(plain)(flow()))).toEqual([
    '2026-01-02T03:04:05.000006Z',
    '10.0.0.1:4000         → cart:80'.split(/\s{2,}/)[0],
    '→ cart:80',
    'GET',
    'cart/items',
    '200',
    '1.5 KiB',
    '12.3 ms',
  ]);
});

test('what is missing or was taken out is said', () => {
  const {
    response: _response,
    elapsedMs: _elapsed,
    ...cut
  } = flow({ completeness: ['one-sided', 'cut'], redacted: 3 });
  const line = textFormat(plain)(cut);
  expect(line).toMatch(/ -\s+one-sided cut redacted:3\n$/);
  const { request: _request, ...answerOnly } = flow();
  expect(textFormat(plain)(answerOnly)).toContain('(request not seen)');
});

test('columns stay aligned when a longer value has widened them, up to a bound', () => {
  const format = textFormat(plain);
  format(flow({ dst: { ip: '10.0.0.3', port: 8080, name: 'a-service-with-quite-a-long-name' } }));
  const column = format(flow()).indexOf('GET');
  expect(format(flow()).indexOf('GET')).toBe(column);
  format(flow({ dst: { ip: '10.0.0.3', port: 8080, name: 'x'.repeat(500) } }));
  expect(format(flow()).indexOf('GET')).toBeLessThan(150);
});

test('IPv6 addresses have brackets before the port', () => {
  expect(textFormat(plain)(flow({ src: { ip: '::1', port: 9, name: '::1' } }))).toContain('[::1]:9');
});

test('captured text cannot drive the terminal or break its line', () => {
  const hostile = flow();
  hostile.request!.path = '/\u001b]0;owned\u0007\u001b[2J\r\n\u009b31m\u202eevil\u2028';
  hostile.dst.name = 'bad\nname';
  const line = textFormat(plain)(hostile);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  expect(line.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e\u2028]/);
  expect(line).toContain('\\u001b[2J');
  expect(line.indexOf('\n')).toBe(line.length - 1);
});

test('JSON is one line, has the same value, and no character a terminal would obey', () => {
  const hostile = flow();
  hostile.request!.path = '/\u001b[2J\u009b31m\u202e\n\u{e0001}ü日';
  const line = formatJson(hostile);
  expect(JSON.parse(line)).toEqual(hostile);
  expect(line.indexOf('\n')).toBe(line.length - 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  expect(line.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  expect(line).toContain('ü日');
});

test('colours: only on a terminal, never against NO_COLOR', () => {
  const coloured = (stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv) =>
    textFormat(colorsFor(stream, environment))(flow()).includes('\u001b[');
  expect(coloured({ isTTY: true }, { TERM: 'xterm' })).toBe(true);
  expect(coloured({ isTTY: true }, { TERM: 'xterm', NO_COLOR: '1' })).toBe(false);
  expect(coloured({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
  expect(coloured({}, { TERM: 'xterm', CI: 'true', FORCE_COLOR: '1' })).toBe(false);
});
