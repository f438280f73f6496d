import Type from 'typebox';
import type { ExportProgress } from '../../../flow/api.ts';
import { HubError } from '../../errors.ts';
import type { ExportSlots } from '../export-slots.ts';
import { ref } from '../schema/build.ts';
import { exportName } from '../schema/query.ts';
import type { App } from '../type-provider.ts';
import { errorResponses } from './errors.ts';

const NOT_RUNNING: ExportProgress = { running: false, flows: 0, since: null, searched: 0, packets: null };

/** What runs, for whoever waits for it: an answer that has not begun says nothing, and a browser cannot end it. */
export function runningExportRoutes(app: App, slots: ExportSlots): void {
  const params = Type.Object({ name: exportName });
  app.get(
    '/api/v1/exports/:name',
    {
      schema: {
        summary: 'How far an export is that was asked for with `progress`.',
        tags: ['flows'],
        params,
        response: {
          200: {
            description: 'Nothing is known of an export that does not run.',
            content: { 'application/json': { schema: ref<ExportProgress>('ExportProgress') } },
          },
          ...errorResponses('REQUEST_INVALID'),
        },
      },
    },
    async ({ params: { name } }) => slots.named(name)?.progress ?? NOT_RUNNING,
  );
  app.delete(
    '/api/v1/exports/:name',
    {
      schema: {
        summary: 'Ends an export that was asked for with `progress`.',
        description:
          'What has not begun is answered with EXPORT_CANCELLED; what has begun is cut off. Neither looks like a whole file.',
        tags: ['flows'],
        params,
        response: {
          204: { description: 'It ends.', type: 'null' },
          ...errorResponses('REQUEST_INVALID', 'EXPORT_NOT_FOUND'),
        },
      },
    },
    async ({ params: { name } }, reply) => {
      const job = slots.named(name);
      if (job === undefined) throw new HubError('EXPORT_NOT_FOUND');
      job.cancel();
      return reply.code(204).send();
    },
  );
}
