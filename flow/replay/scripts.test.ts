import { execFileSync } from 'node:child_process';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainFlow } from '../../test/flows.ts';
import type { Flow, FlowRequest } from '../flow.ts';
import { filled, missingOf, type ReplayRequest, replayRequest } from './request.ts';
import { curlScript, k6Script } from './scripts.ts';

const requestOf = (change: Partial<FlowRequest>) => replayRequest(plainFlow(change)) as ReplayRequest;

/** What curl would be called with, one list for each call. */
function calls(script: string, variables: Record<string, string>): string[][] {
  const curl = `curl() { printf '%s\\0' "$@"; printf '\\1\\0'; }\n`;
  const out = execFileSync('bash', ['-c', curl + script], { env: { PATH: '/usr/bin:/bin', ...variables } });
  return out
    .toString()
    .split('\u0001\0')
    .slice(0, -1)
    .map((call) => call.split('\0').slice(0, -1));
}

/** What k6 would send. */
function sent(script: string, variables: Record<string, string>): unknown[] {
  const requests: unknown[] = [];
  const http = { request: (...args: unknown[]) => requests.push(JSON.parse(JSON.stringify(args))) };
  const body = script.replace(/^import .*$/m, '').replace('export default function ()', 'function run()');
  runInNewContext(`${body}\nrun();`, { http, __ENV: variables });
  return requests;
}

const LOGIN = requestOf({
  method: 'POST',
  target: '/login?token=[REDACTED]&a=1',
  headers: [
    ['Host', 'a'],
    ['Authorization', 'Bearer [REDACTED]'],
    ['Cookie', 'theme=x; sid=[REDACTED]'],
    ['Connection', 'close'],
    ['X-Empty', ''],
  ],
  body: { mime: 'application/json', text: '{"user": "[REDACTED]", "n": 1}' },
});

test('what is redacted has a name', () => {
  expect(missingOf(LOGIN)).toEqual([
    'REDACTED_TOKEN',
    'REDACTED_AUTHORIZATION',
    'REDACTED_SID',
    'REDACTED_USER',
  ]);
  expect(filled(LOGIN.target, new Map([['REDACTED_TOKEN', 'x']]))).toBe('/login?token=x&a=1');
});

const VALUES = {
  ...{ TARGET: 'http://localhost:1', REDACTED_TOKEN: 't', REDACTED_AUTHORIZATION: 'b $(id)' },
  ...{ REDACTED_SID: 's', REDACTED_USER: 'u"' },
};

test('curl is called with it, and not before all values are there', () => {
  const script = curlScript([LOGIN]);
  const [args = []] = calls(script, VALUES);
  expect(args.slice(5)).toEqual([
    ...[
      '-X',
      'POST',
      '-H',
      'Authorization: Bearer b $(id)',
      '-H',
      'Cookie: theme=x; sid=s',
      '-H',
      'X-Empty;',
    ],
    ...['--data-raw', '{"user": "u"", "n": 1}', '--url', 'http://localhost:1/login?token=t&a=1'],
  ]);
  for (const name of Object.keys(VALUES)) {
    const { [name as keyof typeof VALUES]: _, ...others } = VALUES;
    expect(() => calls(script, others)).toThrow(name);
    if (name !== 'TARGET') expect(() => sent(k6Script([LOGIN]), others)).toThrow(name);
  }
});

test('k6 sends it', () => {
  expect(sent(k6Script([LOGIN]), VALUES)).toEqual([
    [
      'POST',
      'http://localhost:1/login?token=t&a=1',
      '{"user": "u"", "n": 1}',
      {
        headers: { authorization: 'Bearer b $(id)', cookie: 'theme=x; sid=s', 'x-empty': '' },
        redirects: 0,
      },
    ],
  ]);
});

test('hostile text is sent as it is, and runs nothing', () => {
  const text = fc.string({
    unit: fc.constantFrom(...`a'"\\$\`(){};&|<>#!*?~=:-@ \n\r\t\u0007é🐟\u2028`),
    maxLength: 20,
  });
  const target = fc.string({ unit: fc.constantFrom(...`a'"\\$\`(){};&|<>#!*?~=:-@%/`), maxLength: 20 });
  fc.assert(
    fc.property(fc.array(fc.tuple(target, text, text), { minLength: 1, maxLength: 4 }), (rows) => {
      const requests = rows.map(([path, value, body]) =>
        requestOf({
          method: 'PUT',
          target: `/${path}`,
          headers: [['X', `x${value}`]],
          body: { mime: '', text: body },
        }),
      );
      const expected = rows.map(([path, value, body]) => ({ url: `T/${path}`, value: `x${value}`, body }));
      const curled = calls(curlScript(requests), { TARGET: 'T' }).map((args) => ({
        url: args.at(-1),
        value: args[args.indexOf('-H') + 1]?.slice(3),
        body: args[args.indexOf('--data-raw') + 1],
      }));
      expect(curled).toEqual(expected);
      const k6 = sent(k6Script(requests), { TARGET: 'T' }) as [
        string,
        string,
        string,
        { headers: { x: string } },
      ][];
      expect(k6.map(([, url, body, { headers }]) => ({ url, value: headers.x, body }))).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});

test.each<[string, Flow]>([
  ['not seen', { ...plainFlow({}), request: undefined as never }],
  ['method', plainFlow({ method: 'GET x' })],
  ['no path', plainFlow({ target: 'http://elsewhere/' })],
  ['no path', plainFlow({ target: '/a b' })],
  ['body', plainFlow({ body: { mime: '', withheld: 'binary' } })],
  ['body', plainFlow({ body: { mime: '', text: 'a', truncated: 3 } })],
  ['not captured', plainFlow({}, { completeness: ['gap'] })],
])('what cannot be sent again is said: %s', (why, flow) => {
  expect(replayRequest(flow)).toContain(why);
});
