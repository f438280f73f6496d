/** A captured request as one that can be sent again, to somewhere else. */

import { type Flow, type FlowRequest, REDACTED } from '../flow.ts';

/** Text with holes: what was redacted has a name that one can give it a value by. */
export type Text = readonly (string | { redacted: string })[];

export interface ReplayRequest {
  flow: Flow;
  method: string;
  /** Path and query (RFC 9112 §3.2.1): the target's address goes before it. */
  target: Text;
  headers: readonly (readonly [name: string, value: Text])[];
  body?: Text;
}

/** Whoever sends makes these anew, or they belong to the connection (RFC 9110 §7.6.1) and not to the request. */
const OF_CONNECTION = new Set([
  'host',
  'content-length',
  'connection',
  'transfer-encoding',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'proxy-connection',
  'proxy-authorization',
]);
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Whether a header field is part of the request wherever that is sent. */
export function isSentAgain(name: string): boolean {
  return TOKEN.test(name) && !OF_CONNECTION.has(name.toLowerCase());
}

/** The request of a flow; a string says why it cannot be sent again. */
export function replayRequest(flow: Flow): ReplayRequest | string {
  const { request } = flow;
  if (request === undefined) return 'the request was not seen';
  const { method, target, body } = request;
  if (!TOKEN.test(method) || method === 'CONNECT') return 'its method cannot be sent';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a request line ends where one of them stands
  if (!target.startsWith('/') || /[\u0000-\u0020\u007f]/.test(target)) return 'its target is no path';
  if (flow.completeness.includes('gap')) return 'a part of it was not captured';
  if (body !== undefined && (body.text === undefined || body.truncated !== undefined))
    return 'its body was not kept whole';
  return {
    flow,
    method,
    target: textOf(target, 'TARGET'),
    headers: sentAgain(request),
    ...(body?.text === undefined ? {} : { body: textOf(body.text, 'BODY') }),
  };
}

/** The names of all that is redacted in it, each once, in order. */
export function missingOf({ target, headers, body = [] }: ReplayRequest): string[] {
  const texts = [target, ...headers.map(([, value]) => value), body].flat();
  return [...new Set(texts.flatMap((piece) => (typeof piece === 'string' ? [] : piece.redacted)))];
}

/** With values in its holes; what has none stays redacted. */
export function filled(text: Text, values: ReadonlyMap<string, string>): string {
  return text
    .map((piece) => (typeof piece === 'string' ? piece : (values.get(piece.redacted) ?? REDACTED)))
    .join('');
}

function sentAgain({ headers, body }: FlowRequest): (readonly [string, Text])[] {
  return (
    headers
      .filter(([name]) => isSentAgain(name))
      // The body is kept decoded.
      .filter(([name]) => body?.encoding === undefined || name.toLowerCase() !== 'content-encoding')
      .map(([name, value]) => [name, textOf(value, name)] as const)
  );
}

/** What stands before a redacted value: a name, and what parts it from the value in JSON, a query, a cookie. */
const NAMED = /([\w.-]+)["']?\s*[=:]\s*["']?[^"'=:;,&{}[\]\s]*$/;

function textOf(text: string, place: string): Text {
  const parts = text.split(REDACTED);
  return parts.flatMap((part, at) => {
    const last = at === parts.length - 1;
    const hole = { redacted: variable(NAMED.exec(part.slice(-200))?.[1] ?? place) };
    return [...(part === '' ? [] : [part]), ...(last ? [] : [hole])];
  });
}

/** Never the name of a variable that means something to a shell. */
function variable(name: string): string {
  return `REDACTED_${
    name
      .replace(/[^A-Za-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .toUpperCase() || 'VALUE'
  }`;
}
