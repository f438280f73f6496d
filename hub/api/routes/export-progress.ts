import Type from 'typebox';
import type { ExportProgress } from '../../../flow/api.ts';
import type { ExportSlots } from '../export-slots.ts';
import { ref } from '../schema/build.ts';
import { exportName } from '../schema/query.ts';
import type { App } from '../type-provider.ts';
import { errorResponses } from './errors.ts';

const NOT_RUNNING: ExportProgress = { running: false, flows: 0, since: null, searched: 0, packets: null };

/** How far an export is, for whoever waits for it: an answer that has not begun says nothing. */
export function exportProgressRoute(app: App, slots: ExportSlots): void {
  app.get(
    '/api/v1/exports/:name',
    {
      schema: {
        summary: 'How far an export is that was asked for with `progress`.',
        tags: ['flows'],
        params: Type.Object({ name: exportName }),
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
}
