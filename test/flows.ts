/** A flow as the hub hands it out, for tests of what is made of flows. */
import type { Flow, FlowRequest } from '../flow/flow.ts';

/** The plainest request there is, unanswered; with changes. */
export function plainFlow(request: Partial<FlowRequest> = {}, more: Partial<Flow> = {}): Flow {
  const end = { ip: '10.0.0.1', port: 80, name: 'a' };
  return {
    id: '1',
    time: '2026-01-01T00:00:00.000000Z',
    protocol: { name: 'http', version: '1.1' },
    node: 'n',
    src: end,
    dst: end,
    request: {
      method: 'GET',
      target: '/',
      url: 'http://a/',
      path: '/',
      query: {},
      host: 'a',
      headers: [],
      cookies: {},
      bodySize: 0,
      ...request,
    },
    timing: {},
    completeness: ['complete'],
    redacted: 0,
    bytes: { request: 0, response: 0 },
    fingerprint: '',
    connection: 'c',
    ...more,
  };
}
