/** One request to the API of a hub that runs. */

import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { ApiError } from '../../flow/api.ts';
import { CliError, Exit } from '../errors.ts';
import type { HubAddress } from '../tap/hub-address.ts';

/** Until the head of an answer: a hub that has much to look through takes its time. */
const HEAD_TIMEOUT_MS = 60_000;
/** Of an error's text. */
const MAX_ERROR_BYTES = 64 * 1024;

/**
 * GET of `path` (without a leading slash); resolves with the answer once its head is there and its status is 200. Its
 * body may take as long as it likes: a live export is silent while nothing happens. Rejects with CliError, or as
 * `stop` says.
 */
export async function askHub(
  hub: HubAddress,
  path: string,
  stop: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
  headTimeoutMs = HEAD_TIMEOUT_MS,
): Promise<IncomingMessage> {
  const answer = await headOf(hub, path, stop, headers, headTimeoutMs);
  if (answer.statusCode === 200) return answer;
  throw refusal(hub, answer.statusCode ?? 0, await errorOf(answer));
}

/** The same of a route that answers JSON. */
export async function askHubJson<T>(hub: HubAddress, path: string, stop: AbortSignal): Promise<T> {
  const answer = await askHub(hub, path, stop);
  try {
    return JSON.parse(Buffer.concat(await answer.toArray()).toString('utf8')) as T;
  } catch (cause) {
    if (stop.aborted) throw cause;
    throw cutOff(hub, cause);
  }
}

/** An answer that broke off. */
export function cutOff(hub: HubAddress, cause: unknown): CliError {
  return new CliError('HUB_CUT_OFF', `the hub at ${hub.url} broke off its answer`, {
    remedy: 'It may have been restarted: try again. Its log says more.',
    cause,
  });
}

function headOf(
  hub: HubAddress,
  path: string,
  stop: AbortSignal,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<IncomingMessage> {
  const url = new URL(path, hub.url);
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const outgoing = send(url, {
      headers: { authorization: `Bearer ${hub.token}`, accept: '*/*', ...headers },
      signal: stop,
      agent: false,
    });
    const timer = setTimeout(() => outgoing.destroy(new Error('it took too long')), timeoutMs);
    outgoing.on('response', (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    outgoing.on('error', (cause) => {
      clearTimeout(timer);
      reject(stop.aborted ? cause : unreachable(hub, cause));
    });
    outgoing.end();
  });
}

async function errorOf(answer: IncomingMessage): Promise<Partial<ApiError>> {
  let text = '';
  try {
    for await (const chunk of answer.setEncoding('utf8')) {
      text += chunk;
      if (text.length > MAX_ERROR_BYTES) break;
    }
    return (JSON.parse(text) ?? {}) as Partial<ApiError>;
  } catch {
    return {};
  }
}

function unreachable({ url }: HubAddress, cause: Error): CliError {
  return new CliError('HUB_UNREACHABLE', `no hub answers at ${url}`, {
    remedy: 'Is `remora tap` or `remora view` running? --url says where.',
    cause,
  });
}

function refusal(
  { url }: HubAddress,
  status: number,
  { code, message, remedy }: Partial<ApiError>,
): CliError {
  if (status === 401) {
    return new CliError('HUB_TOKEN', `the hub at ${url} does not take this token`, {
      remedy: 'Put the token of the page’s address (?token=...) into REMORA_TOKEN.',
    });
  }
  return new CliError(code ?? 'HUB_ANSWER', message ?? `the hub at ${url} answered ${status}`, {
    remedy,
    exit: status === 400 ? Exit.usage : Exit.failed,
  });
}
