/** The forward through the test API server, to small TLS servers that stand behind pods. */
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createCredentials } from '../../deploy/credentials.ts';
import type { Credentials } from '../../deploy/options.ts';
import { KubeServer } from '../../test/kube/server.ts';
import { Kube } from './client.ts';
import { Forward } from './forward.ts';

const LABELS = { app: 'hub' };
const PORT = 8898;

let server: KubeServer;
let kube: Kube;
let credentials: Credentials;
let forward: Forward;
let heard: string[];
/** That the hub could get rid of. */
let endlessBytes = 0;
/** What ends all that stands behind pods. */
const ends: (() => void)[] = [];

beforeEach(async () => {
  server = await KubeServer.start({ nodes: ['node1'] });
  kube = Kube.open({ kubeconfig: server.kubeconfig() });
  credentials = await createCredentials('remora');
  server.objects.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'remora' } });
  heard = [];
  forward = new Forward(kube, {
    lost: (error) => heard.push(`lost: ${error.message}`),
    restored: () => heard.push('restored'),
  });
  await forward.open(0);
});

afterEach(async () => {
  forward.close();
  kube.close();
  for (const end of ends.splice(0)) end();
  await server.stop();
});

const lead = (ca = credentials.caCertificate) =>
  forward.lead({ namespace: 'remora', labelSelector: 'app=hub', port: PORT, ca, serverName: 'remora-hub' });

/** A ready pod with a TLS server behind its port, which answers with its name, echoes, or never ends. Gives its end. */
async function startPod(name: string, certificates = credentials): Promise<() => void> {
  const { serverCertificate: cert, serverKey: key } = certificates;
  const hub = createServer({ cert, key }, (incoming, outgoing) => {
    if (incoming.method === 'POST') incoming.pipe(outgoing);
    else if (incoming.url === '/endless') sendEndlessly(outgoing);
    else outgoing.end(name);
  });
  const sockets = new WebSocketServer({ server: hub });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`${name} ${data}`)));
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  const end = () => {
    for (const socket of sockets.clients) socket.terminate();
    hub.closeAllConnections();
    hub.close();
  };
  ends.push(end);
  server.objects.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'remora', labels: LABELS },
    spec: { containers: [{ name: 'hub', image: 'hub' }] },
  } as never);
  const stored = () => server.objects.get('pods', 'remora', name);
  await expect.poll(() => JSON.stringify(stored()?.['status'])).toContain('"type":"Ready","status":"True"');
  server.ports.open(stored()?.metadata.uid ?? '', PORT, (hub.address() as AddressInfo).port);
  return end;
}

const CHUNK = Buffer.alloc(256 * 1024);

function sendEndlessly(outgoing: ServerResponse): void {
  const send = () => {
    while (!outgoing.destroyed) {
      endlessBytes += CHUNK.length;
      if (!outgoing.write(CHUNK)) return void outgoing.once('drain', send);
    }
  };
  send();
}

/** A new connection each time. */
async function ask(path = '/', init: RequestInit = {}): Promise<string> {
  const answer = await fetch(`${forward.url}${path}`, { ...init, headers: { connection: 'close' } });
  return `${answer.status} ${await answer.text()}`;
}

test('a browser speaks plain HTTP here and the hub hears TLS', async () => {
  await startPod('hub-1');
  lead();
  expect(await ask()).toBe('200 hub-1');
  expect(heard).toEqual([]);
});

