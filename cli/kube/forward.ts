/**
 * The hub's port on this machine. Every connection to 127.0.0.1 goes through the API server to the hub's pod and
 * there speaks TLS, so that the browser needs no certificate. It heals by itself: each connection looks for the
 * pod that is there now, and waits for one a while.
 */

import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { CliError } from '../errors.ts';
import type { Kube } from './client.ts';
import { KubeError } from './error.ts';
import type { PodObject } from './objects.ts';
import { openPortStream } from './port-stream.ts';

/** What the forward leads to. */
export interface ForwardTarget {
  namespace: string;
  /** Of the pods, any of which will do. */
  labelSelector: string;
  port: number;
  /** PEM. */
  ca: string;
  /** A name that the server's certificate holds. */
  serverName: string;
}

export interface ForwardListener {
  /** Connections fail; they are tried again. Said once until `restored`. */
  lost(error: Error): void;
  restored(): void;
}

/** How long a connection waits for a pod to take it before it is answered with 503. */
const PATIENCE_MS = 20_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;
const TLS_TIMEOUT_MS = 10_000;
/** Connections at a time: a browser has six, scripts some more. */
const MAX_CONNECTIONS = 256;

export class Forward {
  private readonly kube: Kube;
  private readonly listener: ForwardListener;
  private readonly server: Server;
  private readonly connections = new Set<Socket>();
  private readonly closing = new AbortController();
  private readonly targeted: Promise<ForwardTarget>;
  /** Where the connections that wait are to go, from now on. */
  readonly lead: (target: ForwardTarget) => void;
  private pod: string | undefined;
  private isLost = false;

  constructor(kube: Kube, listener: ForwardListener) {
    this.kube = kube;
    this.listener = listener;
    let lead: (target: ForwardTarget) => void = () => {};
    this.targeted = new Promise((resolve) => {
      lead = resolve;
    });
    this.lead = lead;
    this.server = createServer((socket) => void this.serve(socket));
    this.server.maxConnections = MAX_CONNECTIONS;
  }

  /** Listens; connections wait until `lead` has told where to. Rejects with the error of `listen`. */
  async open(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  /** `http://127.0.0.1:8899`, once open. */
  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the forward is not open');
    return `http://127.0.0.1:${address.port}`;
  }

  close(): void {
    this.closing.abort();
    this.server.close();
    for (const socket of this.connections) socket.destroy();
  }

  private async serve(local: Socket): Promise<void> {
    this.connections.add(local);
    local.once('close', () => this.connections.delete(local));
    local.on('error', ignoreReset);
    local.setNoDelay(true);
    try {
      const remote = await this.dial(local);
      // Whichever ends or breaks ends the other.
      await Promise.all([pipeline(local, remote), pipeline(remote, local)]);
    } catch (error) {
      if (!local.destroyed && local.bytesWritten === 0) refuse(local, error as Error);
      else local.destroy();
    }
  }

  private async dial(local: Socket): Promise<TLSSocket> {
    const target = await this.targeted;
    const deadline = performance.now() + PATIENCE_MS;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        const remote = await this.dialOnce(target);
        if (this.isLost) {
          this.isLost = false;
          this.listener.restored();
        }
        return remote;
      } catch (error) {
        this.pod = undefined;
        if (this.closing.signal.aborted || local.destroyed) throw error;
        if (!this.isLost) {
          this.isLost = true;
          this.listener.lost(error as Error);
        }
        const hopeless = error instanceof KubeError && (error.status === 401 || error.status === 403);
        if (hopeless || performance.now() + pause > deadline) throw error;
        await sleep(pause, undefined, { signal: this.closing.signal });
      }
    }
  }

  private async dialOnce(target: ForwardTarget): Promise<TLSSocket> {
    this.pod ??= await this.findPod(target);
    const stream = await openPortStream(this.kube, target.namespace, this.pod, target.port);
    return await speakTls(stream, target);
  }

  private async findPod({ namespace, labelSelector }: ForwardTarget): Promise<string> {
    const pods = await this.kube.list<PodObject>('Pod', {
      namespace,
      labelSelector,
      signal: this.closing.signal,
    });
    const usable = pods.filter(isReady).toSorted(byAge);
    const pod = usable.at(-1)?.metadata.name;
    if (pod === undefined) {
      throw new CliError('FORWARD_NO_POD', `the hub's pod is not there (namespace "${namespace}")`);
    }
    return pod;
  }
}

/** Resolves once the certificate was found good. The stream ends with the connection, and the other way round. */
function speakTls(stream: Duplex, { ca, serverName: servername }: ForwardTarget): Promise<TLSSocket> {
  const remote = connectTls({ socket: stream, ca, servername, ALPNProtocols: ['http/1.1'] });
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      settle();
      remote.destroy();
      stream.destroy();
      reject(error);
    };
    const onClose = () => fail(new CliError('FORWARD_CLOSED', 'the hub closed the connection'));
    const onSecure = () => {
      settle();
      resolve(remote);
    };
    const late = () => fail(new CliError('FORWARD_SILENT', 'the hub does not answer'));
    const timer = setTimeout(late, TLS_TIMEOUT_MS);
    const settle = () => {
      clearTimeout(timer);
      remote.off('close', onClose).off('secureConnect', onSecure);
    };
    remote.once('close', onClose).once('secureConnect', onSecure);
    // These stay: after the first, an error only ends the connection, and `close` tells that. Those of the stream
    // say more than the end of TLS that follows from them.
    stream.on('error', fail);
    remote.on('error', fail);
  });
}

function isReady({ metadata, status }: PodObject): boolean {
  const ready = status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return ready === true && metadata.deletionTimestamp === undefined;
}

function byAge(a: PodObject, b: PodObject): number {
  return (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '');
}

/** A person's browser shows the text, and asks again by itself. */
function refuse(local: Socket, error: Error): void {
  const body = `Remora's hub cannot be reached: ${error.message}. Trying again in 2 seconds.\n`;
  local.end(
    [
      'HTTP/1.1 503 Service Unavailable',
      'content-type: text/plain; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      'refresh: 2',
      'retry-after: 2',
      'cache-control: no-store',
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

/** A browser that goes away; the pipeline sees it too. */
function ignoreReset(): void {}
