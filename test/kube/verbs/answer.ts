/** Writing answers. */

import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { ApiFailure } from '../status.ts';

/** Beyond this the server compresses, if the client takes gzip. */
const GZIP_FROM = 128 * 1024;

export function sendJson(
  response: ServerResponse,
  code: number,
  body: object | string,
  headers: Record<string, string> = {},
): void {
  const text = Buffer.from(typeof body === 'string' ? body : `${JSON.stringify(body)}\n`);
  const head = { 'cache-control': 'no-cache, private', 'content-type': 'application/json', ...headers };
  if (text.length > GZIP_FROM && /\bgzip\b/.test(String(response.req.headers['accept-encoding'] ?? ''))) {
    const packed = gzipSync(text, { level: 1 });
    response.writeHead(code, {
      ...head,
      'content-encoding': 'gzip',
      'content-length': packed.length,
      vary: 'Accept-Encoding',
    });
    response.end(packed);
    return;
  }
  response.writeHead(code, { ...head, 'content-length': text.length });
  response.end(text);
}

export function sendText(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, {
    'cache-control': 'no-cache, private',
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

export function sendFailure(response: ServerResponse, error: unknown): void {
  if (!(error instanceof ApiFailure)) throw error;
  if (response.headersSent) response.destroy();
  else sendJson(response, error.code, error.status, error.headers);
}
