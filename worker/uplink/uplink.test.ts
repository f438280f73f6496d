import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { exchangeRecord } from '../../test/records.ts';
import type { UplinkRefused } from './error.ts';
import { Uplink, type UplinkOptions } from './uplink.ts';

const until = (what: () => unknown) => vi.waitUntil(what, 20_000);

/** A hub that does what the test says. */
class FakeHub {
  readonly server: WebSocketServer;
  readonly sockets: WebSocket[] = [];
  readonly hellos: Record<string, unknown>[] = [];
  readonly statuses: { counters: Record<string, number>; done?: boolean }[] = [];
  readonly received: number[] = [];
  authorization: string | undefined;
  committed = 0;
  acknowledges = true;

  readonly port: number;

  static async open(port = 0): Promise<FakeHub> {
    const server = new WebSocketServer({ port, host: '127.0.0.1' });
    await once(server, 'listening');
    return new FakeHub(server);
  }
  private constructor(server: WebSocketServer) {
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    this.server.on('connection', (socket, request) => {
      this.authorization = request.headers.authorization;
      this.sockets.push(socket);
      socket.on('message', (data: Buffer, isBinary) => this.#hear(socket, data, isBinary));
    });
  }
  acknowledge(): void {
    this.committed = Math.max(0, ...this.received);
    this.sockets.at(-1)!.send(JSON.stringify({ type: 'ack', batch: this.committed }));
  }
  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    await new Promise((resolve) => this.server.close(resolve));
  }
  #hear(socket: WebSocket, data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      this.received.push(data.readUInt32LE(4));
      if (this.acknowledges) this.acknowledge();
      return;
    }
    const message = JSON.parse(String(data));
    if (message.type === 'hello') {
      this.hellos.push(message);
      socket.send(JSON.stringify({ type: 'welcome', lastBatch: this.committed }));
    } else {
      this.statuses.push(message);
    }
  }
}

let hub: FakeHub;
let uplink: Uplink | undefined;
const silent = { info: () => {}, warn: () => {} };
const record = exchangeRecord();

beforeEach(async () => {
  hub = await FakeHub.open();
});
afterEach(async () => {
  await uplink?.close(0);
  uplink = undefined;
  await hub.close();
});

function connect(changes: Partial<UplinkOptions> = {}): Uplink {
  uplink = new Uplink({
    url: `ws://127.0.0.1:${hub.port}/worker`,
    credentials: () => ({ token: 'a-token' }),
    worker: { version: '0.1.0', node: 'n1', mode: 'live', sources: ['any'], limits: {} },
    status: () => ({ counters: { packets: 5 } }),
    onRefused: () => {},
    log: silent,
    ...changes,
  });
  return uplink;
}

test('says hello with its token, sends batches in order, and delivers all before it closes', async () => {
  const link = connect();
  for (let i = 0; i < 20; i++) link.send(record, 1);
  const report = await link.close(5000);
  expect(report).toEqual({ undeliveredBatches: 0, undeliveredFlows: 0, droppedFlows: 0 });
  expect(hub.authorization).toBe('Bearer a-token');
  expect(hub.hellos).toMatchObject([{ wire: 1, session: link.session, node: 'n1' }]);
  expect(hub.received).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(hub.statuses.at(-1)?.counters).toMatchObject({ packets: 5, spoolDroppedFlows: 0 });
});

test('after a lost connection it sends what is not committed, and only that, with the same session', async () => {
  hub.acknowledges = false;
  const link = connect();
  for (let i = 0; i < 5; i++) link.send(record, 1);
  await until(() => hub.received.length === 5);
  hub.committed = 3; // committed, but the acknowledgement is lost with the connection
  hub.received.length = 0;
  hub.acknowledges = true;
  hub.sockets[0].terminate();
  link.send(record, 1);
  const report = await link.close(5000);
  expect(report.undeliveredFlows).toBe(0);
  expect(hub.received).toEqual([4, 5, 6]);
  expect(hub.hellos.map((hello) => hello['session'])).toEqual([link.session, link.session]);
});

