import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import type { Har } from 'har-format';
import { expect, test } from 'vitest';
import type { Flow } from '../../flow/flow.ts';
import { CSV } from './csv.ts';
import type { ExportFormat } from './format.ts';
import { har } from './har.ts';

const flow: Flow = {
  id: '0006541f0c1a2b-9f86d081884c7d65',
  time: '2026-11-21T10:00:00.000001Z',
  protocol: { name: 'http', version: '1.1' },
  node: 'node-a',
  src: { ip: '10.0.0.1', port: 40000, name: 'cart', namespace: 'shop', pod: 'cart-1', workload: 'cart' },
  dst: { ip: '10.0.0.2', port: 8080, name: 'orders', namespace: 'shop', service: 'orders' },
  request: {
    method: 'POST',
    target: '/api/orders?page=2&tag=a&tag=b',
    url: 'http://orders/api/orders?page=2&tag=a&tag=b',
    path: '/api/orders',
    query: { page: '2', tag: ['a', 'b'] },
    host: 'orders',
    headers: [
      ['Accept', 'a'],
      ['accept', 'b'],
    ],
    cookies: { basket: '[REDACTED]' },
    bodySize: 10,
    body: { text: '{"a":1}', mime: 'application/json' },
  },
  response: {
    status: 302,
    reason: 'Found',
    headers: [
      ['Location', '/next'],
      ['Set-Cookie', 'a=[REDACTED]; Path=/'],
      ['Set-Cookie', 'b=2'],
    ],
    bodySize: 4,
    body: { base64: 'AAECAw==', mime: 'image/png', truncated: 96, decodedSize: 100 },
  },
  elapsedMs: 250.5,
  timing: { requestMs: 1, serverMs: 200, responseMs: 49.5 },
  completeness: ['gap', 'cut'],
  redacted: 1,
  bytes: { request: 1, response: 1 },
  fingerprint: '1.2.3',
  connection: 's-1',
};
const { response: _, elapsedMs: __, ...unanswered } = flow;
const { request: ___, ...headless } = flow;

function write(format: ExportFormat, flows: Flow[]): string {
  return format.head + flows.map((one) => format.flow(one)).join(format.separator) + format.foot;
}

test('HAR: what the schema of HAR 1.2 wants, also of flows that are not whole, and of none', () => {
  const ajv = formats.default(new Ajv({ strict: false, logger: false }));
  const draft = createRequire(import.meta.url)('ajv/dist/refs/json-schema-draft-06.json');
  ajv.addMetaSchema(draft);
  const folder = join(dirname(createRequire(import.meta.url).resolve('har-schema')), '.');
  for (const file of readdirSync(folder)) {
    if (file.endsWith('.json')) ajv.addSchema(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  }
  const check = ajv.getSchema('har.json#');
  for (const flows of [[flow, unanswered, headless], []]) {
    const archive = JSON.parse(write(har('1.0.0'), flows));
    expect(check?.(archive), JSON.stringify(check?.errors)).toBe(true);
    expect(archive.log.entries).toHaveLength(flows.length);
  }
});

test('HAR: everything stands where developer tools look for it', () => {
  const [entry] = (JSON.parse(write(har('1.0.0'), [flow])) as Har).log.entries;
  expect(entry).toMatchObject({
    startedDateTime: flow.time,
    time: 250.5,
    serverIPAddress: '10.0.0.2',
    connection: 's-1',
    timings: { send: 1, wait: 200, receive: 49.5 },
    comment: 'Not whole: gap, cut. Redacted values: 1.',
  });
  expect(entry.request).toMatchObject({
    method: 'POST',
    url: flow.request!.url,
    httpVersion: 'HTTP/1.1',
    headers: [
      { name: 'Accept', value: 'a' },
      { name: 'accept', value: 'b' },
    ],
    queryString: [
      { name: 'page', value: '2' },
      { name: 'tag', value: 'a' },
      { name: 'tag', value: 'b' },
    ],
    cookies: [{ name: 'basket', value: '[REDACTED]' }],
    postData: { mimeType: 'application/json', text: '{"a":1}' },
  });
  expect(entry.response).toMatchObject({
    status: 302,
    redirectURL: '/next',
    cookies: [
      { name: 'a', value: '[REDACTED]' },
      { name: 'b', value: '2' },
    ],
    content: {
      size: 100,
      mimeType: 'image/png',
      text: 'AAECAw==',
      encoding: 'base64',
      comment: '96 bytes of it are left out.',
    },
    bodySize: 4,
  });
});

test('CSV: quotes and line ends are text, and so is what a spreadsheet would run', () => {
  const hostile: Flow = {
    ...flow,
    src: { ...flow.src, name: '=cmd()' },
    dst: { ...flow.dst, name: 'a "b",\r\nc' },
  };
  const [head, ...rest] = write(CSV, [hostile, unanswered]).split(/\r\n(?=id|0006|$)/);
  expect(head.split(',')).toEqual(
    expect.arrayContaining(['time', 'src_name', 'dst_service', 'url', 'status']),
  );
  expect(rest).toHaveLength(3);
  expect(rest[0]).toContain(",'=cmd(),");
  expect(rest[0]).toContain(',"a ""b"",\r\nc",');
  expect(rest[1]).toContain(',POST,http://orders/api/orders?page=2&tag=a&tag=b,,,10,');
});
