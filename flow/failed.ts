import type { Flow } from './flow.ts';

/** Whether an exchange failed: a 5xx answer, or none to what was asked. `status`: 0 where there is none. */
export function hasFailed(status: number, wasAsked: boolean): boolean {
  return status >= 500 || (status === 0 && wasAsked);
}

export function hasFlowFailed(flow: Pick<Flow, 'request' | 'response'>): boolean {
  const status = flow.response?.status ?? 0;
  // Of a stored flow the request is read when it is asked for: that takes long.
  return hasFailed(status, status === 0 && flow.request !== undefined);
}
