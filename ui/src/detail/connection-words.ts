import type { Connection } from '../../../flow/flow.ts';
import { duration } from '../lib/format.ts';

const ENDINGS: Record<string, string> = {
  fin: 'in good order (FIN)',
  rst: 'by a reset (RST): the other side was cut off',
};
const WITHOUT_CLOSER: Record<string, string> = {
  idle: 'It was silent for so long that it is taken for dead.',
  reused: 'Its addresses and ports were taken by a new connection before its end was seen.',
  evicted: 'It was let go to keep within the limit of connections; more of it may have followed.',
  finished: 'It was open when the capture ended.',
  open: 'It is still open, as far as known.',
};

/** Whether a reset was all that the server sent (RFC 9293 §3.10.7.1). */
function isRefused({ closed, closedBy, handshakeMs, client, server }: Connection): boolean {
  const isEmpty = client.bytes === 0 && server.bytes === 0;
  return closed === 'rst' && closedBy === 'server' && handshakeMs === undefined && isEmpty;
}

/** How a connection went, in a sentence or two. */
export function connectionStory(connection: Connection): string {
  if (isRefused(connection))
    return 'The server refused the connection: nothing listens at this address and port.';
  const lasted = duration(new Date(connection.end).getTime() - new Date(connection.start).getTime());
  const how = ENDINGS[connection.closed];
  const end =
    how !== undefined && connection.closedBy !== 'none'
      ? `The ${connection.closedBy} closed it ${how}`
      : (WITHOUT_CLOSER[connection.closed] ?? `It ended: ${connection.closed.slice(0, 40)}.`).replace(
          /\.$/,
          '',
        );
  const hands =
    connection.handshakeMs === undefined
      ? 'Its beginning was not seen.'
      : `The handshake took ${duration(connection.handshakeMs)}.`;
  return `${end}, after ${lasted}. ${hands}`;
}
