/** Requests to the API server, with whatever the kubeconfig has of certificates, tokens, plugins and proxies. */

import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { WebSocket } from 'ws';
import { errorOfAnswer, errorOfNetwork, KubeError } from './error.ts';

export interface KubeRequest {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** From the root: `/api/v1/nodes`. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  contentType?: string;
  accept?: string;
  /** What is tried, for messages: `list nodes`. */
  what: string;
  signal?: AbortSignal | undefined;
  /** Until the whole answer is there, ms. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 15_000;
/** An answer longer than this is not read to its end. */
const MAX_ANSWER = 256 * 1024 * 1024;
const TRIES = 4;
const FIRST_PAUSE_MS = 300;
/** Longer than this nobody waits because a server asks for it. */
const LONGEST_PAUSE_MS = 10_000;
/** Credentials are asked for again after this: plugins have their own idea of how long these are good. */
const CREDENTIALS_MS = 30_000;

interface Way {
  options: https.RequestOptions;
  since: number;
}

export class Transport {
  readonly server: string;
  private readonly config: KubeConfig;
  private way: Promise<Way> | undefined;
  private readonly agents = new Set<http.Agent>();

  constructor(config: KubeConfig) {
    this.config = config;
    this.server = config.getCurrentCluster()?.server ?? '';
  }

  /**
   * The body of a 2xx answer. Tries again what a busy server refused and what broke on the way (every request
   * that Remora makes may be made twice). Rejects with KubeError, or the signal's reason.
   */
  async request(request: KubeRequest): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.once(request);
      if (typeof outcome === 'string') return outcome;
      request.signal?.throwIfAborted();
      if (outcome.error.code === 'KUBE_UNAUTHORIZED' && attempt === 1) this.forget();
      else if (!outcome.again || attempt === TRIES) throw outcome.error;
      const pause = outcome.pauseMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
      await sleep(Math.min(pause, LONGEST_PAUSE_MS), undefined, { signal: request.signal });
    }
  }

  /** A WebSocket to a subresource; `error` and `close` are the caller's to listen to. */
  async webSocket(path: string, protocols: string[]): Promise<WebSocket> {
    const { options } = await this.credentials();
    return new WebSocket(`${this.server.replace(/^http/, 'ws')}${path}`, protocols, {
      ...(options as object),
      handshakeTimeout: TIMEOUT_MS,
      perMessageDeflate: false,
    });
  }

  close(): void {
    for (const agent of this.agents) agent.destroy();
  }

  private async once(request: KubeRequest): Promise<string | Refusal> {
    try {
      const { options } = await this.credentials();
      const { status, headers, text } = await this.send(request, options);
      if (status >= 200 && status < 300) return text;
      const seconds = Number(headers['retry-after']);
      return {
        error: errorOfAnswer(status, text, request.what),
        again: status === 429 || status === 502 || status === 503 || status === 504,
        pauseMs: seconds > 0 ? seconds * 1000 : undefined,
      };
    } catch (error) {
      const cause = error as NodeJS.ErrnoException;
      const again = cause.code === 'ECONNRESET' || cause.code === 'EPIPE';
      return { error: errorOfNetwork(this.server, cause), again, pauseMs: undefined };
    }
  }

  private async send(request: KubeRequest, options: https.RequestOptions): Promise<Answer> {
    const { method = 'GET', body, timeoutMs = TIMEOUT_MS } = request;
    const url = new URL(`${this.server}${request.path}`);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined && value !== '') url.searchParams.set(name, String(value));
    }
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const limit = AbortSignal.timeout(timeoutMs);
    const signal = request.signal === undefined ? limit : AbortSignal.any([request.signal, limit]);
    try {
      return await exchange(url, { ...options, method, signal }, request, payload);
    } catch (error) {
      if (limit.aborted && !request.signal?.aborted) throw silent(this.server, timeoutMs);
      throw error;
    }
  }

  private async credentials(): Promise<Way> {
    const known = await this.way?.catch(() => undefined);
    if (known === undefined || performance.now() - known.since > CREDENTIALS_MS) {
      this.way = this.readCredentials(known);
    }
    return await (this.way as Promise<Way>);
  }

  private forget(): void {
    this.way = undefined;
  }

  private async readCredentials(old: Way | undefined): Promise<Way> {
    const options: https.RequestOptions = {};
    try {
      await this.config.applyToHTTPSOptions(options);
    } catch (cause) {
      throw new KubeError(
        'KUBE_CONFIG',
        `the kubeconfig's credentials cannot be used: ${(cause as Error).message.trim()}`,
        { remedy: 'Log in again, or mend the kubeconfig; `kubectl version` should work.', cause },
      );
    }
    // Same certificates: the connections that are open are as good for the new token.
    if (old !== undefined && options.cert === old.options.cert && options.ca === old.options.ca) {
      options.agent = old.options.agent;
    }
    const { agent } = options;
    if (typeof agent === 'object') {
      (agent as http.Agent & { keepAlive: boolean }).keepAlive = true;
      this.agents.add(agent);
    }
    return { options, since: performance.now() };
  }
}

interface Refusal {
  error: KubeError;
  again: boolean;
  pauseMs: number | undefined;
}

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

function exchange(
  url: URL,
  options: https.RequestOptions,
  { accept = 'application/json', contentType = 'application/json' }: KubeRequest,
  payload: string | undefined,
): Promise<Answer> {
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        ...options,
        headers: {
          ...options.headers,
          accept,
          ...(payload === undefined
            ? {}
            : { 'content-type': contentType, 'content-length': Buffer.byteLength(payload) }),
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let length = 0;
        answer.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > MAX_ANSWER) answer.destroy(new Error(`its answer is longer than ${MAX_ANSWER} bytes`));
          else chunks.push(chunk);
        });
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks, length).toString('utf8');
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

function silent(server: string, timeoutMs: number): KubeError {
  const error = new Error(`no answer within ${timeoutMs / 1000} s`);
  return errorOfNetwork(server, error);
}
