import { Readable } from 'node:stream';
import Type from 'typebox';
import type { Flow } from '../../../flow/flow.ts';
import { HubError } from '../../errors.ts';
import type { FlowQuery, Store } from '../../store/store.ts';
import type { ApiContext } from '../context.ts';
import { API_LIMITS } from '../limits.ts';
import { filterProperty, rangeProperties } from '../schema/query.ts';
import { readRange } from '../time-range.ts';
import type { App } from '../type-provider.ts';
import { errorResponses } from './errors.ts';

export function exportRoutes(app: App, { store, clock }: ApiContext): void {
  let running = 0;
  app.get(
    '/api/v1/flows.ndjson',
    {
      // The length of an export is not known before it has been made.
      exposeHeadRoute: false,
      schema: {
        summary: 'All stored flows of a range, whole, newest first: a JSON object a line.',
        tags: ['flows'],
        querystring: Type.Object(
          { filter: filterProperty, ...rangeProperties },
          { additionalProperties: false },
        ),
        response: {
          200: {
            description: 'Flows. An answer that is cut off has no end in HTTP either (chunked).',
            content: { 'application/x-ndjson': { schema: Type.String() } },
          },
          ...errorResponses('REQUEST_INVALID', 'TIME_INVALID', 'RANGE_EMPTY', 'EXPORT_BUSY'),
        },
      },
    },
    async ({ query }, reply) => {
      const range = await readRange(query, clock);
      if (running >= API_LIMITS.exports) throw new HubError('EXPORT_BUSY');
      running++;
      const lines = Readable.from(exportLines(store, { filter: query.filter ?? '', ...range }), {
        objectMode: false,
      });
      lines.on('close', () => {
        running--;
      });
      return reply.type('application/x-ndjson').send(lines);
    },
  );
}

/** A chunk of lines a page. The stream asks for the next when the client has taken the last. */
async function* exportLines(
  store: Store,
  query: Pick<FlowQuery, 'filter' | 'from' | 'to'>,
): AsyncGenerator<string> {
  let before: string | null = null;
  do {
    const cursor: Pick<FlowQuery, 'before'> = before === null ? {} : { before };
    const page: { flows: Flow[]; next: string | null } = await store.fullFlows({
      ...query,
      ...cursor,
      limit: API_LIMITS.exportPageFlows,
      budgetMs: API_LIMITS.queryBudgetMs,
    });
    if (page.flows.length > 0) yield page.flows.map((flow) => `${JSON.stringify(flow)}\n`).join('');
    before = page.next;
  } while (before !== null);
}
