import { WebSocket } from 'ws';
import type { Credentials } from './credentials.ts';

/** From the hub, bytes: what it sends is short. */
const LONGEST_MESSAGE = 64 * 1024;

/** Begins to connect to the hub. */
export function dial(url: string, { token, ca }: Credentials): WebSocket {
  return new WebSocket(url, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
    // Masking guards proxies between from what a browser's page may send. Here it would cost as much as the rest of the sending, and
    // there is TLS or loopback between the ends. A mask of zeros is left out by both (RFC 6455 §5.3).
    generateMask: (mask) => mask.fill(0),
    maxPayload: LONGEST_MESSAGE,
    // Said although these are the defaults: the environment can change those (NODE_TLS_REJECT_UNAUTHORIZED).
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
  });
}
