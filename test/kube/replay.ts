/** The recorded requests of a real API server, asked again of this one, and both answers made comparable. */

import { existsSync, readFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { join } from 'node:path';
import { CORPORA } from '../conformance/corpora.ts';
import type { KubeServer } from './server.ts';
import { asList, isObject, type Json, type KubeObject } from './types.ts';

const FOLDER = join(CORPORA, 'kubernetes', 'api');

export const isRecorded = existsSync(join(FOLDER, 'index.json'));

export interface Recorded {
  file: string;
  request: {
    method: string;
    path: string;
    query: string;
    as: string;
    headers: Record<string, string>;
    body?: unknown;
  };
  status: number;
  responseHeaders: Record<string, string>;
}

export interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  body: string;
}

export function recordings(): Map<string, Recorded> {
  const index = JSON.parse(readFileSync(join(FOLDER, 'index.json'), 'utf8')) as Recorded[];
  return new Map(index.map((entry) => [entry.file, entry]));
}

export function recordedBody(file: string): string {
  return readFileSync(join(FOLDER, file), 'utf8');
}

/** The objects of a recorded list, with the kind that its items leave out. */
export function recordedObjects(file: string): KubeObject[] {
  const list = JSON.parse(recordedBody(file)) as { kind: string; apiVersion: string; items: KubeObject[] };
  return list.items.map((item) => ({
    ...item,
    kind: list.kind.replace(/List$/, ''),
    apiVersion: list.apiVersion,
  }));
}

/** The users of the recordings. */
const WHO: [RegExp, string | undefined][] = [
  [/^admin/, 'admin'],
  [/limited/, 'access:limited'],
  [/invalid/, 'invalid'],
  [/./, undefined],
];

/** Asks again what was asked then. `change` puts in what cannot be the same: tokens. */
export async function replay(
  kube: KubeServer,
  { request }: Recorded,
  change: { query?: string; body?: string } = {},
): Promise<Answer> {
  const { method, path, query, headers, body, as } = request;
  const user = WHO.find(([pattern]) => pattern.test(as))![1];
  const token = user === 'invalid' ? 'not.a.token' : user && kube.token(user);
  const wanted = change.query ?? query;
  const sent = change.body ?? (typeof body === 'string' ? body : body && JSON.stringify(body));
  const options = {
    method,
    path: wanted ? `${path}?${wanted}` : path,
    headers: {
      'user-agent': 'corpus-recorder/1.0',
      ...headers,
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(typeof sent === 'string' ? { 'content-length': Buffer.byteLength(sent) } : {}),
    },
    agent: false as const,
  };
  return await new Promise((resolve, reject) => {
    const asked = requestHttp(kube.url, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => {
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, headers: headers as Answer['headers'], body: text });
      });
    });
    asked.on('error', reject);
    asked.end(sent);
  });
}

/** The headers that clients act upon. */
const HEADERS = ['content-type', 'cache-control', 'x-content-type-options', 'retry-after', 'warning'];

export function telling(headers: Record<string, string | undefined>): Json {
  return Object.fromEntries(
    HEADERS.filter((name) => headers[name] !== undefined).map((name) => [name, headers[name]]),
  );
}

/** What no two clusters have in common: versions, identities, times, tokens. */
const VARIABLE = [
  'resourceVersion',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'time',
  'token',
  'serverAddress',
  'storageVersionHash',
  'gitCommit',
  'lastTransitionTime',
];

/** A body with everything variable blanked; text that is no JSON stays. */
export function comparable(body: string): unknown {
  try {
    return blank(JSON.parse(body));
  } catch {
    return body;
  }
}

function blank(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(blank);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (name === 'continue') return [name, startOf(String(member))];
      if (name === 'managedFields') return [name, applied(member)];
      if (VARIABLE.includes(name) && typeof member !== 'object') return [name, '…'];
      return [name, blank(member)];
    }),
  );
}

/** Where a continue token begins. */
function startOf(token: string): unknown {
  return (JSON.parse(Buffer.from(token, 'base64url').toString()) as Json)['start'];
}

/** Who applied what. What updates own depends on how Go keeps empty members: not held against this server. */
function applied(entries: unknown): unknown {
  return (
    asList(entries)
      .filter(({ operation }) => operation === 'Apply')
      .map(({ manager, fieldsV1 }) => ({ manager, fieldsV1 }))
      // Their order is by seconds.
      .sort((a, b) => (String(a.manager) < String(b.manager) ? -1 : 1))
  );
}
