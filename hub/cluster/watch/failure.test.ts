import { expect, test } from 'vitest';
import { hasClusterCaptures, readApiAnswer } from '../../../test/kubernetes/captures.ts';
import { answerFailure, asClusterError, eventFailure, isTransient, type Request } from './failure.ts';
import { IN_CLUSTER, IN_NAMESPACES } from './resources.ts';

const pods: Request = { verb: 'list', resource: IN_NAMESPACES[0], namespace: undefined };
const nodes: Request = { verb: 'watch', resource: IN_CLUSTER[0], namespace: undefined };

const status = (code: number, message: string, details = {}) =>
  JSON.stringify({ kind: 'Status', status: 'Failure', code, message, details });

test.each([
  [401, 'API_UNAUTHORIZED', true],
  [403, 'API_FORBIDDEN', true],
  [404, 'API_MISSING', false],
  [410, 'API_EXPIRED', false],
  [429, 'API_BUSY', true],
  [503, 'API_BUSY', true],
  [504, 'API_BUSY', true],
  [500, 'API_FAILED', false],
  [400, 'API_FAILED', false],
  [302, 'API_FAILED', false],
])('status %i is %s', (code, expected, transient) => {
  const failure = answerFailure(pods, code, {}, status(code, 'the words of the server'));
  expect(failure.code).toBe(expected);
  expect(failure.message).toBe(`cannot list the pods of the cluster: ${code} the words of the server`);
  expect(failure.remedy).not.toBe('');
  expect(isTransient(failure)).toBe(transient);
});

test('the server says when to come back: by its header, or in its words', () => {
  const asked = { 'retry-after': '7' };
  expect(answerFailure(pods, 429, asked, 'Too many requests').retryAfter).toBe(7000);
  expect(answerFailure(pods, 503, {}, status(503, '', { retryAfterSeconds: 3 })).retryAfter).toBe(3000);
  expect(answerFailure(pods, 429, { 'retry-after': '-1' }, '').retryAfter).toBe(0);
  expect(answerFailure(pods, 429, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, '').retryAfter).toBe(0);
});

test('an answer that is no Status is quoted, but not at length', () => {
  const { message } = answerFailure(pods, 502, {}, `<html>${'x'.repeat(10_000)}`);
  expect(message).toMatch(/^cannot list the pods of the cluster: 502 <html>x/);
  expect(message.length).toBeLessThan(300);
});

test.each([undefined, null, 'text', 42, {}, { code: '410' }])(
  'an ERROR event of %j is a failure',
  (object) => {
    expect(eventFailure(nodes, object).code).toBe('API_FAILED');
  },
);

test('failures to connect say why', () => {
  const refused = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
  const failure = asClusterError(nodes, refused);
  expect(failure.code).toBe('API_UNREACHABLE');
  expect(failure.message).toBe('cannot watch the nodes of the cluster: ECONNREFUSED');
  expect(asClusterError(nodes, failure)).toBe(failure);
});

test.runIf(hasClusterCaptures)('what a real API server says', () => {
  const event = (name: string) => JSON.parse(readApiAnswer(name)) as { object: unknown };
  expect(eventFailure(pods, event('410-watch-old-rv.ndjson').object).code).toBe('API_EXPIRED');
  expect(eventFailure(pods, event('410-watch-old-rv-bookmarks.ndjson').object).code).toBe('API_EXPIRED');
  const expired = answerFailure(pods, 410, {}, readApiAnswer('410-continue-expired.json'));
  expect(expired.message).toContain('too old to display a consistent list');
  expect(answerFailure(pods, 504, {}, readApiAnswer('list-future-rv-504.json')).retryAfter).toBe(1000);
  const forbidden = answerFailure(nodes, 403, {}, readApiAnswer('403-list-nodes.json'));
  expect(forbidden.message).toContain('system:serviceaccount:access:limited');
});
