import Type from 'typebox';
import type { ConnectionPage } from '../../../flow/api.ts';
import type { Connection } from '../../../flow/flow.ts';
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

export function connectionRoutes(app: App, { store, clock }: ApiContext): void {
  app.get(
    '/api/v1/connections',
    {
      schema: {
        summary: 'Connections that were refused, newest first.',
        description:
          'No exchange tells of these: the server answered the first packet of the client with a reset. A filter sees their ends, ' +
          '`node_name` and `timestamp`, `error` as true, and nothing of HTTP. Without `to` until now; without `from` all there is.',
        tags: ['flows'],
        querystring: Type.Object(
          {
            refused: Type.Literal('true', { description: 'Other connections are found by their flows.' }),
            filter: filterProperty,
            ...rangeProperties,
            limit: Type.Optional(
              Type.Integer({
                minimum: 1,
                maximum: API_LIMITS.pageFlows,
                default: DEFAULT_PAGE,
                description: 'Connections, at most.',
              }),
            ),
          },
          { additionalProperties: false },
        ),
        response: {
          200: ref<ConnectionPage>('ConnectionPage'),
          ...errorResponses('REQUEST_INVALID', 'TIME_INVALID', 'RANGE_EMPTY'),
        },
      },
    },
    async ({ query }, reply): Promise<ConnectionPage> =>
      store.refused(
        {
          filter: query.filter ?? '',
          ...(await readRange(query, clock)),
          limit: query.limit ?? DEFAULT_PAGE,
          budgetMs: API_LIMITS.queryBudgetMs,
        },
        goneSignal(reply),
      ),
  );

  app.get(
    '/api/v1/connections/:id',
    {
      schema: {
        summary: 'The TCP connection a flow was on, or one that was refused.',
        tags: ['flows'],
        params: IdParams,
        response: {
          200: ref<Connection>('Connection'),
          ...errorResponses('CONNECTION_NOT_FOUND', 'REQUEST_INVALID'),
        },
      },
    },
    async ({ params }): Promise<Connection> => {
      const connection = await store.connection(params.id);
      if (connection === undefined) throw new HubError('CONNECTION_NOT_FOUND');
      return connection;
    },
  );
}
