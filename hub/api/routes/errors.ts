import type { ApiError } from '../../../flow/api.ts';
import { HUB_ERRORS, type HubErrorCode } from '../../errors.ts';
import { ref } from '../schema/build.ts';

/** The `response` part of a route's schema for the errors it gives: by status, with the codes named. */
export function errorResponses(...codes: HubErrorCode[]): Record<number, unknown> {
  const byStatus: Record<number, string[]> = {};
  const always: HubErrorCode[] = [
    'AUTH_REQUIRED',
    'AUTH_RATE_LIMITED',
    'HOST_NOT_ALLOWED',
    'ORIGIN_NOT_ALLOWED',
    'INTERNAL',
  ];
  for (const code of [...codes, ...always]) {
    const { status, message } = HUB_ERRORS[code];
    byStatus[status] ??= [];
    byStatus[status].push(`${code}: ${message}`);
  }
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, lines]) => [
      status,
      {
        description: lines.join('. '),
        content: { 'application/json': { schema: ref<ApiError>('ApiError') } },
      },
    ]),
  );
}
