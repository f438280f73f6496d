/** One request, sent again, and how its answer compares with the recorded one. */

import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { filled, type ReplayRequest } from '../../flow/replay/request.ts';
import { milliseconds } from '../output/units.ts';

export interface Outcome {
  /** 0: there was no answer. */
  status: number;
  elapsedMs: number;
  bodySize: number;
  /** Why there was none. */
  problem?: string;
}

const TIMEOUT_MS = 30_000;

/** Resolves also where no answer comes; rejects only as `stop` says. Redirections are answers, and not followed. */
export function send(
  { method, target, headers, body }: ReplayRequest,
  to: URL,
  values: ReadonlyMap<string, string>,
  stop: AbortSignal,
): Promise<Outcome> {
  const content = body === undefined ? undefined : Buffer.from(filled(body, values));
  const fields = headers.flatMap(([name, value]) => [name, filled(value, values)]);
  const startedAt = performance.now();
  const request = to.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => {
      if (stop.aborted) reject(cause);
      else
        resolve({ status: 0, elapsedMs: performance.now() - startedAt, bodySize: 0, problem: cause.message });
    };
    try {
      const outgoing = request(to, {
        method,
        path: `${to.pathname.replace(/\/$/, '')}${filled(target, values)}`,
        headers: [
          ...['Host', to.host, ...fields],
          ...(content === undefined ? [] : ['Content-Length', String(content.length)]),
        ],
        signal: AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]),
        agent: false,
      });
      outgoing.on('error', fail);
      outgoing.on('response', (answer) => {
        let bodySize = 0;
        answer.on('data', (chunk: Buffer) => {
          bodySize += chunk.length;
        });
        answer.on('error', fail);
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, elapsedMs: performance.now() - startedAt, bodySize });
        });
      });
      outgoing.end(content);
    } catch (cause) {
      // A value that was given is none that HTTP can send.
      fail(cause as Error);
    }
  });
}

/** `200, recorded 500; 12 ms, recorded 8.1 ms; 120 bytes, recorded 118`; what is the same is said once. */
export function compare({ flow }: ReplayRequest, outcome: Outcome): string {
  const { response, elapsedMs } = flow;
  const status = (code: number) => (code === 0 ? 'no answer' : String(code));
  const before = response?.status ?? 0;
  const parts = [
    both(outcome.problem ?? status(outcome.status), status(before), outcome.status === before),
    both(
      milliseconds(outcome.elapsedMs),
      elapsedMs === undefined ? undefined : milliseconds(elapsedMs),
      false,
    ),
    both(
      `${outcome.bodySize} bytes`,
      response && String(response.bodySize),
      outcome.bodySize === response?.bodySize,
    ),
  ];
  return parts.join('; ');
}

function both(now: string, before: string | undefined, isSame: boolean): string {
  return isSame || before === undefined ? now : `${now}, recorded ${before}`;
}
