import type { Server } from 'node:http';
import { API_LIMITS } from './limits.ts';

/** Keeps the number of sockets bounded, and tells of it and of the other limits of the API. */
export class Connections {
  readonly limits: Record<string, number> = { ...API_LIMITS };
  readonly counters = { connectionsRefused: 0 };

  /** From now on the server takes no more sockets than the limit. */
  limit(server: Server): void {
    server.maxConnections = API_LIMITS.connections;
    server.on('drop', () => {
      this.counters.connectionsRefused++;
    });
  }
}
