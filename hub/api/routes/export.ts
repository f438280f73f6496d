import Type from 'typebox';
import type { Flow } from '../../../flow/flow.ts';
import { CSV } from '../../export/csv.ts';
import type { ExportFormat } from '../../export/format.ts';
import { har } from '../../export/har.ts';
import { NDJSON } from '../../export/ndjson.ts';
import { flowPages, type Selection } from '../../export/pages.ts';
import type { ApiContext } from '../context.ts';
import { sendExport } from '../export-answer.ts';
import type { ExportSlots } from '../export-slots.ts';
import { goneSignal } from '../gone.ts';
import { API_LIMITS } from '../limits.ts';
import { filterProperty, progressProperty, rangeProperties } from '../schema/query.ts';
import { readRange } from '../time-range.ts';
import type { App } from '../type-provider.ts';
import { errorResponses } from './errors.ts';

const PAGES = { limit: API_LIMITS.exportPageFlows, budgetMs: API_LIMITS.queryBudgetMs };
const HAR = Type.Object({ log: Type.Unknown({ description: 'HAR 1.2.' }) });

/** `/api/v1/flows.NAME` for each format. */
export function exportRoutes(app: App, { store, clock, version }: ApiContext, slots: ExportSlots): void {
  for (const format of [NDJSON, har(version), CSV]) {
    app.get(
      `/api/v1/flows.${format.name}`,
      {
        // The length of an export is not known before it has been made.
        exposeHeadRoute: false,
        schema: {
          summary: `All stored flows of a range, newest first: ${format.description}.`,
          tags: ['flows'],
          querystring: Type.Object(
            { filter: filterProperty, progress: progressProperty, ...rangeProperties },
            { additionalProperties: false },
          ),
          response: {
            200: {
              description: 'Flows. An answer that is cut off has no end in HTTP either (chunked).',
              content: {
                [format.mediaType]: { schema: format.mediaType === 'application/json' ? HAR : Type.String() },
              },
            },
            ...errorResponses(
              'REQUEST_INVALID',
              'TIME_INVALID',
              'RANGE_EMPTY',
              'EXPORT_BUSY',
              'EXPORT_CANCELLED',
            ),
          },
        },
      },
      async ({ query }, reply) => {
        const range = await readRange(query, clock);
        const { job, giveBack } = slots.take(goneSignal(reply), query.progress);
        const selection: Selection = { filter: query.filter ?? '', ...range };
        const pages = flowPages(store, selection, { ...PAGES, job });
        return sendExport(reply.type(format.mediaType), exported(format, pages), job, giveBack);
      },
    );
  }
}

/** A chunk a page, if there is anything in it. The stream asks for the next when the client has taken the last. */
async function* exported(
  format: ExportFormat,
  pages: AsyncIterable<readonly Flow[]>,
): AsyncGenerator<string> {
  if (format.head !== '') yield format.head;
  let separator = '';
  for await (const flows of pages) {
    if (flows.length === 0) continue;
    yield separator + flows.map((flow) => format.flow(flow)).join(format.separator);
    separator = format.separator;
  }
  if (format.foot !== '') yield format.foot;
}