test('connections that come before it is known where to go, and before there is a pod, wait', async () => {
  const early = ask();
  lead();
  const second = ask();
  setTimeout(() => void startPod('hub-1'), 400);
  expect(await Promise.all([early, second])).toEqual(['200 hub-1', '200 hub-1']);
  expect(heard[0]).toMatch(/^lost: the hub's pod is not there/);
  expect(heard.at(-1)).toBe('restored');
});

test('megabytes go both ways whole', async () => {
  await startPod('hub-1');
  lead();
  const body = Buffer.alloc(5_000_000, 'abcdefghij');
  const answer = await fetch(`${forward.url}/`, { method: 'POST', body });
  expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
});

test('many connections at a time', async () => {
  await startPod('hub-1');
  lead();
  const answers = await Promise.all(Array.from({ length: 40 }, () => ask()));
  expect(new Set(answers)).toEqual(new Set(['200 hub-1']));
});

test('a slow reader holds the hub back instead of filling memory', async () => {
  await startPod('hub-1');
  lead();
  const { hostname, port } = new URL(forward.url);
  const outgoing = request({ hostname, port, path: '/endless' }).end();
  outgoing.on('error', () => {});
  const answer = await new Promise<IncomingMessage>((resolve) => outgoing.on('response', resolve));
  answer.on('error', () => {});
  answer.pause();
  let before = -1;
  const still = () => {
    const same = endlessBytes === before;
    before = endlessBytes;
    return same;
  };
  await expect.poll(still, { interval: 700, timeout: 20_000 }).toBe(true);
  expect(endlessBytes).toBeGreaterThan(0);
  expect(endlessBytes).toBeLessThan(40 * 1024 * 1024);
  outgoing.destroy();
});

test('WebSockets go through, and end with the pod; a new pod takes the next one', async () => {
  const endFirst = await startPod('hub-1');
  lead();
  const talk = async (text: string) => {
    const socket = new WebSocket(forward.url.replace('http', 'ws'));
    const answer = new Promise((resolve) => socket.once('message', (data) => resolve(String(data))));
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(text);
    return { socket, answer: await answer };
  };
  const { socket, answer } = await talk('hello');
  expect(answer).toBe('hub-1 hello');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  endFirst();
  server.objects.remove('pods', 'remora', 'hub-1');
  await closed;
  setTimeout(() => void startPod('hub-2'), 300);
  const next = await talk('again');
  expect(next.answer).toBe('hub-2 again');
  next.socket.terminate();
});

test('a port-forward that breaks ends its connection, and the next one works', async () => {
  await startPod('hub-1');
  lead();
  const socket = new WebSocket(forward.url.replace('http', 'ws'));
  await new Promise((resolve) => socket.once('open', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  server.streams.cut('reset');
  await closed;
  expect(await ask()).toBe('200 hub-1');
});

test('a hub with a certificate of another authority gets nothing: the answer is 503 and says why', async () => {
  await startPod('hub-1', await createCredentials('remora'));
  lead();
  // Asked with a connection that does not want to wait as long as a browser would.
  const answer = ask();
  await expect.poll(() => heard[0], { timeout: 5_000 }).toMatch(/^lost: .*certificate/);
  forward.close();
  await expect(answer).rejects.toThrow();
});

test('who may not forward ports is told at once, with the reason in the answer', async () => {
  await startPod('hub-1');
  const rights = [{ verbs: ['list'], apiGroups: [''], resources: ['pods'] }];
  server.addUser('weak', rights, ['remora']);
  const weak = Kube.open({ kubeconfig: server.kubeconfig('weak') });
  const own = new Forward(weak, { lost: () => {}, restored: () => {} });
  await own.open(0);
  own.lead({
    namespace: 'remora',
    labelSelector: 'app=hub',
    port: PORT,
    ca: credentials.caCertificate,
    serverName: 'remora-hub',
  });
  const answer = await fetch(own.url);
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain('portforward');
  own.close();
  weak.close();
});

test('a client that goes away while it waits is forgotten', async () => {
  const { hostname, port } = new URL(forward.url);
  const socket = connect(Number(port), hostname);
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.destroy();
  await startPod('hub-1');
  lead();
  expect(await ask()).toBe('200 hub-1');
});

test('a port in use is told by the error of the system', async () => {
  const other = new Forward(kube, { lost: () => {}, restored: () => {} });
  await expect(other.open(Number(new URL(forward.url).port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
