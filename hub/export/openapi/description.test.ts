import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Flow, FlowRequest, FlowResponse } from '../../../flow/flow.ts';
import { parseQuery } from '../../../flow/query.ts';
import { ApiDescription } from './description.ts';
import { OPENAPI_LIMITS } from './limits.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into any JSON
type Json = any;

const ORIGIN = { version: '1', filter: '', partial: false };
/** As OpenAPI's schemas are read; what objects inherit is no field. */
const ajv = formats.default(new Ajv2020({ strict: false, ownProperties: true, validateFormats: true }));
const json = (value: unknown) => ({ mime: 'application/json; charset=utf-8', text: JSON.stringify(value) });

interface Call {
  method?: string;
  /** With the query. */
  url?: string;
  host?: string;
  headers?: [string, string][];
  body?: FlowRequest['body'];
  status?: number;
  answer?: FlowResponse['body'];
  server?: string;
}

function call({
  method = 'GET',
  url = '/',
  host = 'orders:8080',
  headers = [],
  status = 200,
  ...rest
}: Call): Flow {
  const end = { ip: '10.0.0.2', port: 8080, name: rest.server ?? 'orders', namespace: 'shop' };
  const [path = '', query = ''] = url.split('?');
  const request: FlowRequest = {
    ...{ method, target: url, url: `http://${host}${url}`, path, query: parseQuery(query), host, headers },
    ...{ cookies: {}, bodySize: 0, ...(rest.body === undefined ? {} : { body: rest.body }) },
  };
  const response: FlowResponse = {
    ...{ status, reason: '', headers: [], bodySize: 0 },
    ...(rest.answer === undefined ? {} : { body: rest.answer }),
  };
  return {
    ...{
      id: '1',
      time: '2026-11-21T10:00:00.000001Z',
      protocol: { name: 'http', version: '1.1' },
      node: 'n',
    },
    ...{ src: end, dst: end, request, ...(status === 0 ? {} : { response }), timing: {} },
    ...{
      completeness: ['complete'],
      redacted: 0,
      bytes: { request: 0, response: 0 },
      fingerprint: '',
      connection: '',
    },
  };
}

function describe(...calls: Call[]): Json {
  const description = new ApiDescription();
  for (const one of calls) description.add(call(one));
  return description.build(ORIGIN);
}

