import { expect, test } from 'vitest';
import type { Flow } from '../../../flow/flow.ts';
import { plainFlow } from '../../../test/flows.ts';
import { rawRequest, rawResponse } from './raw-http.ts';

const flow = plainFlow(
  {
    ...{ method: 'PUT', target: '/x?y', bodySize: 9 },
    headers: [
      ['host', 'a'],
      ['X-a', '1'],
      ['X-a', '2'],
    ],
    trailers: [['X-End', 'yes']],
    body: { mime: 'text/plain', text: 'hello', truncated: 4 },
  },
  {
    response: {
      ...{ status: 200, reason: '', interim: [100], headers: [], bodySize: 12 },
      body: { mime: 'image/png', withheld: 'binary' },
    },
  },
);

test('order, case and repetition of fields are as sent', () => {
  expect(rawRequest(flow)).toBe(
    'PUT /x?y HTTP/1.1\nhost: a\nX-a: 1\nX-a: 2\n\nhello\n[4 octets more]\n\nX-End: yes\n',
  );
});

test('interim answers come first, and what is not shown is said', () => {
  expect(rawResponse(flow)).toBe('HTTP/1.1 100\n\nHTTP/1.1 200\n\n[12 octets of image/png not shown]');
});

test('what was not seen is not made up', () => {
  expect(rawRequest({ ...flow, request: undefined } as unknown as Flow)).toBeUndefined();
  expect(rawResponse({ ...flow, response: undefined } as unknown as Flow)).toBeUndefined();
});
