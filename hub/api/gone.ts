import type { FastifyReply } from 'fastify';

/** Aborted once the connection that waits for this answer has ended: nobody looks at it any more. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (reply.raw.destroyed) gone.abort();
  else reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
