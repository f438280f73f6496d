import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { Endpoint, FlowRequest } from '../../flow/flow.ts';
import { type ReplayRequest, replayRequest } from '../../flow/replay/request.ts';
import { isOriginal } from '../../flow/replay/target.ts';
import { plainFlow } from '../../test/flows.ts';
import { compare, send } from './send.ts';
import { parseTarget, parseValues, requireValues } from './target.ts';

const never = new AbortController().signal;

function recorded(change: Partial<FlowRequest> = {}, dst: Partial<Endpoint> = {}): ReplayRequest {
  const end = { ip: '10.0.0.1', port: 8080, name: 'orders', ...dst };
  const response = { status: 500, reason: '', headers: [], bodySize: 2 };
  const request = { host: 'shop.example', ...change };
  return replayRequest(plainFlow(request, { src: end, dst: end, elapsedMs: 8, response })) as ReplayRequest;
}

test('a request arrives as it was, but for where it goes', async () => {
  let seen: IncomingMessage | undefined;
  let body = '';
  const server = createServer(async (request, response) => {
    seen = request;
    for await (const chunk of request) body += chunk;
    response.end('ok');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const to = parseTarget(`http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`);
  const request = recorded({
    method: 'POST',
    target: '/a?token=[REDACTED]&b=%20',
    headers: [
      ...([
        ['Host', 'shop.example'],
        ['X-One', '1'],
        ['x-one', '2'],
      ] as [string, string][]),
      ...([
        ['Transfer-Encoding', 'chunked'],
        ['Authorization', '[REDACTED]'],
      ] as [string, string][]),
    ],
    body: { mime: '', text: 'grüße' },
  });
  const values = parseValues(['token=t', 'REDACTED_AUTHORIZATION=Bearer x=y']);
  requireValues([request], values);
  const outcome = await send(request, to, values, never);
  server.close();
  expect(seen).toMatchObject({ method: 'POST', url: '/base/a?token=t&b=%20' });
  expect(seen?.rawHeaders.slice(0, 8)).toEqual([
    ...['Host', to.host, 'X-One', '1', 'x-one', '2', 'Authorization', 'Bearer x=y'],
  ]);
  expect(seen?.headers['content-length']).toBe('7');
  expect(body).toBe('grüße');
  expect(outcome).toMatchObject({ status: 200, bodySize: 2 });
  expect(compare(request, { ...outcome, elapsedMs: 12 })).toBe(
    '200, recorded 500; 12.0 ms, recorded 8.00 ms; 2 bytes',
  );
});

test('where nobody answers, and a value that HTTP cannot send, are outcomes', async () => {
  const gone = await send(recorded(), parseTarget('http://127.0.0.1:1'), new Map(), never);
  expect(gone).toMatchObject({ status: 0, problem: expect.stringContaining('ECONNREFUSED') });
  const request = recorded({ headers: [['X', '[REDACTED]']] });
  const wrong = await send(
    request,
    parseTarget('http://127.0.0.1:1'),
    new Map([['REDACTED_X', 'a\nb']]),
    never,
  );
  expect(wrong).toMatchObject({ status: 0, problem: expect.stringContaining('Invalid character') });
});

test('nothing is sent while a redacted value is missing', () => {
  const request = recorded({ target: '/?key=[REDACTED]', headers: [['X-Secret', '[REDACTED]']] });
  expect(() => requireValues([request], parseValues(['key=1']))).toThrow(
    'these values were redacted: REDACTED_X_SECRET',
  );
  expect(() => requireValues([request], parseValues(['key=1', 'x_secret=']))).not.toThrow();
  expect(() => parseValues(['key'])).toThrow('is not NAME=VALUE');
});

test.each<[string, boolean]>([
  ['http://shop.example', true],
  ['http://shop.example:8080', false],
  ['http://10.0.0.1:1234', true],
  ['http://orders', true],
  ['http://orders.shop.svc.cluster.local:80', true],
  ['http://localhost:8080', false],
])('%s is where it went at first: %s', (to, expected) => {
  expect(isOriginal([recorded().flow], parseTarget(to))).toBe(expected);
});

test.each(['localhost', 'ftp://a', 'http://a/?b', 'http://a/#b'])('%s is no target', (text) => {
  expect(() => parseTarget(text)).toThrow('is no address of a server');
});
