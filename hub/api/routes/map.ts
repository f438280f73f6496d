import Type from 'typebox';
import type { ServiceMap } from '../../../flow/api.ts';
import { HubError } from '../../errors.ts';
import type { ApiContext } from '../context.ts';
import { API_LIMITS } from '../limits.ts';
import { ref } from '../schema/build.ts';
import { rangeProperties } from '../schema/query.ts';
import { readRange } from '../time-range.ts';
import type { App } from '../type-provider.ts';
import { errorResponses } from './errors.ts';

export function mapRoutes(app: App, { store, clock }: ApiContext): void {
  app.get(
    '/api/v1/map',
    {
      schema: {
        summary: 'Who talked to whom in a range of time.',
        description: `Without \`to\` until now; without \`from\` the ${API_LIMITS.defaultMapSeconds} seconds before.`,
        tags: ['map'],
        querystring: Type.Object(rangeProperties, { additionalProperties: false }),
        response: {
          200: ref<ServiceMap>('ServiceMap'),
          ...errorResponses('REQUEST_INVALID', 'TIME_INVALID', 'RANGE_EMPTY'),
        },
      },
    },
    async ({ query }): Promise<ServiceMap> => {
      const range = await readRange(query, clock);
      const to = range.to ?? (await clock());
      const from = range.from ?? to - API_LIMITS.defaultMapSeconds * 1e6;
      if (from >= to) throw new HubError('RANGE_EMPTY');
      return store.map(from, to);
    },
  );
}
