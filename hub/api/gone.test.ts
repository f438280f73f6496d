import { EventEmitter } from 'node:events';
import type { FastifyReply } from 'fastify';
import { expect, test } from 'vitest';
import { goneSignal } from './gone.ts';

function replyOn(connection: EventEmitter & { destroyed: boolean }): FastifyReply {
  return { raw: connection as unknown } as FastifyReply;
}

test('nobody waits any more once the connection has ended, also where that was before', () => {
  const connection = Object.assign(new EventEmitter(), { destroyed: false });
  const gone = goneSignal(replyOn(connection));
  expect(gone.aborted).toBe(false);
  connection.destroyed = true;
  connection.emit('close');
  expect(gone.aborted).toBe(true);
  expect(goneSignal(replyOn(connection)).aborted).toBe(true);
});
