/**
 * One TCP connection to a port of a pod, through the API server: the WebSocket way of port-forwarding
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/, subprotocol v4.channel.k8s.io). Every binary message begins
 * with the number of its channel: 0 carries the bytes, 1 an error. The server's first message on each channel is
 * the port in two bytes.
 */

import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { CliError } from '../errors.ts';
import type { Kube } from './client.ts';
import { errorOfAnswer, errorOfNetwork } from './error.ts';
import { pathOf } from './kinds.ts';

const PROTOCOL = 'v4.channel.k8s.io';
const DATA = 0;
const ERROR = 1;
const PORT_BYTES = 2;

/** Quiet connections are asked whether they live: load balancers and half-open connections are silent about their end. */
const PING_MS = 15_000;

/** Resolves once the pod's port took the connection or is about to. Rejects with KubeError. */
export async function openPortStream(
  kube: Kube,
  namespace: string,
  pod: string,
  port: number,
): Promise<Duplex> {
  const path = `${pathOf('Pod', namespace, pod)}/portforward?ports=${port}`;
  const what = `forward a port to pod "${pod}" in namespace "${namespace}"`;
  try {
    return new PortStream(await opened(await kube.webSocket(path, [PROTOCOL]), kube.server, what));
  } catch (error) {
    // Some servers and proxies choose no subprotocol, and then speak this one.
    if (!/no subprotocol/i.test((error as Error).message)) throw error;
    return new PortStream(await opened(await kube.webSocket(path, []), kube.server, what));
  }
}

function opened(socket: WebSocket, server: string, what: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    // What comes with the handshake is kept until somebody listens.
    socket.once('open', () => {
      socket.pause();
      resolve(socket);
    });
    socket.on('error', (cause) => reject(errorOfNetwork(server, cause)));
    socket.once('unexpected-response', (_request, answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('close', () => {
        socket.terminate();
        reject(errorOfAnswer(answer.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'), what));
      });
    });
  });
}

class PortStream extends Duplex {
  private readonly socket: WebSocket;
  private readonly pinging: NodeJS.Timeout;
  /** What is left of the port numbers on channels 0 and 1. */
  private readonly toSkip = [PORT_BYTES, PORT_BYTES];
  private alive = true;

  constructor(socket: WebSocket) {
    super({ allowHalfOpen: false });
    this.socket = socket;
    socket.on('message', (data) => this.receive(data as Buffer));
    socket.on('pong', () => {
      this.alive = true;
    });
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.push(null));
    this.pinging = setInterval(() => {
      if (!this.alive) this.destroy(new CliError('FORWARD_SILENT', 'the port-forward has gone silent'));
      this.alive = false;
      socket.ping();
    }, PING_MS);
    this.pinging.unref();
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const message = Buffer.allocUnsafe(chunk.length + 1);
    message[0] = DATA;
    chunk.copy(message, 1);
    this.socket.send(message, done);
  }

  override _final(done: () => void): void {
    this.socket.close();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.pinging);
    this.socket.terminate();
    done(error);
  }

  private receive(message: Buffer): void {
    this.alive = true;
    const channel = message[0];
    if (channel !== DATA && channel !== ERROR) return;
    const skipped = Math.min(this.toSkip[channel] as number, message.length - 1);
    this.toSkip[channel] = (this.toSkip[channel] as number) - skipped;
    const bytes = message.subarray(1 + skipped);
    if (bytes.length === 0) return;
    if (channel === ERROR) {
      const said = bytes.toString('utf8').trim().slice(0, 300);
      this.destroy(new CliError('FORWARD_REFUSED', `the pod took no connection: ${said}`));
    } else if (!this.push(bytes)) {
      this.socket.pause();
    }
  }
}
