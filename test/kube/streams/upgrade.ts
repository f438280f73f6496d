/** WebSocket requests: port-forward, exec, and logs. */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { authorize, identify } from '../access/guard.ts';
import type { Cluster } from '../cluster.ts';
import type { ApiRequest, ResourceRequest } from '../request.ts';
import { resourceNamed } from '../resources.ts';
import { ApiFailure } from '../status.ts';
import { acceptChannels, type Channels, chooseProtocol } from './channels.ts';
import { containerIn, logQuery } from './log.ts';
import { forward } from './portforward.ts';

/** The open streams, so that a test can break them. */
export class Streams {
  readonly #open = new Set<Channels>();

  get count(): number {
    return this.#open.size;
  }

  add(channels: Channels): void {
    this.#open.add(channels);
    channels.onClose(() => this.#open.delete(channels));
  }

  /** Breaks the open port-forwards and execs. Returns how many. */
  cut(how: 'reset' | 'half-open'): number {
    const some = [...this.#open];
    for (const channels of some) {
      if (how === 'reset') channels.reset();
      else channels.mute();
    }
    return some.length;
  }
}

export function upgrade(
  cluster: Cluster,
  streams: Streams,
  incoming: IncomingMessage,
  request: ApiRequest,
  socket: Duplex,
  head: Buffer,
): void {
  socket.on('error', () => socket.destroy());
  const fault = cluster.faults.take(request);
  if (fault?.kind === 'stall') return;
  if (fault?.kind === 'reset') {
    socket.destroy();
    return;
  }
  try {
    if (fault?.kind === 'answer')
      throw new ApiFailure(fault.code, fault.reason, fault.message ?? 'refused by a test');
    const user = identify(cluster.users, request);
    const { method, path, query, target } = request;
    const resource = `${target?.plural}/${target?.subresource}`;
    cluster.requests.push({
      method,
      path: `${path}?${query}`,
      user: user.username,
      verb: target?.verb ?? '',
      resource,
    });
    authorize(cluster.rbac, user, request);
    if (target?.plural !== 'pods') throw new ApiFailure(400, 'BadRequest', 'not a stream');
    open(cluster, streams, incoming, request, target, socket, head);
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    refuse(socket, error.code, 'application/json', `${JSON.stringify(error.status)}\n`);
  }
}

function open(
  cluster: Cluster,
  streams: Streams,
  incoming: IncomingMessage,
  request: ApiRequest,
  target: ResourceRequest,
  socket: Duplex,
  head: Buffer,
): void {
  const pod = cluster.objects.need(resourceNamed('pods'), target.namespace, target.name);
  if (target.subresource === 'log') {
    openLog(cluster, incoming, request, target, socket, head);
    return;
  }
  const uid = pod.metadata.uid!;
  const { query } = request;
  const ports = query
    .getAll('ports')
    .flatMap((list) => list.split(','))
    .map(Number);
  if (target.subresource === 'portforward' && ports.length === 0) {
    refuse(socket, 400, 'text/plain; charset=utf-8', 'query parameter "port" is required');
    return;
  }
  if (target.subresource === 'exec') containerIn(pod, query.get('container'));
  const protocol = chooseProtocol(request.headers['sec-websocket-protocol']);
  if (protocol === undefined) {
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
    return;
  }
  acceptChannels(incoming, socket, head, protocol, (channels) => {
    streams.add(channels);
    if (target.subresource === 'portforward') forward(channels, uid, ports, cluster.ports);
    else void cluster.execs.run(channels, query.getAll('command'));
  });
}

function openLog(
  cluster: Cluster,
  incoming: IncomingMessage,
  request: ApiRequest,
  target: ResourceRequest,
  socket: Duplex,
  head: Buffer,
): void {
  const asked = logQuery(cluster, request, target);
  const server = new WebSocketServer({ noServer: true });
  server.handleUpgrade(incoming, socket, head, (webSocket) => {
    webSocket.send(Buffer.alloc(0));
    if (asked === undefined) return webSocket.close(1000);
    for (const line of asked.lines) webSocket.send(Buffer.from(asked.print(line)));
    if (!asked.follow) return webSocket.close(1000);
    const stop = cluster.logs.follow(asked.pod, asked.container, (line) => {
      if (line === undefined) webSocket.close(1000);
      else webSocket.send(Buffer.from(asked.print(line)));
    });
    webSocket.on('close', stop);
  });
}

const PHRASES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

function refuse(socket: Duplex, code: number, type: string, body: string): void {
  const head = `HTTP/1.1 ${code} ${PHRASES[code] ?? 'Error'}\r\nContent-Type: ${type}\r\n`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}
