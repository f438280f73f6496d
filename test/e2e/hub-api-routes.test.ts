/** The answers of the API: pages, filters, times, errors, the export, the page's files, the OpenAPI document. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FlowRow } from '../../flow/api.ts';
import { FIELDS } from '../../flow/fields.ts';
import { connection, exchange, SOME_TIME } from '../../hub/api/testing/arrival.ts';
import { HUB_ERRORS } from '../../hub/errors.ts';
import { StoreError } from '../../hub/store/error.ts';
import { BEARER, startHub, type TestHub } from './hub-api-support.ts';

let hub: TestHub;
beforeEach(async () => {
  hub = await startHub();
});
afterEach(() => hub.close());

async function fill(count: number): Promise<void> {
  const arrivals = Array.from({ length: count }, (_, n) => exchange({ n, status: n % 10 === 0 ? 500 : 200 }));
  await hub.store.commit({
    arrivals: [...arrivals, connection(7), connection(8, 'refused'), connection(9, 'refused')],
    sessions: [],
  });
}

describe('flows', () => {
  test('come in pages, newest first, each flow once', async () => {
    await fill(250);
    const paths: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const before: string = next === '' ? '' : `&before=${next}`;
      const page = (await hub.get(`/api/v1/flows?limit=100${before}`)).json;
      paths.push(...page.flows.map((flow: FlowRow) => flow.path));
      next = page.next;
    }
    expect(paths).toEqual(Array.from({ length: 250 }, (_, n) => `/${249 - n}`));
  });

  test('a page says from where on it looked, and takes no longer than it is told to', async () => {
    await fill(20);
    const page = (await hub.get('/api/v1/flows?limit=5&budget=300')).json;
    expect(page.since).toBe(page.flows.at(-1).time);
    expect(hub.store.queries.at(-1)).toMatchObject({ budgetMs: 300 });
    expect((await hub.get('/api/v1/flows')).json.since).toBeNull();
    expect((await hub.get('/api/v1/flows?budget=60000')).status).toBe(400);
  });

  test('a search ends when nobody waits for its answer any more', async () => {
    const gone = new Promise((resolve) => {
      hub.store.flows = (_, signal) => {
        outgoing.destroy();
        return new Promise<never>(() => signal!.addEventListener('abort', resolve));
      };
    });
    const outgoing = http.get({ host: '127.0.0.1', port: hub.port, path: '/api/v1/flows', headers: BEARER });
    outgoing.on('error', () => {});
    await gone;
  });

  test('are narrowed by a filter and a range', async () => {
    await fill(100);
    const filter = encodeURIComponent('status_code == 500');
    expect((await hub.get(`/api/v1/flows?filter=${filter}`)).json.flows).toHaveLength(10);
    const from = (SOME_TIME + 20) / 1000;
    const to = (SOME_TIME + 41) / 1000;
    const page = (await hub.get(`/api/v1/flows?filter=${filter}&from=${from}&to=${to}`)).json;
    expect(page.flows.map((flow: FlowRow) => flow.path)).toEqual(['/40', '/30', '/20']);
  });

  test('do not tell of refused connections, which have a list of their own', async () => {
    await fill(1);
    const list = async (query: string) => {
      const { connections, more } = (await hub.get(`/api/v1/connections?refused=true${query}`)).json;
      return [connections.map(({ id }: { id: string }) => id), more];
    };
    expect((await hub.get('/api/v1/flows')).json.flows).toHaveLength(1);
    expect(await list('')).toEqual([['session-9', 'session-8'], false]);
    expect(await list('&limit=1')).toEqual([['session-9'], true]);
    expect(await list(`&to=${(SOME_TIME + 9) / 1000}`)).toEqual([['session-8'], false]);
    expect(await list(`&filter=${encodeURIComponent('dst.name == "cart" && error')}`)).toEqual([
      ['session-9', 'session-8'],
      false,
    ]);
    expect(await list('&filter=http')).toEqual([[], false]);
    expect((await hub.get('/api/v1/connections/session-8')).json).toMatchObject({ closed: 'refused' });
  });

  test('one flow is given whole, its connection too', async () => {
    await fill(1);
    const { id } = (await hub.get('/api/v1/flows')).json.flows[0];
    const flow = (await hub.get(`/api/v1/flows/${id}`)).json;
    expect(flow).toMatchObject({ id, request: { method: 'GET' }, response: { body: { text: 'hello' } } });
    expect((await hub.get('/api/v1/connections/session-7')).json).toMatchObject({
      id: 'session-7',
      handshakeMs: 0.25,
    });
  });

  test('hostile text of a flow arrives as text', async () => {
    const body = '</script><script>alert(1)</script>\u2028\u0000"';
    await hub.store.commit({ arrivals: [exchange({ n: 1, body })], sessions: [] });
    const { id } = (await hub.get('/api/v1/flows')).json.flows[0];
    const answer = await hub.get(`/api/v1/flows/${id}`);
    expect(answer.json.response.body.text).toBe(body);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  });
});

describe('times', () => {
  test.each([
    ['2027-01-15T08:00:00Z', 1_800_000_000_000_000],
    ['2027-01-15T08:00:00.123456Z', 1_800_000_000_123_456],
    ['2027-01-15T10:00:00%2B02:00', 1_800_000_000_000_000],
    ['2027-01-15T10:00:00+02:00', 1_800_000_000_000_000],
    ['1800000000000', 1_800_000_000_000_000],
    ['1800000000000.5', 1_800_000_000_000_500],
  ])('%s', async (from, us) => {
    expect((await hub.get(`/api/v1/flows?from=${from}`)).status).toBe(200);
    expect(hub.store.queries[0].from).toBe(us);
  });

  test('a summary without a beginning is of all there is, of an empty store too', async () => {
    expect((await hub.get('/api/v1/summary')).json).toMatchObject({ count: 0, partial: false });
    await fill(40);
    const { flows } = (await hub.get('/api/v1/flows?limit=40')).json;
    const { count, from, detailed } = (await hub.get('/api/v1/summary?to=2028-01-01T00:00:00Z')).json;
    expect({ count, from, detailed }).toEqual({
      ...{ count: 40, from: flows.at(-1).time },
      detailed: { count: 40, since: flows.at(-1).time },
    });
    const middle = flows[9].time;
    expect((await hub.get(`/api/v1/summary?to=${middle}`)).json).toMatchObject({ count: 30, to: middle });
  });

  test('back from now', async () => {
    const now = Date.now() * 1000;
    await hub.get('/api/v1/map?from=-1h30m&to=now');
    const { from, to } = hub.store.maps[0];
    expect(Math.abs(from - (now - 5400e6))).toBeLessThan(5e6);
    expect(Math.abs(to - now)).toBeLessThan(5e6);
  });

  test('the map of a level, and latencies of an edge of it', async () => {
    await hub.get('/api/v1/map?level=pod');
    expect(hub.store.maps[0].level).toBe('pod');
    expect((await hub.get('/api/v1/map?level=cluster')).status).toBe(400);
    expect((await hub.get('/api/v1/map/latencies?level=pod&dst=shop%2Fcart-1')).status).toBe(200);
    expect(hub.store.latencyQueries[0]).toMatchObject({ level: 'pod', dst: 'shop/cart-1' });
    expect(hub.store.latencyQueries[0]).not.toHaveProperty('src');
  });

  test('the map without a range is of the last quarter of an hour', async () => {
    await hub.get('/api/v1/map');
    const { from, to } = hub.store.maps[0];
    expect(to - from).toBe(900e6);
  });

  test('now is the newest flow where files are read', async () => {
    const files = await startHub({ mode: 'file' });
    await files.store.commit({ arrivals: [exchange({ n: 5 })], sessions: [] });
    await files.get('/api/v1/map');
    expect(files.store.maps[0].to).toBe(SOME_TIME + 6);
    await files.close();
  });

  test.each(['yesterday', '5', '-', '-5', '-5y', '2027-13-01T00:00:00Z', '2027-01-15', '1e9', ''])(
    '%j as `to` is told as wrong or taken as ms',
    async (to) => {
      const answer = await hub.get(`/api/v1/flows?to=${to}`);
      if (to === '5') expect(hub.store.queries[0].to).toBe(5000);
      else expect(answer.json).toMatchObject({ code: 'TIME_INVALID', message: expect.stringContaining(to) });
    },
  );

  test('a range that ends before it begins is told as empty', async () => {
    const answer = await hub.get('/api/v1/flows?from=-1m&to=-2m');
    expect(answer.status).toBe(400);
    expect(answer.json.code).toBe('RANGE_EMPTY');
    expect((await hub.get('/api/v1/map?to=0&from=5')).json.code).toBe('RANGE_EMPTY');
  });
});

describe('errors', () => {
  test.each([
    ['/api/v1/nothing', 404, 'ROUTE_NOT_FOUND'],
    ['/nothing.js', 404, 'ROUTE_NOT_FOUND'],
    ['/api/v1/flows/none', 404, 'FLOW_NOT_FOUND'],
    ['/api/v1/connections/none', 404, 'CONNECTION_NOT_FOUND'],
    ['/api/v1/connections', 400, 'REQUEST_INVALID'],
    ['/api/v1/connections?refused=true&filter=nonsense', 400, 'FILTER_FIELD'],
    ['/api/v1/flows?limit=0', 400, 'REQUEST_INVALID'],
    ['/api/v1/flows?limit=1001', 400, 'REQUEST_INVALID'],
    ['/api/v1/flows?limit=1.5', 400, 'REQUEST_INVALID'],
    ['/api/v1/flows?limit=ten', 400, 'REQUEST_INVALID'],
    ['/api/v1/flows?filtr=x', 400, 'REQUEST_INVALID'],
    ['/api/v1/flows?filter=a&filter=b', 400, 'REQUEST_INVALID'],
    ['/api/v1/flows?before=x', 400, 'STORE_INVALID'],
    ['/api/v1/flows/%zz', 400, 'REQUEST_INVALID'],
    [`/api/v1/flows/${'x'.repeat(300)}`, 404, 'ROUTE_NOT_FOUND'],
    ['/', 503, 'PAGE_NOT_BUILT'],
  ])('%s is %d %s', async (path, status, code) => {
    const answer = await hub.get(path);
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ code, message: expect.any(String) });
  });

  test('a wrong filter is told with its place', async () => {
    for (const path of ['/api/v1/flows', '/api/v1/flows.ndjson']) {
      const answer = await hub.get(`${path}?filter=${encodeURIComponent('status_code == 1 && nosuch == 1')}`);
      expect(answer.status).toBe(400);
      expect(answer.json.code).toMatch(/^FILTER_/);
      expect(answer.json.position.start).toBe(20);
    }
  });

  test('a store that fails is not our request’s fault, and a fault of ours tells nothing', async () => {
    hub.store.failure = new StoreError('STORE_IO', 'the disk is gone');
    const answer = await hub.get('/api/v1/flows');
    expect(answer.status).toBe(503);
    expect(answer.json).toEqual({ code: 'STORE_IO', message: 'the disk is gone' });
    expect((await hub.get('/api/v1/flows.ndjson')).status).toBe(503);
    hub.store.failure = new TypeError('secret detail') as StoreError;
    const internal = await hub.get('/api/v1/flows');
    expect(internal.status).toBe(500);
    expect(internal.json.code).toBe('INTERNAL');
    expect(internal.text).not.toContain('secret detail');
    expect(hub.log.join('')).toContain('secret detail');
  });

  test('other methods are no routes', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      expect((await hub.get('/api/v1/flows', BEARER, method)).status).toBe(404);
    }
  });

  test('somebody who opened an address gets a page', async () => {
    const answer = await hub.get('/', { ...BEARER, accept: 'text/html' });
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.text).toContain('npm run build:ui');
  });

  test('every code has a message that begins small and a remedy that is a sentence', () => {
    for (const { message, remedy } of Object.values(HUB_ERRORS)) {
      expect(message).toMatch(/^[a-z`].*[^.]$/);
      expect(remedy).toMatch(/^[A-Z].*\.$/);
    }
  });
});

describe('the export', () => {
  test('has every flow, whole, a line each', async () => {
    await fill(120);
    const answer = await hub.get('/api/v1/flows.ndjson');
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    const flows = answer.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(flows.map((flow) => flow.request.path)).toEqual(
      Array.from({ length: 120 }, (_, n) => `/${119 - n}`),
    );
    expect(flows[0].response.body.text).toBe('hello');
  });

  test('describes what the services offer', async () => {
    await fill(20);
    const answer = await hub.get('/api/v1/flows.openapi?filter=status_code%3D%3D200');
    expect(answer.headers['content-type']).toContain('application/json');
    expect(answer.json.openapi).toBe('3.1.0');
    expect(Object.keys(answer.json.paths)).toEqual(['/{id}']);
    expect(answer.json['x-remora']).toMatchObject({ flows: 18, filter: 'status_code==200', partial: false });
  });

  test('as an incident file is one to save', async () => {
    await fill(20);
    const answer = await hub.get('/api/v1/flows.html?note=%3Cb%3Ehello');
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['content-disposition']).toContain('attachment');
    expect(answer.text.match(/<details /g)).toHaveLength(20);
    expect(answer.text).toContain('&#60;b&#62;hello');
  });

  test('of nothing is empty', async () => {
    const answer = await hub.get('/api/v1/flows.ndjson?filter=status_code%3D%3D404');
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('');
  });

  test('waits for a client that does not read, and stops when it goes', async () => {
    const arrivals = Array.from({ length: 2000 }, (_, n) => exchange({ n, body: 'x'.repeat(20_000) }));
    await hub.store.commit({ arrivals, sessions: [] });
    const outgoing = http.get({
      host: '127.0.0.1',
      port: hub.port,
      path: '/api/v1/flows.ndjson',
      headers: BEARER,
    });
    const [incoming] = (await once(outgoing, 'response')) as [http.IncomingMessage];
    incoming.pause();
    const asked = await settled(() => hub.store.queries.length);
    // 40 MB in 40 pages of 1 MB: only what the buffers of two sockets hold may have been read.
    expect(asked).toBeLessThan(20);
    outgoing.destroy();
    await settled(() => hub.store.queries.length);
    expect(hub.store.queries.length).toBeLessThan(asked + 3);
  });

  test('only a few run at once, and those that were left make room', async () => {
    const arrivals = Array.from({ length: 1000 }, (_, n) => exchange({ n, body: 'x'.repeat(20_000) }));
    await hub.store.commit({ arrivals, sessions: [] });
    const open = async () => {
      const outgoing = http.get({
        host: '127.0.0.1',
        port: hub.port,
        path: '/api/v1/flows.ndjson',
        headers: BEARER,
      });
      const [incoming] = (await once(outgoing, 'response')) as [http.IncomingMessage];
      incoming.pause();
      return { outgoing, status: incoming.statusCode };
    };
    const running = [await open(), await open(), await open(), await open()];
    expect(running.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const refused = await hub.get('/api/v1/flows.ndjson');
    expect(refused.status).toBe(429);
    expect(refused.json.code).toBe('EXPORT_BUSY');
    for (const { outgoing } of running) outgoing.destroy();
    await expect.poll(async () => (await hub.get('/api/v1/flows.ndjson?to=5')).status).toBe(200);
  });

  test.each(['ndjson', 'openapi', 'html', 'pcapng'])(
    'of %s that finds nothing tells that it runs, and ends when its client goes',
    async (name) => {
      let asked = 0;
      let isGone = false;
      hub.store.fullFlows = async (_, signal) => {
        await delay(5);
        isGone = signal?.aborted ?? false;
        return { flows: [], next: asked++ < 1000 ? 'further' : null, partial: true };
      };
      const path = `/api/v1/flows.${name}?progress=of-${name}-1`;
      const progress = async () => (await hub.get(`/api/v1/exports/of-${name}-1`)).json;
      expect(await progress()).toMatchObject({ running: false });
      const outgoing = http.get({ host: '127.0.0.1', port: hub.port, path, headers: BEARER });
      outgoing.on('error', () => {});
      await expect.poll(() => asked).toBeGreaterThan(3);
      expect(await progress()).toMatchObject({ running: true, flows: 0 });
      outgoing.destroy();
      await expect.poll(() => isGone).toBe(true);
      await expect.poll(progress).toMatchObject({ running: false });
      expect(asked).toBeLessThan(1000);
    },
  );

  test.each(['ndjson', 'har', 'csv', 'openapi', 'html', 'pcapng', 'pcap'])(
    'of %s is ended by its name, and does not look finished',
    async (name) => {
      let asked = 0;
      hub.store.fullFlows = async () => {
        await delay(5);
        return { flows: [], next: asked++ < 1000 ? 'further' : null, partial: true };
      };
      const running = `/api/v1/exports/of-${name}-2`;
      expect((await hub.get(running, BEARER, 'DELETE')).json).toMatchObject({ code: 'EXPORT_NOT_FOUND' });
      const answer = hub.get(`/api/v1/flows.${name}?progress=of-${name}-2`).catch((error: Error) => error);
      await expect.poll(() => asked).toBeGreaterThan(3);
      expect((await hub.get(running, {}, 'DELETE')).status).toBe(401);
      expect((await hub.get(running, BEARER, 'DELETE')).status).toBe(204);
      const ended = await answer;
      // Formats with a beginning of their own have begun.
      if (ended instanceof Error) expect(ended.message).toMatch(/aborted/);
      else expect(ended).toMatchObject({ status: 409, json: { code: 'EXPORT_CANCELLED' } });
      expect(ended instanceof Error).toBe(name === 'har' || name === 'csv');
      expect((await hub.get(running)).json).toMatchObject({ running: false });
      expect(asked).toBeLessThan(1000);
    },
  );

  test('that fails in the middle does not look finished', async () => {
    await fill(100);
    const fullFlows = hub.store.fullFlows.bind(hub.store);
    hub.store.fullFlows = async (query) => {
      if (query.before !== undefined) throw new StoreError('STORE_IO', 'the disk is gone');
      return fullFlows(query);
    };
    await expect(hub.get('/api/v1/flows.ndjson')).rejects.toThrow(/aborted/);
  });
});

describe('the page', () => {
  let page: TestHub;
  beforeEach(async () => {
    const uiDir = mkdtempSync(join(tmpdir(), 'remora-page-'));
    mkdirSync(join(uiDir, 'assets'));
    writeFileSync(join(uiDir, 'index.html'), '<!doctype html><title>Remora</title>');
    writeFileSync(join(uiDir, 'assets', 'index-a1b2c3.js'), 'export {}');
    writeFileSync(join(uiDir, '.secret'), 'no');
    writeFileSync(join(uiDir, '..', 'remora-outside.txt'), 'no');
    page = await startHub({ uiDir });
  });
  afterEach(() => page.close());

  test('is never taken from a cache unasked, its hashed files for ever', async () => {
    const index = await page.get('/');
    expect(index.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
    });
    const script = await page.get('/assets/index-a1b2c3.js');
    expect(script.headers['cache-control']).toContain('immutable');
    expect(script.headers['content-type']).toContain('javascript');
  });

  test.each([
    '/../remora-outside.txt',
    '/%2e%2e/remora-outside.txt',
    '/..%2fremora-outside.txt',
    '/assets/..%5c..%5cremora-outside.txt',
    '/.secret',
    '/assets/',
    '/assets/none.js',
    '/%00',
  ])('%s is not served', async (path) => {
    const answer = await page.get(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.json.code).toMatch(/ROUTE_NOT_FOUND|REQUEST_INVALID/);
  });
});

describe('what the hub tells of itself', () => {
  test('health', async () => {
    await fill(3);
    const health = (await hub.get('/api/v1/health')).json;
    expect(health).toMatchObject({
      status: 'ok',
      version: '1.2.3',
      mode: 'local',
      hub: { flows: 3, storageLimit: 1e9, newest: '2027-01-15T08:00:00.000002Z', subscribers: 0 },
    });
    expect(health.hub.limits).toMatchObject({ liveFeedFlows: expect.any(Number), pageFlows: 1000 });
  });

  test('metrics have all that health has', async () => {
    const { hub: told } = (await hub.get('/api/v1/health')).json;
    const answer = await hub.get('/metrics');
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const counter of Object.keys(told.counters)) {
      const name = counter.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
      expect(answer.text).toMatch(new RegExp(`^remora_hub_${name}(_total)? \\d`, 'm'));
    }
    for (const limit of Object.keys(told.limits)) expect(answer.text).toContain(`{limit="${limit}"}`);
  });

  test('the fields of a filter', async () => {
    const fields = (await hub.get('/api/v1/fields')).json;
    expect(fields).toHaveLength(FIELDS.length);
    expect(fields[0]).toMatchObject({
      name: FIELDS[0].name,
      type: FIELDS[0].type,
      meaning: FIELDS[0].meaning,
    });
  });
});

describe('the OpenAPI document', () => {
  // biome-ignore lint/suspicious/noExplicitAny: any JSON
  type Json = any;
  const ROUTES = [
    '/api/v1/connections',
    '/api/v1/connections/{id}',
    '/api/v1/exports/{name}',
    '/api/v1/fields',
    '/api/v1/flows',
    '/api/v1/flows.csv',
    '/api/v1/flows.har',
    '/api/v1/flows.html',
    '/api/v1/flows.ndjson',
    '/api/v1/flows.openapi',
    '/api/v1/flows.pcap',
    '/api/v1/flows.pcapng',
    '/api/v1/flows/{id}',
    '/api/v1/health',
    '/api/v1/map',
    '/api/v1/map/latencies',
    '/api/v1/openapi.json',
    '/api/v1/summary',
    '/api/v1/targets',
    '/metrics',
  ];
  let document: Json;
  beforeEach(async () => {
    document = (await hub.get('/api/v1/openapi.json')).json;
  });

  test('is 3.1 and has every route, and no other', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).sort()).toEqual(ROUTES);
  });

  test('describes every route, its parameters and its answers', () => {
    for (const [path, { get }] of Object.entries<Json>(document.paths)) {
      expect(get.summary, path).toMatch(/\.$/);
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const parameters: Json[] = get.parameters ?? [];
      expect(parameters.filter((each) => each.in === 'path').map((each) => each.name)).toEqual(named);
      for (const each of parameters) {
        expect(each.schema, each.name).toBeDefined();
        expect(each.in === 'path' ? each.required : each.description, each.name).toBeTruthy();
      }
      expect(Object.keys(get.responses)).toEqual(expect.arrayContaining(['200', '401', '403', '421']));
      for (const response of Object.values<Json>(get.responses)) {
        expect(response.description).toBeTruthy();
        expect(Object.values<Json>(response.content)[0].schema).toBeDefined();
      }
    }
  });

  test('has nothing behind its references missing', () => {
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"\$ref":"([^"]+)"/g)) {
      expect(name).toMatch(/^#\/components\/schemas\/\w+$/);
      expect(document.components.schemas).toHaveProperty(name.split('/').at(-1)!);
    }
    for (const name of Object.keys(document.components.schemas)) {
      expect(text, name).toContain(`"#/components/schemas/${name}"`);
    }
  });

  test('is true of real answers, which have no fields beside it', async () => {
    await fill(3);
    const { id } = (await hub.get('/api/v1/flows')).json.flows[0];
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(closed(document), 'document');
    const concrete: Record<string, string> = {
      '/api/v1/flows/{id}': `/api/v1/flows/${id}`,
      '/api/v1/connections': '/api/v1/connections?refused=true',
      '/api/v1/connections/{id}': '/api/v1/connections/session-7',
      '/api/v1/flows.pcapng': '/api/v1/flows.pcapng?estimate=true',
    };
    for (const path of ROUTES) {
      for (const real of [
        concrete[path] ?? path,
        `${concrete[path] ?? path}${path.includes('{') ? 'x' : '?zz=1'}`,
      ]) {
        const answer = await hub.get(real);
        if (answer.json === undefined) continue;
        const pointer = `/paths/${path.replaceAll('/', '~1')}/get/responses/${answer.status}`;
        const validate = ajv.getSchema(
          `document#${encodeURI(`${pointer}/content/application~1json/schema`)}`,
        );
        expect(validate, `${real} ${answer.status}`).toBeDefined();
        validate!(answer.json);
        expect(validate!.errors, real).toBeNull();
      }
    }
  });

  /** The same document, in which objects with named properties may have no others. */
  function closed(value: Json): Json {
    if (Array.isArray(value)) return value.map(closed);
    if (typeof value !== 'object' || value === null) return value;
    const copy = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, closed(each)]));
    return copy['type'] === 'object' &&
      copy['properties'] !== undefined &&
      copy['additionalProperties'] !== true
      ? { ...copy, additionalProperties: false }
      : copy;
  }
});

/** The value once it has not changed for 300 ms. */
async function settled(read: () => number): Promise<number> {
  let last = -1;
  while (last !== read()) {
    last = read();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return last;
}
