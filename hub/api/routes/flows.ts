import Type from 'typebox';
import type { FlowPage } from '../../../flow/api.ts';
import type { Flow } from '../../../flow/flow.ts';
import { formatTime } from '../../../flow/time.ts';
import { HubError } from '../../errors.ts';
import type { ApiContext } from '../context.ts';
import { goneSignal } from '../gone.ts';
import { API_LIMITS } from '../limits.ts';
import { ref } from '../schema/build.ts';
import { filterProperty, IdParams, rangeProperties } from '../schema/query.ts';
import { readRange } from '../time-range.ts';
import type { App } from '../type-provider.ts';
import { errorResponses } from './errors.ts';

const DEFAULT_PAGE = 100;

export function flowRoutes(app: App, { store, clock }: ApiContext): void {
  app.get(
    '/api/v1/flows',
    {
      schema: {
        summary: 'Stored flows, newest first, a page at a time.',
        tags: ['flows'],
        querystring: Type.Object(
          {
            filter: filterProperty,
            ...rangeProperties,
            before: Type.Optional(Type.String({ maxLength: 256, description: '`next` of the page before.' })),
            limit: Type.Optional(
              Type.Integer({
                minimum: 1,
                maximum: API_LIMITS.pageFlows,
                default: DEFAULT_PAGE,
                description: 'Flows of the page.',
              }),
            ),
            budget: Type.Optional(
              Type.Integer({
                minimum: 1,
                maximum: API_LIMITS.queryBudgetMs,
                default: API_LIMITS.queryBudgetMs,
                description:
                  'After so many ms the answer has what was found until then. The search ends when the connection does.',
              }),
            ),
          },
          { additionalProperties: false },
        ),
        response: {
          200: ref<FlowPage>('FlowPage'),
          ...errorResponses('REQUEST_INVALID', 'TIME_INVALID', 'RANGE_EMPTY'),
        },
      },
    },
    async ({ query }, reply): Promise<FlowPage> => {
      const range = await readRange(query, clock);
      const { rows, since, ...rest } = await store.flows(
        {
          filter: query.filter ?? '',
          ...range,
          ...(query.before === undefined ? {} : { before: query.before }),
          limit: query.limit ?? DEFAULT_PAGE,
          budgetMs: query.budget ?? API_LIMITS.queryBudgetMs,
        },
        goneSignal(reply),
      );
      return { flows: rows, ...rest, since: since === null ? null : formatTime(since) };
    },
  );

  app.get(
    '/api/v1/flows/:id',
    {
      schema: {
        summary: 'One flow, whole.',
        tags: ['flows'],
        params: IdParams,
        response: { 200: ref<Flow>('Flow'), ...errorResponses('FLOW_NOT_FOUND', 'REQUEST_INVALID') },
      },
    },
    async ({ params }): Promise<Flow> => {
      const flow = await store.flow(params.id);
      if (flow === undefined) throw new HubError('FLOW_NOT_FOUND');
      return flow;
    },
  );
}
