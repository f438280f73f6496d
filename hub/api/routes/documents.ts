import Type from 'typebox';
import { formatTime } from '../../../flow/time.ts';
import { ApiDescription } from '../../export/openapi/description.ts';
import { OPENAPI_LIMITS } from '../../export/openapi/limits.ts';
import { flowPages, type Selection } from '../../export/pages.ts';
import type { ApiContext } from '../context.ts';
import type { ExportSlots } from '../export-slots.ts';
import { API_LIMITS } from '../limits.ts';
import { filterProperty, rangeProperties } from '../schema/query.ts';
import { readRange, type TimeRange } from '../time-range.ts';
import type { App } from '../type-provider.ts';
import { errorResponses } from './errors.ts';

const ERRORS = errorResponses('REQUEST_INVALID', 'TIME_INVALID', 'RANGE_EMPTY', 'EXPORT_BUSY');
const PAGES = { limit: API_LIMITS.exportPageFlows, budgetMs: API_LIMITS.queryBudgetMs };

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
export function documentRoutes(app: App, { store, clock, version }: ApiContext, slots: ExportSlots): void {
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
          { filter: filterProperty, ...rangeProperties },
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
      const giveBack = slots.take();
      try {
        const description = new ApiDescription();
        const deadline = performance.now() + OPENAPI_LIMITS.timeMs;
        let partial = false;
        for await (const flows of flowPages(store, selection, PAGES)) {
          if (reply.raw.destroyed) break;
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

function shown({ from, to }: TimeRange): { from?: string; to?: string } {
  return {
    ...(from === undefined ? {} : { from: formatTime(from) }),
    ...(to === undefined ? {} : { to: formatTime(to) }),
  };
}
