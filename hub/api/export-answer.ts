import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { ExportJob } from '../export/job.ts';

/**
 * Sends a file while it is made: the next piece when the client has taken the last. `ended` is called once, also where the client
 * goes before it has taken any. Where the job is cancelled before the first byte, that is the answer; later, the answer is cut off.
 */
export function sendExport(
  reply: FastifyReply,
  pieces: AsyncIterable<Uint8Array | string>,
  { signal }: ExportJob,
  ended: () => void,
): FastifyReply {
  const stream = Readable.from(pieces, { objectMode: false });
  const cancel = () => stream.destroy(signal.reason as Error);
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  stream.on('close', ended);
  return reply.send(stream);
}
