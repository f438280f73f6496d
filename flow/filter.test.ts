import { describe, expect, test } from 'vitest';
import { FIELDS } from './fields.ts';
import { FUNCTIONS } from './filter/functions.ts';
import { compileFilter, FilterError } from './filter.ts';
import type { Flow } from './flow.ts';

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
      ['X-Request-Id', 'r-1'],
      ['Accept', 'a'],
      ['accept', 'b'],
    ],
    cookies: {},
    bodySize: 10,
    body: {
      text: '{"a": "out of stock", "lines": [{"price": 2}, {"price": 2.5}]}',
      mime: 'application/json',
    },
  },
  response: { status: 503, reason: 'no', headers: [], bodySize: 0 },
  elapsedMs: 250.5,
  timing: {},
  completeness: ['gap', 'cut'],
  redacted: 1,
  bytes: { request: 1, response: 1 },
  fingerprint: '1.2.3',
  connection: 's-1',
};

const oneSided: Flow = { ...flow, completeness: ['one-sided'] };
delete oneSided.response;
delete oneSided.elapsedMs;

describe('matches', () => {
  test.each([
    'http && status_code >= 500 && src.pod.namespace == "shop"',
    'dst.service.name == "orders"',
    'path.startsWith("/api") && elapsed_time > 200000',
    'request.headers["x-request-id"] == "r-1"',
    'request.headers["Accept"] == "a, b"',
    'request.headers["missing"] == ""',
    'request.headers["missing"] != "x"',
    '!("missing" in request.headers) && "X-REQUEST-ID" in request.headers',
    'map_get(request.headers, "nope", "d") == "d" && map_get(request.headers, "nope") == ""',
    'request.query["tag"] == "a, b" && size(request.query) == 2',
    'request.body.contains("out of stock")',
    'request.json.a == "out of stock" && request.json["a"] != "in stock"',
    'request.json.lines[1].price > 2 && request.json.lines.exists(line, line.price == 2)',
    'request.json.lines.filter(line, has(line.price)).size() == 2 && !has(request.json.nothing.at.all)',
    'request.json.nothing.at.all == null && response.json == null && request.json.lines[7].price == null',
    'url == "/api/orders?page=2&tag=a&tag=b" && request.url.startsWith("http://orders/")',
    'protocol == "HTTP" && protocol == "http" && protocol in ["Http", "dns"] && !(protocol != "HTTP")',
    'query_string["page"] == "2" && http_version == "HTTP/1.1" && !dns && !grpc',
    '"shop" in namespaces && !external && connection == conn_id',
    'path.matches("^/api/[a-z]+$") && !path.matches("xyz")',
    'request.headers["accept"].matches("^a.*b$")',
    'request.headers.exists(name, name.startsWith("x-"))',
    'timestamp > timestamp("2026-11-21T09:59:59Z") && timestamp < now() + duration("90000h")',
    '"gap" in completeness && incomplete && error && !slow',
    'method in ["PUT", "POST"] && src.port == 40000 && dst.pod.name == ""',
    'elapsed_time == 250500',
    'response_body_size == 0 && request_body_size == 10',
    '',
    '  ',
  ])('%s', (source) => {
    expect(compileFilter(source).matches(flow)).toBe(true);
  });

  test('a probe is the kubelet’s, and no pod that says so', () => {
    const probe = compileFilter('probe');
    const agent = (value: string): Flow => ({
      ...flow,
      src: { ip: '10.0.0.1', port: 40000, name: 'node-a', node: 'node-a' },
      request: { ...flow.request!, headers: [['user-agent', value]] },
    });
    expect(probe.matches(agent('kube-probe/1.33'))).toBe(true);
    expect(probe.matches(agent('curl/8 kube-probe/1.33'))).toBe(false);
    expect(probe.matches({ ...agent('kube-probe/1.33'), src: flow.src })).toBe(false);
    expect(probe.matches(oneSided)).toBe(false);
  });

  test('external: one end in the cluster, the other not', () => {
    const outside = { ip: '192.0.2.1', port: 443, name: '192.0.2.1' };
    const external = compileFilter('external');
    expect(external.matches({ ...flow, dst: outside })).toBe(true);
    expect(external.matches({ ...flow, src: outside })).toBe(true);
    expect(external.matches({ ...flow, src: outside, dst: outside })).toBe(false);
  });

  test('members that every object inherits are no members of JSON', () => {
    const filter = compileFilter('request.json.constructor == null && request.json.toString == null');
    expect(filter.matches(flow)).toBe(true);
  });

  test.each([
    '"orders" in services && "cart-1" in pods && !("orders" in pods)',
    'response.cookies["session"] == "[REDACTED]" && response.cookies["lang"] == "de" && !("path" in response.cookies)',
    'request_headers_size == 120 && response_headers_size == 0',
    'src.dns == "" && dst.dns == "" && dst.pod.namespace == "shop"',
    '!(dns && "example.com" in dns_questions) && !(redis && redis_type == "GET") && !tcp_conn && !gqlv1',
    'http || (mysql && mysql_query.contains("SELECT") && !mysql_success)',
    'grpc_status == -1 && conn_state == "" && size(dns_answers) == 0 && kafka_size == 0',
  ])('what filters of Kubeshark name: %s', (source) => {
    const answered: Flow = {
      ...flow,
      response: {
        ...flow.response!,
        headers: [
          ['set-cookie', 'session=[REDACTED]; Path=/; HttpOnly'],
          ['Set-Cookie', 'lang=de'],
        ],
      },
      bytes: { request: 130, response: 0 },
    };
    expect(compileFilter(source).matches(answered)).toBe(true);
  });

  test('what an end outside the cluster was asked for by is its DNS name', () => {
    const outside = { ip: '192.0.2.1', port: 443, name: 'api.example.com' };
    expect(compileFilter('dst.dns == "api.example.com"').matches({ ...flow, dst: outside })).toBe(true);
    expect(compileFilter('dst.dns == ""').matches({ ...flow, dst: { ...outside, name: outside.ip } })).toBe(
      true,
    );
  });

  test('what no flow can meet is known without one', () => {
    expect(compileFilter('dns && "example.com" in dns_questions').condition.kind).toBe('never');
    expect(compileFilter('src.pod.namespace == "shop"').condition).toMatchObject({ column: 'src.namespace' });
  });

  test('what is missing has the default of its type', () => {
    expect(
      compileFilter('status_code == 0 && elapsed_time == 0 && response.body == ""').matches(oneSided),
    ).toBe(true);
    expect(compileFilter('error').matches(oneSided)).toBe(true);
  });

  test('what cannot be evaluated on a flow does not match it', () => {
    expect(compileFilter('int(method) == 3').matches(flow)).toBe(false);
  });

  test('every example of the field table compiles', () => {
    for (const field of FIELDS)
      expect(() => compileFilter(field.example).matches(flow), field.example).not.toThrow();
  });

  test('every example of the function table compiles', () => {
    for (const { name, example } of FUNCTIONS) {
      expect(example).toContain(`${name}(`);
      expect(() => compileFilter(example).matches(flow), example).not.toThrow();
    }
  });

  test('a pattern that explodes elsewhere is linear here', () => {
    const filter = compileFilter('request.body.matches("(a+)+$")');
    const hostile = {
      ...flow,
      request: { ...flow.request!, body: { text: `${'a'.repeat(50_000)}!`, mime: '' } },
    };
    const started = performance.now();
    expect(filter.matches(hostile)).toBe(false);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('errors say what and where', () => {
  const failure = (source: string): FilterError => {
    try {
      compileFilter(source);
    } catch (error) {
      if (error instanceof FilterError) return error;
      throw error;
    }
    throw new Error(`accepted: ${source}`);
  };

  test.each([
    ['statuscode >= 500', 'FILTER_FIELD', 0, 10, 'status_code'],
    ['src.pod.nam == "x"', 'FILTER_FIELD', 0, 11, 'src.pod.name'],
    ['"startWith" == path.startWith("x")', 'FILTER_FUNCTION', 20, 29, 'startsWith'],
    ['siz(path) > 2', 'FILTER_FUNCTION', 0, 3, 'size'],
    ['path.contains(3)', 'FILTER_TYPE', 0, 16, 'quotes'],
    ['path.size(3)', 'FILTER_TYPE', 0, 12, 'quotes'],
    ['http && metod == "GET"', 'FILTER_FIELD', 8, 13, 'method'],
    ['status_code > "a"', 'FILTER_TYPE', 0, 17, 'quotes'],
    ['dst == "orders"', 'FILTER_TYPE', 0, 3, 'several fields: dst.ip, dst.port, dst.name, …'],
    ['request', 'FILTER_TYPE', 0, 7, 'several fields'],
    ['timestamp > now() - duration("5 minutes")', 'FILTER_TYPE', 29, 40, 'h, m, s and ms'],
    ['timestamp > timestamp("yesterday")', 'FILTER_TYPE', 22, 33, '2026-03-01T14:02:00Z'],
    ['timestamp > timestamp("2026-13-01T00:00:00Z")', 'FILTER_TYPE', 22, 44, 'Not a time'],
    ['map_get(local_labels, "app", "") == "cart"', 'FILTER_FIELD', 8, 20, 'src.workload'],
    ['status_code', 'FILTER_TYPE', 0, 11, 'true or false'],
    ['http && ', 'FILTER_SYNTAX', 8, 8, 'ends too early'],
    ['path.matches("(")', 'FILTER_PATTERN', 13, 16, 'RE2'],
  ])('%s', (source, code, start, end, hint) => {
    const error = failure(source);
    expect(error).toMatchObject({ code, start, end });
    expect(error.message).toContain(hint);
  });

  test.each([
    ['src.pod.nam == "x"', 'src.pod.name == "x"'],
    ['!path.Startswith("/a")', '!path.startsWith("/a")'],
    ['request.json.a == "x" && metod == "GET"', 'request.json.a == "x" && method == "GET"'],
    ['http and error', 'http && error'],
    ['http OR error', 'http || error'],
    ['not error', '! error'],
    ['status_code = 500', 'status_code == 500'],
    ['status_code === 500', 'status_code == 500'],
    ['status_code => 500', 'status_code >= 500'],
    ['status_code <> 500', 'status_code != 500'],
    ['http & error', 'http && error'],
    ['status >= 500', 'status_code >= 500'],
    ['response.status == 500', 'status_code == 500'],
    ['request.method == "GET"', 'method == "GET"'],
    ['src.service == "cart"', 'src.service.name == "cart"'],
    ['status_code == "500"', 'status_code == 500'],
    ['path == 3', 'path == "3"'],
    ['timestamp > "2026-03-01T14:02:00Z"', 'timestamp > timestamp("2026-03-01T14:02:00Z")'],
    ['timestamp > timestamp("2026-03-01 14:02Z")', 'timestamp > timestamp("2026-03-01T14:02:00Z")'],
    ['timestamp > now() - duration("1d")', 'timestamp > now() - duration("24h")'],
  ])('%s is mended by what is suggested', (source, mended) => {
    const { start, end, suggestion } = failure(source);
    expect(source.slice(0, start) + suggestion + source.slice(end)).toBe(mended);
    expect(() => compileFilter(mended)).not.toThrow();
  });

  test('a time without a zone is of the zone of who asks, and one without a date of today', () => {
    const at = (text: string): Date =>
      new Date(JSON.parse(failure(`timestamp > timestamp("${text}")`).suggestion!) as string);
    expect(at('2026-03-01 14:02')).toEqual(new Date(2026, 2, 1, 14, 2));
    const today = at('14:02');
    expect([today.getHours(), today.getMinutes(), today.getSeconds()]).toEqual([14, 2, 0]);
    expect(Math.abs(today.getTime() - Date.now())).toBeLessThan(25 * 3_600_000);
  });

  test('nothing is suggested for what is like nothing', () => {
    expect(failure('xyzzyplugh == 1').suggestion).toBeUndefined();
  });

  test('a filter of absurd length or depth is refused, not run', () => {
    expect(failure('a'.repeat(10_000)).code).toBe('FILTER_SYNTAX');
    expect(failure(`${'('.repeat(2000)}true${')'.repeat(2000)}`).code).toBe('FILTER_SYNTAX');
  });
});
