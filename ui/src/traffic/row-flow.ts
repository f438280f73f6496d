import type { FlowRow } from '../../../flow/api.ts';
import type { Flow } from '../../../flow/flow.ts';

/** What a row tells of its flow, in the flow's form, so that the fields of flow/fields.ts can be read from it. */
export function rowFlow(row: FlowRow): Flow {
  const at = `${row.path}?`.indexOf('?');
  const path = row.path.slice(0, at);
  const query = row.path.slice(at + 1);
  return {
    ...{ id: row.id, time: row.time, node: row.node, src: row.src, dst: row.dst },
    protocol: { name: row.protocol, version: '' },
    ...(row.method === ''
      ? {}
      : {
          request: {
            ...{ method: row.method, target: row.path, url: `http://${row.host}${row.path}`, path },
            query: Object.fromEntries(new URLSearchParams(query)),
            ...{ host: row.host, headers: [], cookies: {}, bodySize: row.requestSize },
          },
        }),
    ...(row.status === 0
      ? {}
      : {
          response: {
            ...{ status: row.status, reason: '', headers: [], bodySize: row.responseSize },
            body: { mime: row.mime, withheld: 'policy' },
          },
        }),
    ...(row.elapsedMs === null ? {} : { elapsedMs: row.elapsedMs }),
    ...{ timing: {}, completeness: row.completeness, redacted: row.redacted },
    ...{ bytes: { request: 0, response: 0 }, fingerprint: '', connection: '' },
  };
}
