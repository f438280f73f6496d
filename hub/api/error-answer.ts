import type { FastifyError } from 'fastify';
import type { ApiError } from '../../flow/api.ts';
import { FilterError } from '../../flow/filter.ts';
import { TargetError } from '../../flow/targets.ts';
import { HubError } from '../errors.ts';
import { StoreError } from '../store/error.ts';

export interface ErrorAnswer {
  status: number;
  body: ApiError;
}

/** Any error that left a route, as the answer to give. What is nobody's business (INTERNAL) stays in the log. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof HubError) return { status: error.status, body: error.toApiError() };
  if (error instanceof FilterError) {
    const { code, message, start, end } = error;
    return {
      status: 400,
      body: {
        code,
        message,
        remedy: 'See /api/v1/fields for the fields a filter may use.',
        position: { start, end },
      },
    };
  }
  if (error instanceof TargetError) {
    const { code, message, start, end } = error;
    const position = start < end ? { position: { start, end } } : {};
    return { status: 400, body: { code, message, ...position } };
  }
  if (error instanceof StoreError) {
    const { code, message } = error;
    return { status: code === 'STORE_INVALID' ? 400 : 503, body: { code, message } };
  }
  const { statusCode, message } = error as Partial<FastifyError>;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    const invalid = new HubError('REQUEST_INVALID', message, error);
    return { status: statusCode, body: invalid.toApiError() };
  }
  return { status: 500, body: new HubError('INTERNAL').toApiError() };
}
