import type { Connection, Flow, FlowRequest } from './flow.ts';

const NOTHING_ASKED: FlowRequest = {
  method: '',
  target: '',
  url: '',
  path: '',
  query: {},
  host: '',
  headers: [],
  cookies: {},
  bodySize: 0,
};

/**
 * A refused connection as a filter sees it: its ends, its time and its node, an error without an answer, and nothing of HTTP, whose
 * fields have the defaults of their types.
 */
export function refusedAsFlow({
  id,
  node,
  src,
  dst,
  start,
}: Pick<Connection, 'id' | 'node' | 'src' | 'dst' | 'start'>): Flow {
  return {
    id: '',
    time: start,
    protocol: { name: 'tcp', version: '' },
    node,
    src,
    dst,
    request: NOTHING_ASKED,
    timing: {},
    completeness: ['complete'],
    redacted: 0,
    bytes: { request: 0, response: 0 },
    fingerprint: '',
    connection: id,
  };
}
