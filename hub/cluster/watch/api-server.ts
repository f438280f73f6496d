import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { ClusterError } from '../error.ts';
import { Access, type Credentials } from './access.ts';
import { answerFailure, asClusterError, describe, type Request } from './failure.ts';
import type { WatchLimits } from './limits.ts';
import { pathOf } from './resources.ts';
import { Watchdog } from './watchdog.ts';

/** Of an answer that says what is wrong. */
const MAX_FAILURE_BYTES = 64 * 1024;
/** When a connection has been quiet for so long, the kernel asks whether the other end is there, ms. */
const KEEP_ALIVE_MS = 15_000;

export interface Reading {
  query: Record<string, string>;
  /** The connection is given up when it was quiet for so long, ms. */
  silence: number;
  signal: AbortSignal;
  /** The answer has begun, and it is a good one. */
  onAnswer?: () => void;
}

/**
 * Reads answers of the API server as they come. The library's own watch does not do: it has no time limits, takes lines of any
 * length, and passes over what it cannot read; its lists are in memory as a whole, several times.
 */
export class ApiServer {
  readonly #access: Access;
  readonly #limits: WatchLimits;

  constructor(load: () => Promise<KubeConfig>, limits: WatchLimits) {
    this.#access = new Access(load, limits);
    this.#limits = limits;
  }

  /**
   * The bytes of an answer, on a connection of its own that ends with the reading. Throws ClusterError; where `signal` is
   * aborted, anything.
   */
  async *read(request: Request, { query, silence, signal, onAnswer }: Reading): AsyncGenerator<Buffer> {
    const watchdog = new Watchdog(signal);
    watchdog.allow(this.#limits.clusterAnswerMs);
    try {
      const answer = await this.#open(request, query, watchdog.signal);
      onAnswer?.();
      watchdog.allow(silence);
      for await (const chunk of answer) {
        watchdog.heard();
        yield chunk as Buffer;
      }
    } catch (error) {
      if (watchdog.silence === undefined || error instanceof ClusterError) {
        throw asClusterError(request, error);
      }
      const message = `cannot ${describe(request)}: nothing came for ${watchdog.silence / 1000} s`;
      throw new ClusterError('API_SILENT', message, error);
    } finally {
      watchdog.end();
    }
  }

  async #open(
    request: Request,
    query: Record<string, string>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const credentials = await unlessAborted(this.#access.credentials(), signal);
    const answer = await send(request, query, credentials, signal);
    if (answer.statusCode === 200) return answer;
    if (answer.statusCode === 401) this.#access.refused(credentials);
    throw answerFailure(request, answer.statusCode ?? 0, answer.headers, await readShort(answer));
  }
}

function send(
  { resource, namespace }: Request,
  query: Record<string, string>,
  { server, options }: Credentials,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const url = new URL(`${server}${pathOf(resource, namespace)}?${new URLSearchParams(query)}`);
    const headers = { ...options.headers, accept: 'application/json', 'user-agent': 'remora-hub' };
    const request = url.protocol === 'http:' ? http.request : https.request;
    request(url, { ...options, headers, signal }, resolve)
      .on('error', reject)
      .on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS))
      .end();
  });
}

/** Credentials may be waited for by others too: they are not given up, but not waited for any longer. */
function unlessAborted(credentials: Promise<Credentials>, signal: AbortSignal): Promise<Credentials> {
  return new Promise((resolve, reject) => {
    const abort = () =>
      reject(new ClusterError('CREDENTIALS_FAILED', 'the credential plugin has not answered in time'));
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    credentials.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The beginning of an answer, as text. */
async function readShort(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size >= MAX_FAILURE_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_FAILURE_BYTES).toString();
}
