import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Drive, type RecordedMessage } from '../dissect/drive.ts';
import { CORPORA, hasCorpora } from './corpora.ts';
import { type ExpectedMessage, type LlhttpCase, readLlhttpCases } from './llhttp-cases.ts';

/** Enough requests before a response case that every answer in it has one. */
const REQUESTS = 4;
const SEGMENTS = [0, 1, 7];

const cases = hasCorpora ? readLlhttpCases(join(CORPORA, 'llhttp')) : [];
const tally = { accepted: 0, rejected: 0 };

describe.skipIf(!hasCorpora)('the cases of llhttp in its default mode', () => {
  // The caller of llhttp may skip a request's body; on the wire nothing says so.
  const applicable = cases.filter(({ kind, skipBody }) => kind === 'response' || !skipBody);

  test.each(applicable.map((one) => [`${one.file}: ${one.title}`, one] as const))('%s', (_, one) => {
    for (const segment of SEGMENTS) {
      const messages = read(one, segment);
      if (one.error === undefined) expectSame(messages, one);
      else expectRejected(messages, one);
    }
    if (one.error === undefined) tally.accepted++;
    else tally.rejected++;
  });

  afterAll(() =>
    console.log(`llhttp: ${tally.accepted} accepted and ${tally.rejected} rejected as expected`),
  );
});

/** The messages of the direction in question, in the order of the stream. */
function read(one: LlhttpCase, segment: number): RecordedMessage[] {
  const drive = new Drive({ segment });
  if (one.kind === 'request') {
    drive.client(one.input).close('finished');
  } else {
    const request = one.skipBody ? 'HEAD / HTTP/1.1\r\n\r\n' : 'GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n';
    drive.client(request.repeat(REQUESTS)).server(one.input).close('finished');
  }
  const messages = drive.exchanges.flatMap(
    ({ request, response }) => (one.kind === 'request' ? request : response) ?? [],
  );
  return messages.sort((a, b) => a.stream[0] - b.stream[0]);
}

/** Interim answers are told by their status codes alone, so they are not among the messages. */
function shown({ messages }: LlhttpCase): ExpectedMessage[] {
  return messages.filter(
    ({ status, headComplete }) => headComplete && (status === 0 || status >= 200 || status === 101),
  );
}

function expectSame(messages: RecordedMessage[], one: LlhttpCase): void {
  const preface = one.messages.some(({ method }) => method === 'PRI');
  const expected = preface ? [] : shown(one);
  const whole = messages.filter(
    (message) => !(message.flags.includes('cut') && message.headers.length === 0),
  );
  expect(messages.filter(({ problem }) => problem !== '')).toEqual([]);
  for (const [i, { method, url, version, status, fields, body }] of expected.entries()) {
    const message = messages[i];
    expect(message, `message ${i}`).toBeDefined();
    expect(message.method).toBe(method);
    if (method !== '') expect(message.target).toBe(url);
    expect(`${Math.floor(message.version / 10)}.${message.version % 10}`).toBe(version);
    expect(message.status).toBe(status);
    expect([...message.headers, ...message.trailers]).toEqual(fields);
    expect(message.body).toBe(body);
    expect(message.bodySize).toBe(body.length);
  }
  expect(whole.length).toBeGreaterThanOrEqual(expected.filter(({ complete }) => complete).length);
}

/** The messages before the wrong one are as they should be; that one is marked, or not taken for a message at all. */
function expectRejected(messages: RecordedMessage[], one: LlhttpCase): void {
  const { offset } = one.error!;
  const wrong = messages.filter(({ stream }) => stream[0] < offset && offset <= stream[1]);
  for (const { problem } of wrong) expect(problem).not.toBe('');
  const before = messages.filter(({ stream }) => stream[1] < offset);
  const complete = one.messages.filter((message) => message.complete);
  expect(before.map(({ problem }) => problem)).toEqual(complete.map(() => ''));
  for (const [i, { method, url, body }] of complete.entries()) {
    expect(before[i].method).toBe(method);
    if (method !== '') expect(before[i].target).toBe(url);
    expect(before[i].body).toBe(body);
  }
}
