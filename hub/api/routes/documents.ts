import Type from 'typebox';
import type { Flow } from '../../../flow/flow.ts';
import { formatTime } from '../../../flow/time.ts';
import { IncidentFile } from '../../export/incident/incident.ts';
import { INCIDENT_LIMITS } from '../../export/incident/limits.ts';
import { ApiDescription } from '../../export/openapi/description.ts';
import { OPENAPI_LIMITS } from '../../export/openapi/limits.ts';
import { flowPages, type Selection } from '../../export/pages.ts';
import type { ApiContext } from '../context.ts';
import type { ExportSlots } from '../export-slots.ts';
import { goneSignal } from '../gone.ts';
import { API_LIMITS } from '../limits.ts';
import { filterProperty, progressProperty, rangeProperties } from '../schema/query.ts';
import { readRange, type TimeRange } from '../time-range.ts';
import type { App } from '../type-provider.ts';
import { errorResponses } from './errors.ts';

const ERRORS = errorResponses(
  'REQUEST_INVALID',
  'TIME_INVALID',
  'RANGE_EMPTY',
  'EXPORT_BUSY',
  'EXPORT_CANCELLED',
);
const PAGES = { limit: API_LIMITS.exportPageFlows, budgetMs: API_LIMITS.queryBudgetMs };

/** Of a note, in characters: it has to go into the address. */
const MAX_NOTE = 4000;
const OPENAPI = Type.Object(
  {
    openapi: Type.String(),
    info: Type.Unknown(),
    servers: Type.Array(Type.Unknown()),
    paths: Type.Unknown(),
    'x-remora': Type.Unknown({ description: 'What it was inferred from, and what was left out.' }),
  },
  { description: 'OpenAPI 3.1.' },
);

/** What is made of a selection as a whole, and not flow by flow. */
export function documentRoutes(app: App, context: ApiContext, slots: ExportSlots): void {
  openApiRoute(app, context, slots);
  incidentRoute(app, context, slots);
}

function openApiRoute(app: App, { store, clock, version }: ApiContext, slots: ExportSlots): void {
  app.get(
    '/api/v1/flows.openapi',
    {
      exposeHeadRoute: false,
      schema: {
        summary:
          'What the services of a selection offer, as OpenAPI 3.1 inferred from their requests and answers.',
        description:
          `Of the newest ${OPENAPI_LIMITS.flows} flows, as far as they can be read in ` +
          `${OPENAPI_LIMITS.timeMs / 1000} s. It has no captured values.`,
        tags: ['flows'],
        querystring: Type.Object(
          { filter: filterProperty, progress: progressProperty, ...rangeProperties },
          { additionalProperties: false },
        ),
        response: {
          200: OPENAPI,
          ...ERRORS,
        },
      },
    },
    async ({ query }, reply) => {
      const range = await readRange(query, clock);
      const selection: Selection = { filter: query.filter ?? '', ...range };
      const { job, giveBack } = slots.take(goneSignal(reply), query.progress);
      try {
        const description = new ApiDescription();
        const deadline = performance.now() + OPENAPI_LIMITS.timeMs;
        let partial = false;
        const paging = { ...PAGES, job };
        for await (const flows of flowPages(store, selection, paging)) {
          for (const flow of flows) description.add(flow);
          partial = description.flows >= OPENAPI_LIMITS.flows || performance.now() > deadline;
          if (partial) break;
        }
        return description.build({ version, filter: selection.filter, ...shown(range), partial });
      } finally {
        giveBack();
      }
    },
  );
}

/** The flows of a selection as a file for people who have no Remora. */
function incidentRoute(app: App, { store, clock, version }: ApiContext, slots: ExportSlots): void {
  app.get(
    '/api/v1/flows.html',
    {
      exposeHeadRoute: false,
      schema: {
        summary:
          'An incident file: one HTML file with map, flows and notes, which opens offline with nothing else.',
        description: `It has the newest ${INCIDENT_LIMITS.flows} flows, and says where there are more.`,
        tags: ['flows'],
        querystring: Type.Object(
          {
            filter: filterProperty,
            progress: progressProperty,
            ...rangeProperties,
            note: Type.Optional(
              Type.String({ maxLength: MAX_NOTE, description: 'What somebody has to say of it.' }),
            ),
          },
          { additionalProperties: false },
        ),
        response: {
          200: { description: 'A file to save.', content: { 'text/html': { schema: Type.String() } } },
          ...ERRORS,
        },
      },
    },
    async ({ query }, reply) => {
      const { filter = '', note = '' } = query;
      const selection: Selection = { filter, ...(await readRange(query, clock)) };
      const { job, giveBack } = slots.take(goneSignal(reply), query.progress);
      try {
        const file = new IncidentFile();
        const paging = { ...PAGES, job };
        await fill(file, flowPages(store, selection, paging));
        const madeAt = formatTime(await clock());
        // To be saved: it is no page of this hub.
        return reply
          .type('text/html; charset=utf-8')
          .header('content-disposition', 'attachment; filename="remora-incident.html"')
          .send(file.build({ version, madeAt, filter, note }));
      } finally {
        giveBack();
      }
    },
  );
}

async function fill(file: IncidentFile, pages: AsyncIterable<readonly Flow[]>): Promise<void> {
  for await (const flows of pages) {
    for (const flow of flows) if (!file.add(flow)) return;
  }
}

function shown({ from, to }: TimeRange): { from?: string; to?: string } {
  return {
    ...(from === undefined ? {} : { from: formatTime(from) }),
    ...(to === undefined ? {} : { to: formatTime(to) }),
  };
}
