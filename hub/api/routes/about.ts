import Type from 'typebox';
import type { Health } from '../../../flow/api.ts';
import { FIELDS, type Field } from '../../../flow/fields.ts';
import type { ApiContext } from '../context.ts';
import { METRICS_TYPE, renderMetrics } from '../metrics.ts';
import { ref } from '../schema/build.ts';
import type { App } from '../type-provider.ts';
import { errorResponses } from './errors.ts';

/** What the hub tells of itself. */
export function aboutRoutes(app: App, { health }: ApiContext): void {
  const fields = FIELDS.map(({ read: _, column: __, ...told }) => told);

  app.get(
    '/api/v1/health',
    {
      schema: {
        summary: 'How hub and workers are, in words and in numbers.',
        tags: ['hub'],
        response: { 200: ref<Health>('Health'), ...errorResponses() },
      },
    },
    () => health(),
  );

  app.get(
    '/api/v1/fields',
    {
      schema: {
        summary: 'The fields that filters may use.',
        tags: ['hub'],
        response: { 200: Type.Array(ref<Omit<Field, 'read'>>('Field')), ...errorResponses() },
      },
    },
    async () => fields,
  );

  app.get(
    '/metrics',
    {
      schema: {
        summary: 'All counters and limits of hub and workers for Prometheus.',
        tags: ['hub'],
        response: {
          200: {
            description: 'Prometheus text format 0.0.4.',
            content: { 'text/plain': { schema: Type.String() } },
          },
          ...errorResponses(),
        },
      },
    },
    async (_, reply) => reply.type(METRICS_TYPE).send(await renderMetrics(await health())),
  );

  app.get(
    '/api/v1/openapi.json',
    {
      schema: {
        summary: 'This document.',
        tags: ['hub'],
        response: {
          200: Type.Object({}, { additionalProperties: true, description: 'An OpenAPI 3.1 document.' }),
          ...errorResponses(),
        },
      },
    },
    async () => app.swagger(),
  );
}
