import type {
  ApiError,
  ConnectionPage,
  ExportProgress,
  FlowPage,
  Health,
  LatencyHistory,
  MapLevel,
  PacketEstimate,
  ServiceMap,
  Summary,
} from '../../../flow/api.ts';
import type { Connection, Flow } from '../../../flow/flow.ts';

/** A request to the hub that gave no answer to show. `status` 0: the hub could not be reached. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly detail: ApiError;

  constructor(status: number, detail: ApiError, cause?: unknown) {
    super(detail.message, { cause });
    this.name = 'ApiFailure';
    this.status = status;
    this.detail = detail;
  }

  get unauthorized(): boolean {
    return this.status === 401 || this.status === 403;
  }

  get unreachable(): boolean {
    return this.status === 0;
  }
}

/** Longer than the hub's own limit for a search; past it the hub is as good as gone. */
const TIMEOUT_MS = 30_000;

function isApiError(value: unknown): value is ApiError {
  return (
    typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
  );
}

type Query = Record<string, string | number | undefined>;

function address(path: string, query: Query): URL {
  const url = new URL(`api/v1/${path}`, document.baseURI);
  url.search = '';
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') url.searchParams.set(name, String(value));
  }
  return url;
}

/** `undefined` where there is nothing in the answer. */
async function ask(
  method: 'GET' | 'DELETE',
  path: string,
  query: Query = {},
  signal?: AbortSignal,
): Promise<unknown> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(address(path, query), {
      method,
      headers: { accept: 'application/json' },
      credentials: 'same-origin',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    body = await response.json().catch(() => undefined);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiFailure(0, { code: 'UNREACHABLE', message: 'The hub does not answer.' }, cause);
  }
  if (response.ok && (body !== undefined || response.status === 204)) return body;
  throw new ApiFailure(
    response.status,
    isApiError(body)
      ? body
      : { code: 'BAD_ANSWER', message: `The hub answered ${response.status} ${response.statusText}`.trim() },
  );
}

async function get<T>(...request: [path: string, query?: Query, signal?: AbortSignal]): Promise<T> {
  return (await ask('GET', ...request)) as T;
}

export interface FlowsQuery {
  filter?: string | undefined;
  /** RFC 3339. `to` is exclusive. */
  from?: string | undefined;
  to?: string | undefined;
  before?: string | undefined;
  limit?: number | undefined;
  /** ms after which the answer has what was found until then. */
  budget?: number | undefined;
}

export interface MapQuery {
  /** RFC 3339. `to` is exclusive. */
  from: string;
  to: string;
  level: MapLevel;
}

/** All reject with ApiFailure, or with the signal's reason once it is aborted. */
export const api = {
  flows: (query: FlowsQuery, signal?: AbortSignal): Promise<FlowPage> => get('flows', { ...query }, signal),
  flow: (id: string, signal?: AbortSignal): Promise<Flow> =>
    get(`flows/${encodeURIComponent(id)}`, {}, signal),
  connection: (id: string, signal?: AbortSignal): Promise<Connection> =>
    get(`connections/${encodeURIComponent(id)}`, {}, signal),
  /** Connections that were refused, newest first. */
  refused: (query: FlowsQuery, signal?: AbortSignal): Promise<ConnectionPage> =>
    get('connections', { ...query, refused: 'true' }, signal),
  map: (query: MapQuery, signal?: AbortSignal): Promise<ServiceMap> => get('map', { ...query }, signal),
  latencies: (
    query: MapQuery & { src?: string | undefined; dst?: string | undefined },
    signal?: AbortSignal,
  ): Promise<LatencyHistory> => get('map/latencies', { ...query }, signal),
  summary: (query: FlowsQuery, signal?: AbortSignal): Promise<Summary> =>
    get('summary', { ...query }, signal),
  /** How much an export of packets would be. */
  packets: (query: Record<string, string>, signal?: AbortSignal): Promise<PacketEstimate> =>
    get('flows.pcapng', { ...query, estimate: 'true' }, signal),
  exportProgress: (name: string, signal?: AbortSignal): Promise<ExportProgress> =>
    get(`exports/${encodeURIComponent(name)}`, {}, signal),
  /** Rejects with EXPORT_NOT_FOUND where it has ended by itself. */
  cancelExport: async (name: string): Promise<void> => {
    await ask('DELETE', `exports/${encodeURIComponent(name)}`);
  },
  health: (signal?: AbortSignal): Promise<Health> => get('health', {}, signal),
};
