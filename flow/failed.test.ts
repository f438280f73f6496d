import { expect, test } from 'vitest';
import { hasFailed, hasFlowFailed } from './failed.ts';
import type { FlowRequest, FlowResponse } from './flow.ts';

test('what a server could not do, and what was asked for and got no answer', () => {
  expect([499, 500, 599].map((status) => hasFailed(status, true))).toEqual([false, true, true]);
  expect([hasFailed(0, true), hasFailed(0, false)]).toEqual([true, false]);
});

test('of a whole flow the same, and its request is not read where the answer says enough', () => {
  const answered = {
    response: { status: 200 } as FlowResponse,
    get request(): FlowRequest {
      throw new Error('read');
    },
  };
  expect(hasFlowFailed(answered)).toBe(false);
  expect(hasFlowFailed({ response: { status: 502 } as FlowResponse })).toBe(true);
  expect(hasFlowFailed({ request: {} as FlowRequest })).toBe(true);
  expect(hasFlowFailed({})).toBe(false);
});
