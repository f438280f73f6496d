import type { Flow } from '../flow.ts';
import { isSentAgain } from './request.ts';
import { shellQuote } from './shell.ts';

/**
 * The request as a curl command for a POSIX shell with ANSI-C quoting (bash, zsh, ksh). What was captured is hostile:
 * nothing of it can end its quotes, steer the terminal it is pasted into, name a file for curl to read, or leave HTTP.
 * Undefined where there is no request or its URL is not HTTP's.
 */
export function curlCommand(flow: Flow): string | undefined {
  const { request } = flow;
  if (request === undefined || !/^https?:\/\//i.test(request.url)) return undefined;
  const parts = ['curl --globoff --path-as-is'];
  if (request.method === 'HEAD') parts.push('--head');
  else if (request.method !== 'GET' || request.body?.text !== undefined)
    parts.push(`-X ${shellQuote(request.method)}`);
  parts.push(`--url ${shellQuote(request.url)}`);
  let compressed = false;
  for (const [name, value] of request.headers) {
    if (!isSentAgain(name)) continue;
    if (name.toLowerCase() === 'accept-encoding') compressed = true;
    // "Name;" is curl's way to send a field without a value.
    else parts.push(`-H ${shellQuote(value === '' ? `${name};` : `${name}: ${value}`)}`);
  }
  if (compressed) parts.push('--compressed');
  if (request.body?.text !== undefined) parts.push(`--data-raw ${shellQuote(request.body.text)}`);
  return parts.join(' \\\n  ');
}

/** What must be filled in by hand before the command does the same as the request did; empty: nothing. */
export function curlGaps(flow: Flow): string[] {
  const gaps: string[] = [];
  const command = curlCommand(flow) ?? '';
  if (command.includes('[REDACTED]')) gaps.push('Redacted values have to be put back');
  const body = flow.request?.body;
  if (body?.truncated !== undefined) gaps.push('The body is cut off');
  else if (body !== undefined && body.text === undefined) gaps.push('The body is left out');
  return gaps;
}
