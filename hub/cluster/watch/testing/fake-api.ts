import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';

export type Sent = Record<string, unknown> & { metadata: Record<string, unknown> };
export type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

export interface Asked {
  path: string;
  query: Record<string, string>;
  authorization: string | undefined;
}

interface Watcher {
  path: string;
  response: ServerResponse;
}

/** As much of an API server as informers need: lists in pages, watches with bookmarks, and failures as they are told to it. */
export class FakeApi {
  readonly asked: Asked[] = [];
  readonly #server: http.Server;
  readonly #sockets = new Set<Socket>();
  readonly #objects = new Map<string, Map<string, Sent>>();
  readonly #events: { path: string; version: number; event: object }[] = [];
  readonly #watchers = new Set<Watcher>();
  readonly #pages = new Map<string, Sent[]>();
  #answers: { when: (asked: Asked) => boolean; answer: Answer; times: number }[] = [];
  #version = 100;
  /** Of what came before, nothing is known any more. */
  #oldest = 0;

  constructor(tls?: { key: string; cert: string }) {
    const handle = (request: IncomingMessage, response: ServerResponse) => this.#handle(request, response);
    this.#server = tls === undefined ? http.createServer(handle) : https.createServer(tls, handle);
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {});
    });
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  get watches(): number {
    return this.#watchers.size;
  }

  get version(): number {
    return this.#version;
  }

  get url(): string {
    return `${this.#server instanceof https.Server ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  /** Makes or changes an object; all watches of `path` hear of it. */
  put(path: string, object: Record<string, unknown>): void {
    const objects = this.#objectsOf(path);
    const version = ++this.#version;
    const sent = object as Sent;
    sent.metadata = { ...sent.metadata, resourceVersion: String(version) };
    const key = keyOf(sent);
    const type = objects.has(key) ? 'MODIFIED' : 'ADDED';
    objects.set(key, sent);
    this.#tell(path, version, { type, object: sent });
  }

  delete(path: string, name: string, namespace = 'shop'): void {
    const objects = this.#objectsOf(path);
    const sent = objects.get(`${namespace}/${name}`);
    if (sent === undefined) throw new Error(`no ${namespace}/${name}`);
    objects.delete(keyOf(sent));
    const version = ++this.#version;
    const metadata = { ...sent.metadata, resourceVersion: String(version) };
    this.#tell(path, version, { type: 'DELETED', object: { ...sent, metadata } });
  }

  /** As etcd is compacted: watches of older versions and lists that are going on are too old. */
  compact(): void {
    this.#oldest = ++this.#version;
    this.#pages.clear();
  }

  /** Sends a line to all watches of `path`. */
  say(path: string, line: string): void {
    for (const watcher of this.#watchers) if (watcher.path === path) watcher.response.write(`${line}\n`);
  }

  /** The next `times` requests that are like this are answered so. */
  answer(when: (asked: Asked) => boolean, answer: Answer, times = 1): void {
    this.#answers.push({ when, answer, times });
  }

  /** As when an API server is killed. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #objectsOf(path: string): Map<string, Sent> {
    let objects = this.#objects.get(path);
    if (objects === undefined) {
      objects = new Map();
      this.#objects.set(path, objects);
    }
    return objects;
  }

  #tell(path: string, version: number, event: object): void {
    this.#events.push({ path, version, event });
    this.say(path, JSON.stringify(event));
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://fake');
    const query = Object.fromEntries(url.searchParams);
    const asked = { path: url.pathname, query, authorization: request.headers.authorization };
    this.asked.push(asked);
    const prepared = this.#answers.find(({ when }) => when(asked));
    if (prepared !== undefined) {
      if (--prepared.times === 0) this.#answers = this.#answers.filter((other) => other !== prepared);
      prepared.answer(request, response, url);
    } else if (query['watch'] === 'true') this.#watch(asked, response);
    else this.#list(asked, response);
  }

  #list({ path, query }: Asked, response: ServerResponse): void {
    const { continue: token, limit = '1000000' } = query;
    const all = token === undefined ? [...this.#objectsOf(path).values()] : this.#pages.get(token);
    if (all === undefined) {
      sendStatus(response, 410, 'The provided continue parameter is too old');
      return;
    }
    const items = all.slice(0, Number(limit));
    const rest = all.slice(items.length);
    const next = `from-${path}-${rest.length}`;
    if (rest.length > 0) this.#pages.set(next, rest);
    const metadata = {
      resourceVersion: String(this.#version),
      ...(rest.length > 0 ? { continue: next } : {}),
    };
    sendJson(response, 200, { kind: 'List', apiVersion: 'v1', metadata, items });
  }

  #watch({ path, query }: Asked, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const version = Number(query['resourceVersion']);
    if (version < this.#oldest) {
      const object = status(410, `too old resource version: ${version} (${this.#oldest})`);
      response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      return;
    }
    for (const { path: of, version: at, event } of this.#events) {
      if (of === path && at > version) response.write(`${JSON.stringify(event)}\n`);
    }
    const watcher = { path, response };
    this.#watchers.add(watcher);
    response.on('close', () => this.#watchers.delete(watcher));
  }
}

/** As a kubeconfig file would give it. */
export function kubeConfig(server: string, user: object = {}, cluster: object = {}): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'fake', server, skipTLSVerify: server.startsWith('http:'), ...cluster },
    { name: 'tester', ...user },
  );
  return config;
}

export function sendJson(response: ServerResponse, code: number, body: object, headers = {}): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function sendStatus(response: ServerResponse, code: number, message: string, headers = {}): void {
  sendJson(response, code, status(code, message), headers);
}

function status(code: number, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code };
}

function keyOf({ metadata }: Sent): string {
  return `${metadata['namespace'] ?? ''}/${metadata['name']}`;
}
