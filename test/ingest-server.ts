import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { INGEST_LIMITS } from '../hub/ingest/limits.ts';
import { FingerprintMerger } from '../hub/ingest/merge.ts';
import { AddressNamer } from '../hub/ingest/namer.ts';
import type { TargetSource } from '../hub/ingest/target-source.ts';
import { WorkerServer } from '../hub/ingest/worker-server.ts';
import type { Arrival, Store } from '../hub/store/store.ts';

/** A WorkerServer behind a real WebSocket on loopback, without the rest of the hub. */
export interface IngestServer {
  url: string;
  workers: WorkerServer;
  close(): Promise<void>;
}

export async function startIngest(
  store: Store,
  options: {
    port?: number;
    onCommitted?: (arrivals: readonly Arrival[]) => void;
    targets?: TargetSource;
  } = {},
): Promise<IngestServer> {
  const workers = new WorkerServer({
    store,
    namer: new AddressNamer(),
    merger: new FingerprintMerger(0),
    onCommitted: options.onCommitted ?? (() => {}),
    log: { info: () => {}, error: () => {} },
    targets: options.targets,
  });
  const server = new WebSocketServer({
    port: options.port ?? 0,
    host: '127.0.0.1',
    maxPayload: INGEST_LIMITS.ingestFrameBytes,
    perMessageDeflate: false,
  });
  server.on('connection', (socket) => workers.accept(socket));
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/worker`,
    workers,
    async close() {
      await workers.close();
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
