import type { TargetReport } from '../../../flow/api.ts';
import type { TargetSpec } from '../../../flow/targets.ts';
import { HubError } from '../../errors.ts';
import type { ApiContext, TargetControl } from '../context.ts';
import { API_LIMITS } from '../limits.ts';
import { ref } from '../schema/build.ts';
import type { App } from '../type-provider.ts';
import { errorResponses } from './errors.ts';

/** Which pods are tapped. */
export function targetRoutes(app: App, { targets }: ApiContext): void {
  app.get(
    '/api/v1/targets',
    {
      schema: {
        summary: 'Which pods are tapped: what was asked for, and what matches it now.',
        tags: ['targets'],
        response: { 200: ref<TargetReport>('TargetReport'), ...errorResponses('NO_CLUSTER') },
      },
    },
    async (): Promise<TargetReport> => controlOf(targets).report(),
  );

  app.put(
    '/api/v1/targets',
    {
      bodyLimit: API_LIMITS.targetsBytes,
      schema: {
        summary: 'Taps other pods from now on, until the hub starts again.',
        description:
          'No capture is begun anew, and connections of pods that stay tapped have no hole. A wrong spec (TARGET_INVALID, with the place) changes nothing.',
        tags: ['targets'],
        body: ref<TargetSpec>('TargetSpec'),
        response: {
          200: ref<TargetReport>('TargetReport'),
          ...errorResponses('NO_CLUSTER', 'REQUEST_INVALID'),
        },
      },
    },
    async ({ body }): Promise<TargetReport> => {
      const control = controlOf(targets);
      control.retarget(body);
      return control.report();
    },
  );
}

function controlOf(targets: TargetControl | undefined): TargetControl {
  if (targets === undefined) throw new HubError('NO_CLUSTER');
  return targets;
}
