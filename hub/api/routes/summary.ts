import Type from 'typebox';
import type { Summary } from '../../../flow/api.ts';
import { HubError } from '../../errors.ts';
import type { ApiContext } from '../context.ts';
import { goneSignal } from '../gone.ts';
import { API_LIMITS } from '../limits.ts';
import { ref } from '../schema/build.ts';
import { filterProperty, rangeProperties } from '../schema/query.ts';
import { readRange } from '../time-range.ts';
import type { App } from '../type-provider.ts';
import { errorResponses } from './errors.ts';

export function summaryRoutes(app: App, { store, clock }: ApiContext): void {
  app.get(
    '/api/v1/summary',
    {
      schema: {
        summary:
          'What the flows of a range are made of: rate over time, errors, latencies, frequent values, endpoints.',
        description: `Without \`to\` until now; without \`from\` all there is. After ${API_LIMITS.queryBudgetMs} ms it is of the newest flows alone: see \`since\`.`,
        tags: ['flows'],
        querystring: Type.Object(
          { filter: filterProperty, ...rangeProperties },
          { additionalProperties: false },
        ),
        response: {
          200: ref<Summary>('Summary'),
          ...errorResponses('REQUEST_INVALID', 'TIME_INVALID', 'RANGE_EMPTY'),
        },
      },
    },
    async ({ query }, reply): Promise<Summary> => {
      const range = await readRange(query, clock);
      const to = range.to ?? (await clock());
      const from = range.from ?? Math.min((await store.stats()).oldest ?? to, to - 1);
      if (from >= to) throw new HubError('RANGE_EMPTY');
      return store.summary(
        { filter: query.filter ?? '', from, to, budgetMs: API_LIMITS.queryBudgetMs },
        goneSignal(reply),
      );
    },
  );
}
