import type { IncomingHttpHeaders } from 'node:http';
import { ClusterError, type ClusterErrorCode } from '../error.ts';
import type { Resource } from './resources.ts';

/** What is asked of the API server, in the words of its roles. */
export interface Request {
  verb: 'list' | 'watch';
  resource: Resource;
  /** undefined: in all. */
  namespace: string | undefined;
}

/** What the API server says of its failures (its kind `Status`), as far as it matters. */
interface Status {
  code: number;
  message: string;
  /** s */
  retryAfterSeconds: number;
}

const TRANSIENT: readonly ClusterErrorCode[] = [
  'API_UNREACHABLE',
  'API_BUSY',
  'API_UNAUTHORIZED',
  'API_FORBIDDEN',
  'CREDENTIALS_FAILED',
  'KUBECONFIG_INVALID',
];

/** What an answer other than 200 means. `body`: as far as it was read. */
export function answerFailure(
  request: Request,
  statusCode: number,
  headers: IncomingHttpHeaders,
  body: string,
): ClusterError {
  const { message, retryAfterSeconds } = readStatus(parse(body));
  const asked = Number(headers['retry-after']);
  return failure(request, {
    code: statusCode,
    message: message || body.slice(0, 200),
    retryAfterSeconds: Number.isFinite(asked) ? asked : retryAfterSeconds,
  });
}

/** What the object of an ERROR event means: it comes in a watch whose answer was 200. */
export function eventFailure(request: Request, status: unknown): ClusterError {
  return failure(request, readStatus(status));
}

/** What it means that an answer cannot be read. */
export function invalidAnswer(request: Request, error: unknown): ClusterError {
  const message = `cannot ${describe(request)}: ${(error as Error).message}`;
  return new ClusterError('API_ANSWER_INVALID', message, error);
}

/** After these a version is still good to watch from, and a list can go on. After others the objects are listed anew. */
export function isTransient({ code }: ClusterError): boolean {
  return TRANSIENT.includes(code);
}

/** What it means that there is no answer, or not the whole of it. */
export function asClusterError(request: Request, error: unknown): ClusterError {
  if (error instanceof ClusterError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const why = message || code || String(error);
  return new ClusterError('API_UNREACHABLE', `cannot ${describe(request)}: ${why}`, error);
}

function failure(request: Request, { code, message, retryAfterSeconds }: Status): ClusterError {
  const cannot = `cannot ${describe(request)}: `;
  const said = `${code} ${message}`.trim();
  const retryAfter = Math.max(0, retryAfterSeconds) * 1000;
  switch (code) {
    case 401:
      return new ClusterError('API_UNAUTHORIZED', cannot + said);
    case 403:
      return new ClusterError('API_FORBIDDEN', cannot + said, undefined, { remedy: missingRight(request) });
    case 404:
      return new ClusterError('API_MISSING', cannot + said);
    case 410:
      return new ClusterError('API_EXPIRED', cannot + said);
    case 429:
    case 503:
    case 504:
      return new ClusterError('API_BUSY', cannot + said, undefined, { retryAfter });
    default:
      return new ClusterError('API_FAILED', cannot + said, undefined, { retryAfter });
  }
}

/** `list pods in the namespace shop` */
export function describe({ verb, resource, namespace }: Request): string {
  const where = namespace === undefined ? 'of the cluster' : `in the namespace ${namespace}`;
  return `${verb} the ${resource.plural} ${where}`;
}

function missingRight({ resource: { plural, group }, namespace }: Request): string {
  const inGroup = group === '' ? '' : ` (API group ${group})`;
  const role =
    namespace === undefined ? 'a ClusterRole' : `a Role or ClusterRole in the namespace ${namespace}`;
  const instead =
    namespace === undefined ? '; or tap chosen namespaces only, which takes no rights in the cluster' : '';
  return `Grant the hub's service account get, list and watch on ${plural}${inGroup} by ${role}${instead}.`;
}

function readStatus(value: unknown): Status {
  const { code, message, details } = fieldsOf(value);
  const { retryAfterSeconds } = fieldsOf(details);
  return {
    code: typeof code === 'number' ? code : 0,
    message: typeof message === 'string' ? message : '',
    retryAfterSeconds: typeof retryAfterSeconds === 'number' ? retryAfterSeconds : 0,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
