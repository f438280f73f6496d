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

/** How a connection went, in a sentence or two. */
export function connectionStory(connection: Connection): string {
  const lasted = duration(new Date(connection.end).getTime() - new Date(connection.start).getTime());
  if (connection.closed === 'refused')
    return `The server refused the connection, after ${lasted}: nothing listens at this address and port, or a firewall rejects it.`;
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
