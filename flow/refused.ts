import type { Connection, Flow } from './flow.ts';

/**
 * A refused connection as a filter sees it: its ends, its time and its node, an error without an answer, and nothing of HTTP, whose
 * fields have the defaults of their types.
 */
export function refusedAsFlow({ id, node, src, dst, start }: Connection): Flow {
  return {
    ...{ id: '', time: start, node, src, dst, connection: id, fingerprint: '', redacted: 0 },
    ...{ timing: {}, completeness: ['complete'], bytes: { request: 0, response: 0 } },
    protocol: { name: 'tcp', version: '' },
    request: {
      ...{ method: '', target: '', url: '', path: '', query: {}, host: '', cookies: {}, bodySize: 0 },
      headers: [],
    },
  };
}
