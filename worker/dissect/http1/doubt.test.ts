/** Answers of which it is not known whether they have a body, because their request is not. */
import { expect, test } from 'vitest';
import { Drive } from '../../../test/dissect/drive.ts';

test('one that is over as soon as its head is has the length of the head', () => {
  const drive = new Drive({ handshake: false });
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n';
  const before = 'HTTP/1.1 204 No Content\r\n\r\n';
  drive.server(before).client('something that is no request');
  // The client went on after the answer was sent, so it had it in full.
  drive.server(`${answer}noise`, 0).close('finished');
  const { stream, bodySize, times } = drive.exchanges[1]!.response!;
  expect([stream, bodySize]).toEqual([[before.length, before.length + answer.length], 0]);
  expect(times[1]).toBe(times[0]);
});
