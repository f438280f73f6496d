import { expect, test } from 'vitest';
import { parseLiveRequest } from './request.ts';

test.each([
  ['{"type":"next"}', { type: 'next' }],
  ['{"type":"subscribe","stream":"flows"}', { type: 'subscribe', stream: 'flows', filter: '', full: false }],
  [
    '{"type":"subscribe","stream":"flows","filter":"http","full":true}',
    { type: 'subscribe', stream: 'flows', filter: 'http', full: true },
  ],
  [
    '{"type":"subscribe","stream":"map","window":60}',
    { type: 'subscribe', stream: 'map', window: 60, level: 'workload' },
  ],
  [
    '{"type":"subscribe","stream":"map","window":60,"level":"pod"}',
    { type: 'subscribe', stream: 'map', window: 60, level: 'pod' },
  ],
])('%s', (text, request) => {
  expect(parseLiveRequest(text)).toEqual(request);
});

test.each([
  '',
  'null',
  '[]',
  '"next"',
  '{}',
  '{"type":"subscribe"}',
  '{"type":"subscribe","stream":"all"}',
  '{"type":"subscribe","stream":"flows","filter":1}',
  '{"type":"subscribe","stream":"flows","full":"yes"}',
  '{"type":"subscribe","stream":"map"}',
  '{"type":"subscribe","stream":"map","window":0}',
  '{"type":"subscribe","stream":"map","window":1e9}',
  '{"type":"subscribe","stream":"map","window":null}',
  '{"type":"subscribe","stream":"map","window":60,"level":"cluster"}',
  '{"type":"publish"}',
])('%s is refused', (text) => {
  expect(() => parseLiveRequest(text)).toThrow(expect.objectContaining({ code: 'LIVE_MESSAGE_INVALID' }));
});