test('a hub that is not there yet is called until it is', async () => {
  const { port } = hub;
  await hub.close();
  const link = connect({ url: `ws://127.0.0.1:${port}/worker` });
  link.send(record, 1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(link.connected).toBe(false);
  hub = await FakeHub.open(port);
  expect((await link.close(10_000)).undeliveredFlows).toBe(0);
  expect(hub.received).toEqual([1]);
});

test('room() holds a file back until the spool is half empty, and nothing is dropped', async () => {
  hub.acknowledges = false;
  const link = connect({
    spoolBytes: 20_000,
    worker: { version: '0.1.0', node: 'n1', mode: 'file', sources: ['a.pcap'], limits: {} },
  });
  let sent = 0;
  const sending = (async () => {
    while (sent < 200) {
      await link.room();
      link.send(record, 1);
      sent++;
    }
  })();
  await until(() => hub.received.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(sent).toBeLessThan(200);
  expect(link.counters['spoolBytes']).toBeLessThan(20_000 + 2 * record.length);
  hub.acknowledges = true;
  hub.acknowledge();
  await sending;
  expect(await link.close(5000)).toEqual({ undeliveredBatches: 0, undeliveredFlows: 0, droppedFlows: 0 });
  expect(hub.received).toHaveLength(200);
});

test('what is dropped on live traffic is counted', async () => {
  await hub.close();
  const link = connect({ spoolBytes: record.length * 5 });
  for (let i = 0; i < 20; i++) link.send(record, 3);
  const report = await link.close(0);
  expect(report.droppedFlows).toBeGreaterThan(40);
  expect(report.droppedFlows + report.undeliveredFlows).toBe(60);
  hub = await FakeHub.open();
});

test('a refusal stops it, with the reason', async () => {
  hub.server.removeAllListeners('connection');
  hub.server.on('connection', (socket) => {
    hub.sockets.push(socket);
    socket.send(JSON.stringify({ type: 'refuse', code: 'WIRE_VERSION', message: 'Use the same Remora.' }));
    socket.close(1008);
  });
  const refused = new Promise<UplinkRefused>((resolve) => connect({ onRefused: resolve }));
  expect(await refused).toMatchObject({ code: 'WIRE_VERSION', message: 'Use the same Remora.' });
  await expect(uplink!.room()).rejects.toMatchObject({ code: 'WIRE_VERSION' });
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(hub.sockets).toHaveLength(1);
});

test('a wrong token stops it too', async () => {
  const { port } = hub;
  await hub.close();
  hub = await FakeHub.open(port);
  hub.server.options.verifyClient = (_info, next) => next(false, 401);
  const refused = new Promise<UplinkRefused>((resolve) => connect({ onRefused: resolve }));
  expect((await refused).code).toBe('UNAUTHORIZED');
});

test('a refusal that may be mended is told of, and it goes on trying', async () => {
  const told: (string | undefined)[] = [];
  let lets = false;
  hub.server.options.verifyClient = (_info, next) => next(lets, 401);
  const link = connect({ onRefused: undefined, onChange: (problem) => told.push(problem?.code) });
  link.send(record, 1);
  await until(() => told.length > 0);
  lets = true;
  expect((await link.close(5000)).undeliveredFlows).toBe(0);
  expect(told).toEqual(['UNAUTHORIZED', undefined]);
});

test('a connection that is dead at the other end is left, and nothing is lost with it', async () => {
  const told: (string | undefined)[] = [];
  const link = connect({ silenceMs: 1200, onChange: (problem) => told.push(problem?.code) });
  await until(() => link.connected);
  // As when the node of the hub loses its power: no answer, and no end.
  hub.sockets[0].pause();
  link.send(record, 1);
  await until(() => told.length === 3);
  expect(told).toEqual([undefined, 'HUB_SILENT', undefined]);
  expect(await link.close(5000)).toEqual({ undeliveredBatches: 0, undeliveredFlows: 0, droppedFlows: 0 });
  expect(hub.received).toEqual([1]);
});

test('a hub that talks nonsense is left and called again', async () => {
  hub.server.removeAllListeners('connection');
  hub.server.on('connection', (socket) => {
    hub.sockets.push(socket);
    socket.send('{{{');
  });
  connect();
  await until(() => hub.sockets.length >= 2);
});

test('close says within its time limit what was not delivered', async () => {
  hub.acknowledges = false;
  const link = connect();
  link.send(record, 4);
  link.send(record, 4);
  const start = performance.now();
  expect(await link.close(300)).toMatchObject({ undeliveredBatches: 2, undeliveredFlows: 8 });
  expect(performance.now() - start).toBeLessThan(1500);
});
