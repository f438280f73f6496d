import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { PassThrough } from 'node:stream';
import * as k8s from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { KubeServer } from '../server.ts';

let kube: KubeServer;
let config: k8s.KubeConfig;
let echo: Server;
let uid: string;

beforeAll(async () => {
  kube = await KubeServer.start({ controllers: false });
  config = new k8s.KubeConfig();
  config.loadFromFile(kube.kubeconfig());
  const pod = kube.objects.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: { nodeName: 'node1', containers: [{ name: 'c', image: 'x' }] },
    status: { phase: 'Running' },
  } as k8s.KubernetesObject);
  uid = pod.metadata.uid!;
  echo = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  kube.ports.open(uid, 8080, (echo.address() as AddressInfo).port);
});

afterAll(async () => {
  echo.close();
  await kube.stop();
});

test('a forwarded port leads to a local one, through the real client', async () => {
  const forward = new k8s.PortForward(config);
  const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const socket = await forward.portForward('default', 'p', [8080], output, errors, input);
  input.write('hello');
  await expect.poll(() => output.read()?.toString()).toBe('hello');
  (socket as WebSocket).close();
});

test('a port where nothing listens is told on the error channel', async () => {
  const forward = new k8s.PortForward(config);
  const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
  await forward.portForward('default', 'p', [9999], output, errors, input);
  await expect.poll(() => errors.read()?.toString()).toContain('connect: connection refused');
});

test('a command with its output and its exit code, through the real client', async () => {
  kube.execs.command('greet', async (argv, io) => {
    io.out(`hello ${argv[1]}\n`);
    io.err('careful\n');
    return 3;
  });
  const [out, err] = [new PassThrough(), new PassThrough()];
  const status = await new Promise<k8s.V1Status>((resolve, reject) => {
    new k8s.Exec(config)
      .exec('default', 'p', 'c', ['greet', 'you'], out, err, null, false, resolve)
      .catch(reject);
  });
  expect(status).toMatchObject({
    status: 'Failure',
    reason: 'NonZeroExitCode',
    details: { causes: [{ message: '3' }] },
  });
  expect(out.read()?.toString()).toBe('hello you\n');
  expect(err.read()?.toString()).toBe('careful\n');
});

function dial(protocols: string[], user = 'admin'): Promise<{ status: number; protocol: string }> {
  const url = `${kube.url.replace('http', 'ws')}/api/v1/namespaces/default/pods/p/portforward?ports=8080`;
  const headers = { authorization: `Bearer ${kube.token(user)}` };
  const socket = new WebSocket(url, protocols, { ca: kube.ca!, headers });
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      resolve({ status: 101, protocol: socket.protocol });
      socket.terminate();
    });
    socket.on('unexpected-response', (request, response) => {
      resolve({ status: response.statusCode!, protocol: '' });
      request.destroy();
    });
    socket.on('error', reject);
  });
}

test('what a server of 1.26 answers to which offer', async () => {
  expect(await dial(['v4.channel.k8s.io'])).toEqual({ status: 101, protocol: 'v4.channel.k8s.io' });
  expect(await dial(['v5.channel.k8s.io', 'v4.channel.k8s.io'])).toEqual({
    status: 101,
    protocol: 'v4.channel.k8s.io',
  });
  expect(await dial(['v5.channel.k8s.io'])).toEqual({ status: 403, protocol: '' });
});

test('a WebSocket to a port needs the right to get it, not to create it', async () => {
  const rule = (verb: string) => ({ verbs: [verb], apiGroups: [''], resources: ['pods/portforward'] });
  kube.addUser('creator', [rule('create')]);
  kube.addUser('getter', [rule('get')]);
  expect((await dial(['v4.channel.k8s.io'], 'creator')).status).toBe(403);
  expect((await dial(['v4.channel.k8s.io'], 'getter')).status).toBe(101);
});

test('streams can be broken, and can fall silent', async () => {
  const url = `${kube.url.replace('http', 'ws')}/api/v1/namespaces/default/pods/p/portforward?ports=8080`;
  const open = () =>
    new WebSocket(url, ['v4.channel.k8s.io'], {
      ca: kube.ca!,
      headers: { authorization: `Bearer ${kube.token()}` },
    });
  const broken = open();
  const closed = new Promise<number>((resolve) => broken.on('close', resolve));
  await new Promise((resolve) => broken.once('message', resolve));
  expect(kube.streams.cut('reset')).toBe(1);
  expect(await closed).toBe(1006);

  const silent = open();
  const heard: string[] = [];
  silent.on('message', (data) => heard.push(data.toString()));
  await expect.poll(() => heard.length).toBe(2);
  kube.streams.cut('half-open');
  silent.send(Buffer.from('\0hello'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(heard).toHaveLength(2);
  expect(silent.readyState).toBe(WebSocket.OPEN);
  silent.terminate();
});

const logPath = '/api/v1/namespaces/default/pods/p/log';

test('logs: the end, with times, followed, of the run before', async () => {
  const core = config.makeApiClient(k8s.CoreV1Api);
  const read = (more: object = {}) => core.readNamespacedPodLog({ name: 'p', namespace: 'default', ...more });
  kube.logs.write(uid, 'c', 'one\ntwo\nthree\n');
  expect(await read({ tailLines: 2 })).toBe('two\nthree\n');
  expect(await read({ tailLines: 1, timestamps: true })).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]{18}Z three\n$/);
  await expect(read({ previous: true })).rejects.toMatchObject({
    code: 400,
    body: expect.stringContaining('previous terminated container'),
  });
  await expect(read({ container: 'nope' })).rejects.toMatchObject({
    body: expect.stringContaining('container nope is not valid for pod p'),
  });
  kube.logs.restart(uid, 'c');
  expect(await read({ previous: true })).toBe('one\ntwo\nthree\n');

  const heard = new PassThrough();
  let text = '';
  heard.on('data', (part: Buffer) => {
    text += part;
  });
  const stop = await new k8s.Log(config).log('default', 'p', 'c', heard, { follow: true });
  kube.logs.write(uid, 'c', 'live\n');
  await expect.poll(() => text).toBe('live\n');
  stop.abort();
  expect(kube.requests.filter(({ path }) => path.startsWith(logPath)).length).toBeGreaterThan(5);
});

test('the log of a container that never started says why there is none', async () => {
  const waiting = { reason: 'ImagePullBackOff', message: '' };
  kube.objects.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'stuck', namespace: 'default' },
    spec: { nodeName: 'node1', containers: [{ name: 'c', image: 'x' }] },
    status: { phase: 'Pending', containerStatuses: [{ name: 'c', state: { waiting }, restartCount: 0 }] },
  } as unknown as k8s.KubernetesObject);
  const core = config.makeApiClient(k8s.CoreV1Api);
  await expect(core.readNamespacedPodLog({ name: 'stuck', namespace: 'default' })).rejects.toMatchObject({
    code: 400,
    body: expect.stringContaining(
      'container \\"c\\" in pod \\"stuck\\" is waiting to start: trying and failing to pull image',
    ),
  });
});
