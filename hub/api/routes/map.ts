import Type from 'typebox';
import { type LatencyHistory, MAP_LEVELS, type ServiceMap } from '../../../flow/api.ts';
import { HubError } from '../../errors.ts';
import type { ApiContext } from '../context.ts';
import { API_LIMITS } from '../limits.ts';
import { oneOf, ref, text } from '../schema/build.ts';
import { rangeProperties } from '../schema/query.ts';
import { readRange } from '../time-range.ts';
import type { App } from '../type-provider.ts';
import { errorResponses } from './errors.ts';

const mapProperties = {
  ...rangeProperties,
  level: Type.Optional(oneOf(MAP_LEVELS, 'What the nodes are; workload, if it is left out.')),
};
const errors = errorResponses('REQUEST_INVALID', 'TIME_INVALID', 'RANGE_EMPTY');

export function mapRoutes(app: App, { store, clock }: ApiContext): void {
  app.get(
    '/api/v1/map',
    {
      schema: {
        summary: 'Who talked to whom in a range of time.',
        description: `Without \`to\` until now; without \`from\` the ${API_LIMITS.defaultMapSeconds} seconds before.`,
        tags: ['map'],
        querystring: Type.Object(mapProperties, { additionalProperties: false }),
        response: {
          200: ref<ServiceMap>('ServiceMap'),
          ...errors,
        },
      },
    },
    async ({ query }): Promise<ServiceMap> =>
      store.map({ ...(await mapRange(query, clock)), level: query.level ?? 'workload' }),
  );
  app.get(
    '/api/v1/map/latencies',
    {
      schema: {
        summary: 'How long requests took, over time, between nodes of the map.',
        description:
          'Of the edges from `src` to `dst`; of all where one is left out. The range is as of the map.',
        tags: ['map'],
        querystring: Type.Object(
          {
            ...mapProperties,
            src: Type.Optional(text('MapNode.id of the client, at this level.')),
            dst: Type.Optional(text('MapNode.id of the server, at this level.')),
          },
          { additionalProperties: false },
        ),
        response: { 200: ref<LatencyHistory>('LatencyHistory'), ...errors },
      },
    },
    async ({ query }): Promise<LatencyHistory> => {
      const { src, dst, level = 'workload' } = query;
      return store.latencies({
        ...(await mapRange(query, clock)),
        level,
        ...(src !== undefined && { src }),
        ...(dst !== undefined && { dst }),
      });
    },
  );
}

/** µs. What is yet to come is no part of it: rates are over the time there is. */
async function mapRange(
  query: { from?: string; to?: string },
  clock: ApiContext['clock'],
): Promise<{ from: number; to: number }> {
  const range = await readRange(query, clock);
  const now = await clock();
  const to = Math.min(range.to ?? now, now);
  const from = range.from ?? to - API_LIMITS.defaultMapSeconds * 1e6;
  if (from >= to) throw new HubError('RANGE_EMPTY');
  return { from, to };
}
