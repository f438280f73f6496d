import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { HubError } from '../errors.ts';
import type { Auth } from './auth.ts';
import { writeAnswer } from './bare-answer.ts';
import { errorAnswer } from './error-answer.ts';
import type { Site } from './site.ts';

/** A place that WebSockets can be opened at. */
export interface Door {
  /** Longest message, bytes. */
  maxPayload: number;
  /** Throws HubError where this request may not come in. */
  check(request: IncomingMessage): void;
  accept(socket: WebSocket, request: IncomingMessage): void;
}

/** `/api/v1/live`: for people and scripts. */
export function checkLive(request: IncomingMessage, auth: Auth, site: Site): void {
  const { headers } = request;
  site.check(headers);
  auth.checkBrowser(headers);
  // Browsers always send Origin here. A cookie without one comes from something that only looks like a browser.
  if (headers.authorization === undefined && headers.origin === undefined)
    throw new HubError('ORIGIN_NOT_ALLOWED');
}

/** `/worker`: workers are no browsers, send no Origin, and may reach the hub by any name. */
export function checkWorker(request: IncomingMessage, auth: Auth): void {
  if (request.headers.origin !== undefined) throw new HubError('ORIGIN_NOT_ALLOWED');
  auth.checkWorker(request.headers);
}

/**
 * Lets WebSockets in by path; every other upgrade is refused. Returns a function that cuts off all that are
 * open: for those that do not answer a goodbye.
 */
export function openDoors(server: Server, doors: Readonly<Record<string, Door>>): () => void {
  const rooms = new Map(
    Object.entries(doors).map(([path, { maxPayload, ...door }]) => {
      const sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false });
      return [path, { ...door, sockets }];
    }),
  );
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    try {
      const room = rooms.get(request.url?.split('?', 1)[0] ?? '');
      if (room === undefined) throw new HubError('ROUTE_NOT_FOUND');
      room.check(request);
      room.sockets.handleUpgrade(request, socket, head, (opened) => room.accept(opened, request));
    } catch (error) {
      const { status, body } = errorAnswer(error);
      writeAnswer(socket, status, body);
    }
  });
  return () => {
    for (const { sockets } of rooms.values()) for (const socket of sockets.clients) socket.terminate();
  };
}