/** What OpenAPI 3.1 wants of a document like ours. */
function check(document: Json): void {
  expect(document.openapi).toBe('3.1.0');
  for (const [path, item] of Object.entries<Json>(document.paths)) {
    expect(path).toMatch(/^\/[!-~]*$/);
    const inPath = [...path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name);
    expect(new Set(inPath).size).toBe(inPath.length);
    for (const [method, operation] of Object.entries<Json>(item)) {
      expect(method).toMatch(/^(get|put|post|delete|options|head|patch|trace)$/);
      const parameters: Json[] = operation.parameters ?? [];
      expect(parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(inPath);
      expect(new Set(parameters.map((one) => `${one.in} ${one.name}`)).size).toBe(parameters.length);
      for (const { schema } of parameters) ajv.compile(schema);
      expect(Object.keys(operation.responses).length).toBeGreaterThan(0);
      for (const [status, response] of Object.entries<Json>(operation.responses)) {
        expect(status).toMatch(/^([1-5]\d\d|default)$/);
        expect(response.description).toBeTypeOf('string');
        for (const { schema } of Object.values<Json>(response.content ?? {})) ajv.compile(schema);
      }
      for (const { schema } of Object.values<Json>(operation.requestBody?.content ?? {})) ajv.compile(schema);
    }
  }
}

test('what services offer, as far as it was seen', () => {
  const order = {
    id: 17,
    at: '2026-11-21T10:00:00Z',
    mail: 'ann@example.org',
    note: null,
    card: '[REDACTED]',
  };
  const document = describe(
    {
      url: '/orders/17/items/0f3a9b1c?page=2&q=x',
      headers: [
        ['X-Tenant', 'a'],
        ['Accept', 'b'],
      ],
      answer: json(order),
    },
    {
      url: '/orders/18/items/0f3a9b1d?page=3',
      headers: [['x-tenant', 'b']],
      answer: json({ ...order, note: 'x', extra: 1.5 }),
    },
    { url: '/orders/18/items/0f3a9b1d?page=3', status: 404 },
    {
      ...{ method: 'POST', url: '/orders', status: 201 },
      body: { mime: 'application/x-www-form-urlencoded', text: 'count=3&tag=a&tag=b' },
    },
    { method: 'POST', url: '/orders', status: 0 },
    { method: 'PROPFIND', url: '/orders' },
  );
  check(document);
  expect(document.info.title).toBe('shop/orders');
  expect(document.servers).toEqual([{ url: 'http://orders:8080', description: 'shop/orders' }]);
  expect(Object.keys(document.paths)).toEqual(['/orders', '/orders/{id}/items/{id2}']);
  const { get } = document.paths['/orders/{id}/items/{id2}'];
  expect(get['x-remora-seen']).toBe(3);
  expect(get.parameters).toEqual([
    { name: 'id', in: 'path', required: true, schema: { type: 'integer' } },
    { name: 'id2', in: 'path', required: true, schema: { type: 'string' } },
    { name: 'page', in: 'query', required: true, schema: { type: 'integer' }, 'x-remora-seen': 3 },
    { name: 'q', in: 'query', schema: { type: 'string' }, 'x-remora-seen': 1 },
    { name: 'x-tenant', in: 'header', schema: { type: 'string' }, 'x-remora-seen': 2 },
  ]);
  expect(Object.keys(get.responses)).toEqual(['200', '404']);
  const { schema } = get.responses['200'].content['application/json'];
  expect(schema.required).toEqual(['at', 'card', 'id', 'mail', 'note']);
  expect(schema.properties).toEqual({
    at: { type: 'string', format: 'date-time', 'x-remora-seen': 2 },
    card: { type: 'string', 'x-remora-redacted': 2, 'x-remora-seen': 2 },
    extra: { type: 'number', 'x-remora-seen': 1 },
    id: { type: 'integer', 'x-remora-seen': 2 },
    mail: { type: 'string', format: 'email', 'x-remora-seen': 2 },
    note: { type: ['string', 'null'], 'x-remora-seen': 2 },
  });
  const { post } = document.paths['/orders'];
  expect(post['x-remora-unanswered']).toBe(1);
  expect(post.requestBody.required).toBeUndefined();
  expect(post.requestBody.content['application/x-www-form-urlencoded'].schema).toMatchObject({
    properties: { count: { type: 'integer' }, tag: { type: 'array', items: { type: 'string' } } },
    required: ['count', 'tag'],
  });
  expect(document['x-remora'].leftOut.others).toBe(1);
  expect(document.info.description).toContain('OpenAPI cannot describe, and answers without a request: 1');
});

test('services keep to themselves; what several offer alike names them all', () => {
  const document = describe(
    { url: '/health', server: 'cart', host: 'cart' },
    { url: '/health', server: 'orders', host: 'orders' },
    { url: '/items', server: 'cart', host: 'cart' },
  );
  check(document);
  expect(document.servers.map(({ description }: Json) => description)).toEqual(['shop/cart', 'shop/orders']);
  const servers = (path: string) => document.paths[path].get.servers.map(({ url }: Json) => url);
  expect(servers('/health')).toEqual(['http://cart', 'http://orders']);
  expect(servers('/items')).toEqual(['http://cart']);
});

test('names that are values are no fields', () => {
  const document = describe({
    url: '/stock',
    answer: json({ 17: { left: 1 }, 18: { left: 2, late: true } }),
  });
  expect(document.paths['/stock'].get.responses['200'].content['application/json'].schema).toEqual({
    type: 'object',
    additionalProperties: {
      type: 'object',
      properties: {
        late: { type: 'boolean', 'x-remora-seen': 1 },
        left: { type: 'integer', 'x-remora-seen': 2 },
      },
      required: ['left'],
      'x-remora-seen': 2,
    },
    'x-remora-seen': 1,
  });
});

test('all that was seen is valid by what was learned from it, and no value is in it', () => {
  const SECRET = 'sesame';
  const leaf = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(`${SECRET}-1`, '2026-11-21', 'a@b.cd', '10.0.0.1', `${SECRET}:${SECRET}`, ''),
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('any'), { maxLength: 5 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', '12'), tie('any')),
    ),
  })).any;
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 8 }), (values) => {
      const calls = values.map((one) => ({ url: '/x', answer: json(one) }));
      const document = describe(...calls);
      const { schema } = document.paths['/x'].get.responses['200'].content['application/json'];
      const isValid = ajv.compile(schema);
      for (const { answer } of calls)
        expect(isValid(JSON.parse(answer.text)), JSON.stringify(schema)).toBe(true);
      expect(JSON.stringify(document)).not.toContain(SECRET);
      expect(schema['x-remora-seen']).toBe(values.length);
    }),
    { numRuns: 60 },
  );
});

test('hostile paths, hosts and names make a document all the same', () => {
  const hostile = fc.string({ unit: fc.constantFrom(...'/{}a7 \n"<%?#é🐟[:@'), maxLength: 20 });
  fc.assert(
    fc.property(fc.array(fc.tuple(hostile, hostile, hostile), { maxLength: 12 }), (rows) => {
      const document = describe(
        ...rows.map(
          ([path, host, name]): Call => ({
            ...{ url: `/${path}`, host, server: name, method: 'POST', headers: [[name, host]] },
            body: json({ [name]: path }),
          }),
        ),
      );
      check(JSON.parse(JSON.stringify(document)));
      for (const { url } of document.servers) expect(url).toMatch(/^(\/|http:\/\/[\w.:[\]-]+)$/);
    }),
    { numRuns: 40 },
  );
});

test('is bounded, and says what that left out', () => {
  const wide = Object.fromEntries(Array.from({ length: OPENAPI_LIMITS.fields + 1 }, (_, n) => [`f${n}x`, n]));
  let deep: unknown = { end: 1 };
  for (let depth = 0; depth < OPENAPI_LIMITS.depth; depth++) deep = { below: deep };
  const document = describe(
    { url: '/wide', answer: json(wide) },
    { url: '/deep', answer: json(deep) },
    { url: '/long', answer: json(Array.from({ length: OPENAPI_LIMITS.items + 5 }, () => 1)) },
    { url: '/cut', answer: { ...json({}), truncated: 9 } },
    { url: '/no', answer: { mime: 'application/json', text: '{"a":' } },
    { url: '/withheld', answer: { mime: 'application/json', withheld: 'undecodable' } },
  );
  check(document);
  expect(document['x-remora'].leftOut).toMatchObject({ bodies: 3, items: 5, fields: 1 });
  const { schema } = document.paths['/wide'].get.responses['200'].content['application/json'];
  expect(schema).toMatchObject({ additionalProperties: { type: 'integer' } });
  const many = Array.from({ length: OPENAPI_LIMITS.operations + 3 }, (_, n) => ({
    url: `/a/b${n}c/${n}d${n}e`,
  }));
  expect(describe(...many)['x-remora'].leftOut.operations).toBe(3);
});
