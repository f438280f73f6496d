/** A hub over real sockets, and requests with whatever headers a test wants. */
import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { WebSocket } from 'ws';
import { MemoryStore } from '../../hub/api/testing/memory-store.ts';
import { createHub, type HubOptions } from '../../hub/hub.ts';

export const TOKEN = 'a-token-of-the-tests-0123456789';
export const WORKER_TOKEN = 'a-worker-token-of-the-tests-0123';
export const BEARER = { authorization: `Bearer ${TOKEN}` };

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into any JSON
  json: any;
}

export interface TestHub {
  store: MemoryStore;
  port: number;
  /** What the hub logged. */
  log: string[];
  get(path: string, headers?: OutgoingHttpHeaders, method?: string): Promise<Answer>;
  open(path: string, headers?: Record<string, string>): WebSocket;
  close(): Promise<void>;
}

export async function startHub(options: Partial<HubOptions> = {}): Promise<TestHub> {
  const store = new MemoryStore();
  const log: string[] = [];
  const hub = await createHub({
    store,
    host: '127.0.0.1',
    port: 0,
    mode: 'local',
    version: '1.2.3',
    token: TOKEN,
    workerToken: WORKER_TOKEN,
    allowedHosts: [],
    uiDir: join(tmpdir(), 'no-such-page'),
    log: pino({ level: 'debug' }, { write: (line) => void log.push(line) }),
    ...options,
  });
  const { port } = await hub.listen();
  return {
    store,
    port,
    log,
    get: (path, headers = BEARER, method = 'GET') => request(port, method, path, headers),
    open: (path, headers = BEARER) => new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers }),
    close: () => hub.close(),
  };
}

async function request(
  port: number,
  method: string,
  path: string,
  headers: OutgoingHttpHeaders,
): Promise<Answer> {
  const outgoing = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false });
  outgoing.end();
  const [incoming] = (await once(outgoing, 'response')) as [http.IncomingMessage];
  const text = Buffer.concat(await incoming.toArray()).toString();
  const isJson = incoming.headers['content-type']?.startsWith('application/json') ?? false;
  return {
    status: incoming.statusCode!,
    headers: incoming.headers,
    text,
    json: isJson && text !== '' ? JSON.parse(text) : undefined,
  };
}

/** What became of an attempt to open a WebSocket: 101, or the status and body of the refusal. */
export async function upgrade(socket: WebSocket): Promise<{ status: number; code?: string }> {
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      resolve({ status: 101 });
      socket.terminate();
    });
    socket.on('error', reject);
    socket.on('unexpected-response', async (_, incoming) => {
      const body = JSON.parse(Buffer.concat(await incoming.toArray()).toString());
      resolve({ status: incoming.statusCode!, code: body.code });
    });
  });
}
